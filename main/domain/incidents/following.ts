import type { Draft } from '../draft.ts'
import type { EventEnvelope, EventOf } from '../events.ts'
import { flappingTrouble } from '../health/offering.ts'
import { attemptId, type ProjectId } from '../ids.ts'
import type { Run, State } from '../state.ts'
import { call, incidentOf, ofProject, recordOf } from './access.ts'
import { expertLeads } from './authority.ts'
import { diagnose } from './diagnose.ts'
import { findingOf } from './findings.ts'
import { type Incident, isActive } from './incident.ts'
import { putBackVerified, puttingBack } from './puttingBack.ts'
import { raiseIncident } from './raising.ts'
import { choicesOf } from './remedies.ts'
import { decideRemedy, failed, mitigated, resolved, settled, verified } from './remedying.ts'
import { restoreTested } from './restoreTests.ts'

/** What comes back so often is not mended by what the engine does alone: it would go on for ever. */
export const MOST_BY_ITSELF = 3

/**
 * What follows for incidents from all that happened in a command: findings of their checks, the diagnosis once all are
 * over, the end of a remedy and of its verification; and new ones, from what went wrong at a target. True when a run
 * was started, which has to be scheduled. Every step is on record together with what called for it.
 */
export function sweepIncidents(draft: Draft, before: State, first: number): boolean {
  const runs = draft.state.runs
  // What follows may be followed in its turn.
  for (let i = first; i < draft.events.length; i++) follow(draft, draft.events[i]!)
  for (const { id, targets } of [...draft.state.projects.values()]) {
    const known = before.projects.get(id)?.targets
    if (known === targets) continue
    for (const [name, { state, reason }] of Object.entries(targets)) {
      const isBad = state === 'unhealthy' || state === 'half'
      if (isBad && known?.[name]?.state !== state) unwell(draft, id, name, reason ?? `it is ${state}`)
    }
  }
  return draft.state.runs !== runs && [...draft.state.runs.keys()].some((id) => !runs.has(id))
}

function follow(draft: Draft, { run: id, data, project }: EventEnvelope): void {
  if (data.type === 'point.tested' && project !== null) restoreTested(draft, project, data)
  if (id === null) return
  const run = draft.state.runs.get(id)
  if (run === undefined) return
  switch (data.type) {
    case 'run.started':
      rollingBack(draft, run)
      return
    case 'task.completed':
      checkEnded(draft, run, data.task)
      return
    case 'task.failed':
      if (data.next === null) checkEnded(draft, run, data.task)
      return
    case 'task.blocked':
      if (data.by === 'flapping') flapped(draft, run, data.task)
      return
    case 'agent.exited':
    case 'agent.terminated':
      if (data.outputs.verified === 'false') unverified(draft, run, data)
      return
    case 'run.settled':
      runEnded(draft, run)
      return
    case 'run.reopened':
      tried(draft, run)
      return
    default:
  }
}

function activeOf(draft: Draft, project: ProjectId): readonly Incident[] {
  return draft.state.projects.get(project)?.incidents.filter(isActive) ?? []
}

function checkEnded(draft: Draft, run: Run, task: number): void {
  const incident = activeOf(draft, run.project).find(({ checks }) => checks?.run === run.id)
  if (incident === undefined) return
  const finding = findingOf(run, task, draft.now)
  draft.emit(ofProject(run.project), { type: 'incident.found', id: incident.id, finding })
}

function runEnded(draft: Draft, run: Run): void {
  if (run.plan.recheck !== undefined) {
    const ok = run.status === 'completed' && !isDenied(run)
    putBackVerified(draft, run, ok, ok ? saidBy(run, 'it answers') : endOf(run))
  }
  for (const { id, checks, remedy, verification, state } of activeOf(draft, run.project)) {
    if (checks?.run === run.id) diagnosed(draft, run.project, id)
    else if (remedy?.run === run.id && state === 'mitigating') remedyEnded(draft, run, id)
    else if (verification?.run === run.id && state === 'verifying') {
      const detail = run.status === 'completed' ? saidBy(run, 'it is well again') : endOf(run)
      verified(draft, run.project, id, run.status === 'completed' && !isDenied(run), detail)
    }
  }
}

/** A remedy that had failed goes on, since somebody answered what it asked: it is the incident's again. */
function tried(draft: Draft, run: Run): void {
  for (const { id, remedy, state } of activeOf(draft, run.project)) {
    if (remedy?.run !== run.id || state !== 'acknowledged') continue
    const text = `${run.plan.epic} #${run.number} goes on`
    draft.emit(ofProject(run.project), { type: 'incident.mitigating', id, run: run.id, text })
  }
}

function remedyEnded(draft: Draft, run: Run, id: string): void {
  if (run.status !== 'completed') {
    failed(draft, run.project, id, endOf(run))
    return
  }
  const detail = `${run.plan.epic} #${run.number} completed`
  const isVerified = run.plan.tasks.some(({ action }) => action?.do === 'verify')
  if (!isVerified) {
    mitigated(draft, run.project, id, detail)
    return
  }
  draft.emit(ofProject(run.project), { type: 'incident.mitigated', id, ok: true, detail })
  if (!isDenied(run)) {
    resolved(draft, run.project, id, saidBy(run, detail))
    return
  }
  draft.emit(ofProject(run.project), { type: 'incident.verifying', id, run: run.id })
  verified(draft, run.project, id, false, saidBy(run, 'it does not verify'))
}

