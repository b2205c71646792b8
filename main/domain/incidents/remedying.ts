import type { Rejection } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId, RunId } from '../ids.ts'
import { taskId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { DEFAULT_RESOURCES, DEFAULT_RETRY, type TaskSpec } from '../project.ts'
import { startRollback } from '../rollback/startRollback.ts'
import { startOwnRun } from '../setup/ownRun.ts'
import { ownPlan, type ProjectSetup } from '../setup/setup.ts'
import type { TaskAction } from '../targets/target.ts'
import { call, incidentOf, ofProject, recordOf } from './access.ts'
import { answerCalls } from './answered.ts'
import { startChecks } from './checking.ts'
import type { Choice, Incident } from './incident.ts'
import type { RemedyAct } from './playbook.ts'
import { barredBy, CHECK_AGAIN, FIX_FORWARD, FIXED, remedyOf } from './remedies.ts'

/** Epics of the runs that carry out and verify what was decided. */
const REMEDY_EPIC = 'remedy'
const VERIFY_EPIC = 'verify'

export interface Decided {
  readonly choice: string
  readonly point: string | null
  readonly by: string
}

/** Somebody decides what is to be done. What is carried out starts in the same commit. */
export function decideRemedy(draft: Draft, project: ProjectId, id: string, decided: Decided): Verdict {
  const incident = incidentOf(draft, project, id)
  const { choice } = decided
  if (choice === FIXED) return fixed(draft, project, incident, decided.by)
  if (incident.state !== 'open' && incident.state !== 'acknowledged')
    return reject('not-now', `${id} is ${incident.state}`)
  if (choice === CHECK_AGAIN) {
    if (incident.checks !== null && incident.checks.endedAt === null)
      return reject('not-now', `${id} is being checked`)
    startChecks(draft, project, id)
    return undefined
  }
  if (choice === FIX_FORWARD) {
    settled(draft, project, id, decided)
    draft.emit(ofProject(project), { type: 'incident.mitigating', id, run: null, text: 'people mend it' })
    return undefined
  }
  const remedy = remedyOf(incident, choice)
  if (remedy === undefined) {
    const known = incident.choices.map((one: Choice) => one.id).join(', ')
    return reject('unknown', `${id} has no choice ${choice}; there are ${known}`)
  }
  const barred = barredBy(recordOf(draft, project), incident, remedy.act)
  if (barred !== null) return reject('not-now', `${remedy.title}: ${barred}`)
  return carryOut(draft, project, incident, { ...decided, act: remedy.act, title: remedy.title })
}

function carryOut(
  draft: Draft,
  project: ProjectId,
  { id }: Incident,
  decided: Decided & { readonly act: RemedyAct; readonly title: string },
): Verdict {
  const run = startRemedy(draft, project, incidentOf(draft, project, id), decided)
  if (typeof run !== 'string') return run
  const point = draft.run(run).plan.rollback?.point.id ?? decided.point
  settled(draft, project, id, { ...decided, point })
  draft.emit(ofProject(project), { type: 'incident.mitigating', id, run, text: `${decided.title} started` })
  return undefined
}

export function settled(draft: Draft, project: ProjectId, id: string, { choice, point, by }: Decided): void {
  if (incidentOf(draft, project, id).acknowledged === null && by !== 'engine')
    draft.emit(ofProject(project), { type: 'incident.acknowledged', id, by })
  draft.emit(ofProject(project), { type: 'incident.decided', id, choice, point, by })
}

function startRemedy(
  draft: Draft,
  project: ProjectId,
  incident: Incident,
  { act, point }: Decided & { readonly act: RemedyAct },
): RunId | Rejection {
  const { id, target, title } = incident
  if (act.do === 'rollback')
    return startRollback(draft, project, { target: target!, point, incident: id, why: `${id}: ${title}` })
  const { setup } = recordOf(draft, project)
  if (setup === null) return reject('not-now', 'the project has not been read since it was registered')
  const plan = remedyPlan(setup, incident, act)
  if (plan === undefined) return reject('not-now', 'there is nobody to do it')
  return startOwnRun(draft, project, setup, `${project}/${id}/remedy/${draft.state.seq}`, plan)
}

function remedyPlan(setup: ProjectSetup, incident: Incident, act: Exclude<RemedyAct, { do: 'rollback' }>) {
  const title = `${incident.id}: ${incident.title}`.slice(0, 200)
  if (act.do === 'epic') {
    const epic = setup.epics.find(({ id }) => id === act.epic)
    if (epic === undefined) return undefined
    return ownPlan(setup, { epic: epic.id, title, phases: epic.phases, tasks: epic.tasks })
  }
  const task =
    act.do === 'restart'
      ? actionTask(setup, {
          id: 'restart',
          title: 'Restart',
          action: { do: 'restart' },
          target: incident.target!,
        })
      : targeted(act.task, setup, incident.target)
  if (task === undefined) return undefined
  return oneTask(setup, REMEDY_EPIC, title, [task])
}

function oneTask(setup: ProjectSetup, epic: string, title: string, tasks: readonly TaskSpec[]): Plan {
  const plan = ownPlan(setup, { epic, title, phases: [{ name: epic, mode: 'tasks' }], tasks })
  return {
    ...plan,
    limits: { ...plan.limits, maxConcurrentAgents: plan.limits.maxConcurrentAgents + tasks.length },
  }
}

function targeted(task: TaskSpec, setup: ProjectSetup, target: string | null): TaskSpec {
  const isKnown = target !== null && setup.targets.some(({ name }) => name === target)
  return { ...task, ...(isKnown ? { target } : {}) }
}

/** What the engine does at the target itself, counted for the role that deploys. */
function actionTask(
  { base }: ProjectSetup,
  what: { readonly id: string; readonly title: string; readonly action: TaskAction; readonly target: string },
): TaskSpec | undefined {
  const role = base.roles.find(({ name, title }) => /deploy/i.test(`${name} ${title}`)) ?? base.roles[0]
  if (role === undefined) return undefined
  const changes = what.action.do !== 'verify'
  return {
    ...what,
    id: taskId(what.id),
    phase: 0,
    kind: changes ? 'work' : 'check',
    role: role.name,
    skills: [],
    run: '',
    env: {},
    image: null,
    network: 'none',
    workspace: 'none',
    needs: [],
    needsSoft: [],
    reads: [],
    writes: [],
    uses: [{ kind: 'resource', on: `target:${what.target}`, mode: changes ? 'exclusive' : 'shared' }],
    priority: 0,
    points: null,
    dueMs: null,
    timeoutMs: null,
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'retry',
    resources: DEFAULT_RESOURCES,
  }
}

/** People say that they have mended it. */
function fixed(draft: Draft, project: ProjectId, incident: Incident, by: string): Verdict {
  const { id, state, remedy } = incident
  if (state !== 'mitigating' || remedy === null || remedy.run !== null)
    return reject('not-now', `nobody mends ${id} by hand; decide on fix-forward first`)
  mitigated(draft, project, id, `mended by ${by}`)
  return undefined
}

/** The remedy did its part: whether it helped is looked at, where there is anything to look at. */
export function mitigated(draft: Draft, project: ProjectId, id: string, detail: string): void {
  draft.emit(ofProject(project), { type: 'incident.mitigated', id, ok: true, detail })
  const { setup } = recordOf(draft, project)
  const incident = incidentOf(draft, project, id)
  const tasks = setup === null ? [] : verification(setup, incident)
  if (setup === null || tasks.length === 0) {
    resolved(draft, project, id, `${detail}; there is nothing it could be verified by`)
    return
  }
  const plan = wellAgainPlan(setup, id, tasks)
  const run = startOwnRun(draft, project, setup, `${project}/${id}/verify/${draft.state.seq}`, plan)
  draft.emit(ofProject(project), {
    type: 'incident.verifying',
    id,
    run: typeof run === 'string' ? run : null,
  })
  if (typeof run !== 'string') verified(draft, project, id, false, `it could not be verified: ${run.reason}`)
}

function wellAgainPlan(setup: ProjectSetup, id: string, tasks: readonly TaskSpec[]): Plan {
  return oneTask(setup, VERIFY_EPIC, `${id}: is it well again?`, tasks)
}

/** Of a run that verifies what answers at a target; undefined where the project does not have it. */
export function verifyPlan(setup: ProjectSetup, id: string, target: string): Plan | undefined {
  const isKnown = setup.targets.some(({ name }) => name === target)
  const task = isKnown ? verifyTask(setup, target) : undefined
  return task === undefined ? undefined : wellAgainPlan(setup, id, [task])
}

function verifyTask(setup: ProjectSetup, target: string): TaskSpec | undefined {
  return actionTask(setup, { id: 'verify', title: 'Verify', action: { do: 'verify' }, target })
}

function verification(setup: ProjectSetup, { target, playbook }: Incident): readonly TaskSpec[] {
  const own = (playbook?.verify ?? []).map((task) => targeted(task, setup, target))
  if (target === null || !setup.targets.some(({ name }) => name === target)) return own
  const action = verifyTask(setup, target)
  return action === undefined ? own : [action, ...own.filter(({ id }) => id !== action.id)]
}

export function verified(draft: Draft, project: ProjectId, id: string, ok: boolean, detail: string): void {
  draft.emit(ofProject(project), { type: 'incident.verified', id, ok, detail })
  if (ok) resolved(draft, project, id, detail)
  else call(draft, project, id, `it is not well after the remedy: ${detail}`)
}

/** Well again; what is left is to learn from it. */
export function resolved(draft: Draft, project: ProjectId, id: string, detail: string): void {
  const by = draft.envelope.actor
  draft.emit(ofProject(project), { type: 'incident.resolved', id, by, detail })
  const incident = incidentOf(draft, project, id)
  answerCalls(draft, incident)
  const { followUps, title } = incident
  if (followUps.some(({ kind, done }) => kind === 'post-mortem' && done === null)) return
  const text = `Post-mortem of ${id}: ${title}: root cause, and what keeps it from coming again`
  const followUp = { id: `f${followUps.length + 1}`, kind: 'post-mortem' as const, text, done: null }
  draft.emit(ofProject(project), { type: 'incident.follow-up', id, followUp })
}

/** A remedy or its check came to nothing: what is left to do is a person's. */
export function failed(draft: Draft, project: ProjectId, id: string, detail: string): void {
  draft.emit(ofProject(project), { type: 'incident.mitigated', id, ok: false, detail })
  call(draft, project, id, `the remedy did not work: ${detail}`)
}
