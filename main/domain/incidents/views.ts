import { agentName } from '../ids.ts'
import { lastGoodPoint } from '../points/keeping.ts'
import { rollbackPlan } from '../rollback/rollbackPlan.ts'
import type { ProjectRecord, Run, State } from '../state.ts'
import { diagnose } from './diagnose.ts'
import { type Cause, type Choice, type Incident, isActive, respondBy } from './incident.ts'
import { SEVERITIES } from './policy.ts'
import { FIX_FORWARD, FIXED, remedyOf } from './remedies.ts'

/** What views, the tray and the command line show of incidents. */

/** What a person has to do with one now; null: nothing. */
export type Call = 'acknowledge' | 'decide' | 'mend' | 'close' | 'learn' | null

export function callOf(incident: Incident): Call {
  switch (incident.state) {
    case 'open':
    case 'acknowledged':
      if (incident.acknowledged === null && incident.called !== null) return 'acknowledge'
      if (incident.quietSince !== null && incident.remedy?.ok !== false) return 'close'
      if (incident.diagnosis !== null) return 'decide'
      return incident.acknowledged === null ? 'acknowledge' : null
    case 'mitigating':
      return incident.remedy?.run === null ? 'mend' : null
    case 'resolved':
      return 'close'
    case 'closed':
      return incident.followUps.some(({ done }) => done === null) ? 'learn' : null
    case 'verifying':
    case 'merged':
      return null
  }
}

export interface Board {
  /** The worst first, then the one whose time is up first. */
  readonly active: readonly Incident[]
  readonly resolved: readonly Incident[]
  /** Closed or merged, the newest first. */
  readonly over: readonly Incident[]
  /** How many of the active ones wait for a person. */
  readonly needYou: number
}

export function incidentBoard({ incidents }: Pick<ProjectRecord, 'incidents'>): Board {
  const active = incidents.filter(isActive)
  const bySeverity = (one: Incident): number => SEVERITIES.indexOf(one.severity)
  const due = (one: Incident): number => respondBy(one) ?? Number.POSITIVE_INFINITY
  return {
    active: active.toSorted((a, b) => bySeverity(a) - bySeverity(b) || due(a) - due(b) || a.since - b.since),
    resolved: incidents.filter(({ state }) => state === 'resolved').toReversed(),
    over: incidents.filter(({ state }) => state === 'closed' || state === 'merged').toReversed(),
    needYou: active.filter((one) => callOf(one) !== null).length,
  }
}

/** One check beside the others: what it found, or how far it is. */
export interface CheckView {
  readonly check: string
  readonly title: string
  readonly role: string
  /** `BuildMaster/asset-integrity#1`; null before it is given to anybody. */
  readonly agent: string | null
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly text: string
  readonly cause: string | null
  readonly confidence: number | null
  /** Null where that is not known yet. */
  readonly startedAt: number | null
  readonly tookMs: number | null
}

export interface ChoiceView extends Choice {
  readonly recommended: boolean
  /** Of a rollback: the point it would go back to where no other is chosen. */
  readonly point: string | null
  /** From what it took before; null where it was never measured. */
  readonly expectedMs: number | null
  /** What stays done, whatever is put back; in words. */
  readonly cannot: readonly string[]
}

export interface IncidentPage {
  readonly incident: Incident
  readonly call: Call
  /** Until when somebody has to acknowledge it, engine ms; null when that is done. */
  readonly respondBy: number | null
  readonly checks: readonly CheckView[]
  /** While checks are under way, of what they have found so far. */
  readonly causes: readonly Cause[]
  readonly isFinal: boolean
  readonly choices: readonly ChoiceView[]
  /** The run that carries out or verifies what was decided, while it is live. */
  readonly run: Run | null
}

export function incidentPage(state: State, project: ProjectRecord, id: string): IncidentPage | undefined {
  const incident = project.incidents.find((one) => one.id === id)
  if (incident === undefined) return undefined
  const { diagnosis, checks, verification, remedy } = incident
  const run = verification?.run ?? remedy?.run ?? null
  return {
    incident,
    call: callOf(incident),
    respondBy: respondBy(incident),
    checks: checksOf(incident, checks?.run == null ? undefined : state.runs.get(checks.run)),
    causes: diagnosis?.causes ?? diagnose(incident.playbook?.diagnosis ?? [], incident.findings),
    isFinal: diagnosis !== null,
    choices: choicesNow(project, incident),
    run: run === null ? null : (state.runs.get(run) ?? null),
  }
}

function checksOf(incident: Incident, run: Run | undefined): readonly CheckView[] {
  const found = incident.findings.map(
    ({ check, title, role, by, ok, text, cause, confidence, tookMs, at }): CheckView => ({
      check,
      title,
      role,
      agent: `${role}/${by.slice(by.indexOf('/') + 1)}`,
      state: ok ? 'done' : 'failed',
      text,
      cause,
      confidence,
      startedAt: tookMs === null ? null : at - tookMs,
      tookMs,
    }),
  )
  if (run === undefined) return found
  return run.plan.tasks.map((task, i): CheckView => {
    const told = found.find(({ check }) => check === task.id)
    if (told !== undefined) return told
    const { current } = run.tasks.get(i)!
    return {
      check: task.id,
      title: task.title,
      role: current?.role ?? task.role ?? '',
      agent: current === null ? null : agentName(current.role, task.id, current.n),
      state: current?.startedAt == null ? 'waiting' : 'running',
      text: current?.progress?.text ?? '',
      cause: null,
      confidence: null,
      startedAt: current?.startedAt ?? null,
      tookMs: null,
    }
  })
}

function choicesNow(project: ProjectRecord, incident: Incident): readonly ChoiceView[] {
  const { state, choices, remedy, diagnosis } = incident
  if (state === 'mitigating' && remedy?.run === null) return [PLAIN]
  if (state !== 'open' && state !== 'acknowledged') return []
  const first = choices.find(({ barred }) => barred === null)
  const isLikely = diagnosis !== null && diagnosis.causes.length > 0
  return choices.map((choice) => ({
    ...choice,
    recommended: isLikely && choice === first && choice.id !== FIX_FORWARD,
    ...preview(project, incident, choice),
  }))
}

const PLAIN: ChoiceView = {
  id: FIXED,
  title: 'It is mended',
  cause: null,
  approval: 'person',
  irreversible: [],
  barred: null,
  recommended: true,
  point: null,
  expectedMs: null,
  cannot: [],
}

function preview(
  project: ProjectRecord,
  { target, playbook }: Incident,
  { id, irreversible }: Choice,
): Pick<ChoiceView, 'point' | 'expectedMs' | 'cannot'> {
  const none = { point: null, expectedMs: null, cannot: irreversible }
  if (id !== 'rollback' || target === null) return none
  const point = lastGoodPoint(project.points, target)
  const planned = point === undefined ? undefined : rollbackPlan(project, target, point.id, { move: null })
  if (planned?.ok !== true) return none
  const { expectedMs, cannot } = planned.plan
  const own = playbook?.remedies.find(({ act }) => act.do === 'rollback')?.irreversible ?? []
  return { point: point!.id, expectedMs, cannot: [...new Set([...cannot, ...own])] }
}

/** The remedy's own words for what a choice does. */
export function titleOfChoice(incident: Incident, choice: string): string {
  return remedyOf(incident, choice)?.title ?? choice
}