function endOf(run: Run): string {
  return `${run.plan.epic} #${run.number} ${run.status}${run.cause === null ? '' : `: ${run.cause}`}`
}

function isDenied(run: Run): boolean {
  return [...run.tasks].some(({ outputs }) => outputs.verified === 'false')
}

/** What the task that verified tells, else `words`. */
function saidBy(run: Run, words: string): string {
  for (const { outputs } of run.tasks)
    if (outputs.verified !== undefined && outputs.finding !== undefined) return outputs.finding.slice(0, 500)
  return words
}

/** All checks are over: the causes, what can be done, and where the playbook lets the engine do it, it is done. */
function diagnosed(draft: Draft, project: ProjectId, id: string): void {
  const incident = incidentOf(draft, project, id)
  const causes = diagnose(incident.playbook?.diagnosis ?? [], incident.findings)
  const choices = choicesOf(recordOf(draft, project), incident, causes)
  const expert = causes[0]?.evidence[0]?.check
  const found = incident.findings.find(({ check }) => check === expert)?.role
  const lead = expertLeads(incident.level) && found !== undefined ? found : incident.lead
  draft.emit(ofProject(project), {
    type: 'incident.diagnosed',
    id,
    causes: [...causes],
    choices: [...choices],
    lead,
  })
  const [top, first] = [causes[0], choices[0]]
  const isSure = top !== undefined && top.confidence >= (incident.playbook?.enough ?? 1)
  if (!isSure || first?.cause !== top.cause || first.approval !== 'automatic' || first.barred !== null) return
  if (incident.state !== 'open' && incident.state !== 'acknowledged') return
  if (incident.reopened >= MOST_BY_ITSELF) {
    call(draft, project, id, `it came back ${incident.reopened} times; decide whether ${first.title} helps`)
    return
  }
  const refused = decideRemedy(draft, project, id, { choice: first.id, point: null, by: 'engine' })
  if (refused !== undefined)
    call(draft, project, id, `${first.title} could not be started: ${refused.reason}`)
}

/** A person ordered a rollback for an incident. */
function rollingBack(draft: Draft, run: Run): void {
  const order = run.plan.rollback
  if (order === undefined || order.incident === null) return
  const incident = activeOf(draft, run.project).find(({ id }) => id === order.incident)
  if (incident === undefined || incident.remedy?.run === run.id) return
  if (incident.state !== 'open' && incident.state !== 'acknowledged') return
  const by = draft.envelope.actor
  settled(draft, run.project, incident.id, { choice: 'rollback', point: order.point.id, by })
  const text = `Rollback to ${order.point.id} started`
  draft.emit(ofProject(run.project), { type: 'incident.mitigating', id: incident.id, run: run.id, text })
}

/** A deployment that does not verify is a P0 by itself, a P1 where it was put back; none where it is part of mending one. */
function unverified(
  draft: Draft,
  run: Run,
  { task, attempt, outputs }: EventOf<'agent.exited' | 'agent.terminated'>,
): void {
  const { id, title, target } = run.plan.tasks[task]!
  if (target === undefined || mends(draft, run)) return
  const told = outputs.finding ?? outputs.reason
  if (outputs.back === 'true') {
    puttingBack(draft, { run, task, attempt, text: told?.slice(0, 2_000) ?? '' })
    return
  }
  raiseIncident(draft, run.project, {
    severity: 'P0',
    title: `${target} does not verify after ${run.plan.recheck === undefined ? title : 'it was put back'}`,
    text: told?.slice(0, 2_000) ?? '',
    target,
    labels: {},
    group: null,
    source: { kind: 'verification', ref: attemptId(run.id, id, attempt) },
    role: null,
  })
}

/** One incident for all that flaps in a project; work on incidents asks where it is done, and is none of its own. */
function flapped(draft: Draft, run: Run, task: number): void {
  if (mends(draft, run)) return
  const what = run.plan.tasks[task]!
  const trouble = flappingTrouble(`${run.plan.epic} #${run.number} ${what.id}`, what.target ?? null)
  const last = recordOf(draft, run.project).lastIncident
  const id = raiseIncident(draft, run.project, trouble)
  if (recordOf(draft, run.project).lastIncident > last) return
  draft.emit(ofProject(run.project), { type: 'incident.noted', id, kind: 'source', text: trouble.title })
}

/** Is the run a remedy of an incident, or looks whether one helped? What it finds goes to that one. */
function mends(draft: Draft, { project, id }: Run): boolean {
  return activeOf(draft, project).some(
    ({ checks, remedy, verification }) =>
      checks?.run === id || remedy?.run === id || verification?.run === id,
  )
}

function unwell(draft: Draft, project: ProjectId, target: string, reason: string): void {
  raiseIncident(draft, project, {
    severity: 'P0',
    title: `${target}: ${reason}`.slice(0, 300),
    text: reason,
    target,
    labels: {},
    group: null,
    source: { kind: 'verification', ref: target },
    role: null,
  })
}
