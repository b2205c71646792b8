import { assertNever } from './assertNever.ts'
import { evolveConflicts } from './conflicts/evolveConflicts.ts'
import { withMet } from './conflicts/learning.ts'
import { isLive } from './conflicts/parties.ts'
import { evolveEntities } from './context/evolveEntities.ts'
import { runEffects } from './effects.ts'
import type { DomainEvent, EventEnvelope, EventOf } from './events.ts'
import { evolveAgent } from './evolveAgent.ts'
import { evolveTask } from './evolveTask.ts'
import { evolveGates, voidOpen, withFigures } from './gates/evolveGates.ts'
import { evolveHealth, type HealthEvent, isHealthEvent } from './health/evolveHealth.ts'
import { NO_HEALTH } from './health/health.ts'
import { attemptId, type ProjectId, type RunId } from './ids.ts'
import { evolveIncidents, type IncidentEvent, isIncidentEvent } from './incidents/evolveIncidents.ts'
import { NO_LOCKS, withoutLocks } from './locks/changes.ts'
import { evolveLocks } from './locks/evolveLocks.ts'
import { evolveQueue } from './merging/evolveQueue.ts'
import { planIndex, usesRepo } from './plan.ts'
import { evolvePoints, isPointEvent, type PointEvent } from './points/evolvePoints.ts'
import { emptyQueues, heldBack, letThrough, openFirstPhase, withTask } from './readiness.ts'
import { evolveRegistered, isRegisteredEvent, type RegisteredEvent } from './registered/evolveRegistered.ts'
import { withDeed, withTiming } from './rollback/deeds.ts'
import { evolveSchedules, isScheduleEvent, type ScheduleEvent } from './schedules/evolveSchedules.ts'
import { NO_SCHEDULES } from './schedules/schedule.ts'
import { runFromJson } from './serialise.ts'
import { newTask, type ProjectRecord, type Run, type State } from './state.ts'
import { isTalkEvent } from './talk/eventGroups.ts'
import { evolveTalk } from './talk/evolveTalk.ts'
import { EMPTY_TALK } from './talk/talk.ts'
import { evolveTargets } from './targets/evolveTargets.ts'
import { Vec } from './vec.ts'

/**
 * The next state. Pure, and costs what the change costs: everything untouched is shared with the state before.
 * Throws only on a log that breaks the state tables, which is a bug or a damaged log, never an expected outcome.
 */
export function evolve(state: State, envelope: EventEnvelope): State {
  const { seq, time, data } = envelope
  const next = { ...state, seq, time }
  if (isPointEvent(data))
    return withProject(next, evolvePoints(state.projects.get(envelope.project!)!, data, time))
  if (isIncidentEvent(data))
    return withProject(next, evolveIncidents(state.projects.get(envelope.project!)!, data, envelope))
  if (isRegisteredEvent(data))
    return withProject(next, evolveRegistered(state.projects.get(envelope.project!)!, data, time))
  if (isHealthEvent(data))
    return withProject(next, evolveHealth(state.projects.get(envelope.project!)!, data, time))
  if (isScheduleEvent(data))
    return withProject(next, evolveSchedules(state.projects.get(envelope.project!)!, data, time))
  switch (data.type) {
    case 'engine.started':
      return next
    case 'project.registered':
      return withProject(next, registered(state, envelope.project!, data))
    case 'risk.recorded':
    case 'component.recorded': {
      const project = state.projects.get(envelope.project!)!
      return withProject(next, evolveEntities(project, data, envelope.actor, time))
    }
    case 'locks.asked':
    case 'locks.granted':
    case 'locks.refused':
    case 'locks.withdrawn':
    case 'locks.released': {
      const project = state.projects.get(envelope.project!)!
      return withProject(next, { ...project, locks: evolveLocks(project.locks, data, time) })
    }
    case 'conflict.raised':
    case 'conflict.grown':
    case 'conflict.voted':
    case 'conflict.escalated':
    case 'conflict.resolved':
    case 'conflict.verified':
      return withProject(
        next,
        evolveConflicts(state.projects.get(envelope.project!)!, data, time, (holder) =>
          isLive(state, holder, envelope.project!),
        ),
      )
    case 'target.declared':
    case 'target.busy':
    case 'target.released':
    case 'target.state':
    case 'target.taken-down':
    case 'target.forgotten': {
      // One run looked at by itself has no project.
      const project = state.projects.get(envelope.project!)
      return project === undefined ? next : withProject(next, evolveTargets(project, data, time))
    }
    case 'run.started':
      return startRun(next, envelope, data)
    case 'run.retired':
      return withoutRun(next, envelope.run!)
    case 'run.recalled':
      return withRun(next, runFromJson(data.snapshot))
    default: {
      const run = state.runs.get(envelope.run!)
      if (run === undefined)
        throw new Error(`event ${seq} (${data.type}) is of an unknown run ${envelope.run}`)
      const learnt = compared(learned(released(next, run, data), run, data), run, data)
      return withRun(remembered(learnt, run, data, time), evolveRun(run, data, time, seq))
    }
  }
}

export function withRun(state: State, run: Run): State {
  const runs = new Map(state.runs)
  runs.set(run.id, run)
  return { ...state, runs }
}

function withoutRun(state: State, run: RunId): State {
  const runs = new Map(state.runs)
  runs.delete(run)
  return { ...state, runs }
}

function withProject(state: State, project: ProjectRecord): State {
  return { ...state, projects: new Map(state.projects).set(project.id, project) }
}

/** Whoever is over holds nothing and waits for nothing: no event has to say so, and none can be missing. */
function released(state: State, run: Run, data: DomainEvent): State {
  if (data.type !== 'agent.terminated' && data.type !== 'task.completed') return state
  // One run looked at by itself has no project.
  const project = state.projects.get(run.project)
  if (project === undefined || (project.locks.grants.length === 0 && project.locks.waiters.length === 0))
    return state
  const locks = withoutLocks(project.locks, attemptId(run.id, run.plan.tasks[data.task]!.id, data.attempt))
  return withProject(state, { ...project, locks })
}

/** A run that is over tells of files that clashed before whether they could have clashed in it. */
function learned(state: State, run: Run, data: DomainEvent): State {
  if (data.type !== 'run.settled' || data.met === undefined) return state
  const project = state.projects.get(run.project)
  if (project === undefined) return state
  return withProject(state, { ...project, clashes: withMet(project.clashes, data.met, run.id) })
}

/** What a rollback has to speak of: deeds that go beyond the run, and how long actions took. */
function remembered(state: State, run: Run, data: DomainEvent, time: number): State {
  if (data.type !== 'agent.started' && data.type !== 'agent.exited') return state
  const project = state.projects.get(run.project)
  if (project === undefined) return state
  const next =
    data.type === 'agent.started' ? withDeed(project, run, data, time) : withTiming(project, run, data, time)
  return next === project ? state : withProject(state, next)
}

/** What a gate measured when it passed is what it is compared with the next time. */
function compared(state: State, run: Run, data: DomainEvent): State {
  if (data.type !== 'gate.settled' || data.state !== 'passed') return state
  const project = state.projects.get(run.project)
  const gate = run.gates?.records.find(({ id }) => id === data.id)?.gate
  if (project === undefined || gate === undefined) return state
  return withProject(state, withFigures(project, gate, data.figures))
}

const NEW_PROJECT: Omit<ProjectRecord, 'id' | 'name' | 'root'> = {
  runNumbers: {},
  risks: {},
  components: {},
  locks: NO_LOCKS,
  conflicts: [],
  lastConflict: 0,
  clashes: {},
  registered: {},
  lastRegistered: 0,
  targets: {},
  points: [],
  lastPoint: 0,
  deeds: [],
  timings: {},
  setup: null,
  incidents: [],
  lastIncident: 0,
  alertMarks: {},
  health: NO_HEALTH,
  schedules: NO_SCHEDULES,
}

function registered(state: State, id: ProjectId, data: EventOf<'project.registered'>): ProjectRecord {
  const known = state.projects.get(id) ?? NEW_PROJECT
  const locks = { ...known.locks, folded: data.folded ?? false }
  return { ...known, id, name: data.name, root: data.root, locks }
}

function startRun(state: State, envelope: EventEnvelope, data: EventOf<'run.started'>): State {
  const { plan } = data
  const project = state.projects.get(envelope.project!)!
  const numbered = { ...project, runNumbers: { ...project.runNumbers, [plan.epic]: data.number } }
  const needsRepo = usesRepo(plan)
  const { needs } = planIndex(plan)
  const run: Run = {
    id: envelope.run!,
    project: envelope.project!,
    number: data.number,
    root: data.root,
    runner: data.runner,
    plan,
    status: needsRepo ? 'preparing' : 'running',
    paused: false,
    stop: null,
    startedAt: envelope.time,
    endedAt: null,
    cause: null,
    base: null,
    tip: null,
    branch: null,
    warnings: [],
    delivery: 'none',
    phase: 0,
    phaseOpenedAt: envelope.time,
    phaseLeft: planIndex(plan).byPhase[0]?.length ?? 0,
    phaseFailed: false,
    tasks: Vec.from(plan.tasks.map((_, i) => newTask(needs[i]!.length))),
    ready: emptyQueues(plan),
    readyOrder: 0,
    counts: { ready: 0, active: 0, retrying: 0, blocked: 0 },
    busy: plan.roles.map(() => 0),
    attention: [],
    effects: needsRepo ? ['run.prepare'] : [],
    trouble: null,
    totals: { busyMs: 0, overheadMs: 0 },
    talk: EMPTY_TALK,
  }
  const opened = needsRepo ? run : openFirstPhase(run, envelope.time)
  return withProject(withRun(state, opened), numbered)
}

function evolveRun(
  run: Run,
  data: Exclude<DomainEvent, IncidentEvent | RegisteredEvent | PointEvent | HealthEvent | ScheduleEvent>,
  time: number,
  seq: number,
): Run {
  if (isTalkEvent(data)) return evolveTalk(run, data, time, seq)
  switch (data.type) {
    case 'run.prepared':
    case 'run.paused':
    case 'run.continued':
    case 'run.stopping':
    case 'run.settled':
    case 'run.reopened':
    case 'run.apply-requested':
    case 'run.applied':
    case 'run.apply-refused':
    case 'run.discard-requested':
    case 'run.discarded':
      return evolveStatus({ ...run, effects: runEffects(run, data) }, data, time)
    case 'attention.raised':
      return raised(run, data, time)
    case 'attention.resolved':
      return { ...run, attention: run.attention.filter((item) => item.id !== data.id) }
    case 'effect.done':
    case 'effect.delayed':
      return data.task === null ? evolveTrouble(run, data, time) : evolveAgent(run, data, time)
    case 'task.assigned':
    case 'workspace.cut':
    case 'agent.started':
    case 'agent.exited':
    case 'agent.terminated':
    case 'agent.stopping':
    case 'agent.timed-out':
    case 'agent.blocked':
    case 'agent.unblocked':
    case 'agent.conflicted':
    case 'agent.reconciled':
    case 'agent.pausing':
    case 'agent.resuming':
    case 'stray.seen':
    case 'stray.set-aside':
    case 'stray.ruled':
    case 'stray.returning':
    case 'stray.closed':
    case 'work.committed':
    case 'work.merged':
    case 'work.conflicted':
    case 'work.rejected':
    case 'work.cleared':
      return evolveAgent(run, data, time)
    case 'merge.check-started':
    case 'merge.check-ended':
    case 'merge.advanced':
    case 'merge.held':
    case 'merge.resumed':
      return evolveQueue(run, data, time)
    case 'gate.asked': {
      const { at } = data
      return evolveGates(at.kind === 'deploy' ? heldBack(run, at.task) : run, data, time)
    }
    case 'gate.settled': {
      const settled = evolveGates(run, data, time)
      return data.state === 'failed' ? settled : letThrough(settled, data.id, time)
    }
    case 'gate.evaluated':
    case 'gate.delayed':
    case 'gate.decided':
      return evolveGates(run, data, time)
    case 'task.completed':
    case 'task.failed':
    case 'task.retry-due':
    case 'task.retry-asked':
    case 'task.skipped':
    case 'task.reopened':
    case 'task.blocked':
    case 'task.overdue':
    case 'task.postponed':
    case 'need.late':
      return evolveTask(run, data, time)
    case 'engine.started':
    case 'project.registered':
    case 'risk.recorded':
    case 'component.recorded':
    case 'locks.asked':
    case 'locks.granted':
    case 'locks.refused':
    case 'locks.withdrawn':
    case 'locks.released':
    case 'conflict.raised':
    case 'conflict.grown':
    case 'conflict.voted':
    case 'conflict.escalated':
    case 'conflict.resolved':
    case 'conflict.verified':
    case 'target.declared':
    case 'target.busy':
    case 'target.released':
    case 'target.state':
    case 'target.taken-down':
    case 'target.forgotten':
    case 'run.started':
    case 'run.retired':
    case 'run.recalled':
      throw new Error(`${data.type} is not an event inside a run`)
    default:
      return assertNever(data, 'unknown event')
  }
}

type StatusEvent = EventOf<
  | 'run.prepared'
  | 'run.paused'
  | 'run.continued'
  | 'run.stopping'
  | 'run.settled'
  | 'run.reopened'
  | 'run.apply-requested'
  | 'run.applied'
  | 'run.apply-refused'
  | 'run.discard-requested'
  | 'run.discarded'
>

function evolveStatus(run: Run, data: StatusEvent, time: number): Run {
  switch (data.type) {
    case 'run.prepared': {
      const { base, branch, tip, warnings } = data
      const status = run.status === 'preparing' ? 'running' : run.status
      return openFirstPhase({ ...run, status, base, branch, tip, warnings, trouble: null }, time)
    }
    case 'run.paused':
      return { ...run, paused: true }
    case 'run.continued':
      return { ...run, paused: false }
    case 'run.stopping':
      return { ...voidOpen(run), status: 'stopping', stop: { force: data.force } }
    case 'run.settled':
      return { ...voidOpen(run), status: data.status, cause: data.cause, endedAt: time, trouble: null }
    case 'run.reopened': {
      // One that ended before it was prepared has nothing to cut workspaces from yet.
      const status = run.effects.includes('run.prepare') ? 'preparing' : 'running'
      const fresh = { endedAt: null, cause: null, stop: null, paused: false, trouble: null }
      return { ...run, ...fresh, status, phaseOpenedAt: time }
    }
    case 'run.applied':
      return { ...run, delivery: 'applied', trouble: null }
    case 'run.discarded':
      return { ...run, delivery: 'discarded', trouble: null }
    case 'run.apply-refused':
      return { ...run, trouble: null }
    case 'run.apply-requested':
    case 'run.discard-requested':
      return run
    default:
      return assertNever(data, 'unknown event')
  }
}

function evolveTrouble(run: Run, data: EventOf<'effect.done' | 'effect.delayed'>, time: number): Run {
  if (data.type === 'effect.done') return { ...run, effects: runEffects(run, data), trouble: null }
  return { ...run, trouble: { effect: data.effect, error: data.error, remedy: data.remedy, since: time } }
}

function raised(run: Run, data: EventOf<'attention.raised'>, time: number): Run {
  const attention = [...run.attention, attentionOf(data, time)]
  const current = data.task === null ? null : run.tasks.get(data.task)!.current
  if (data.kind !== 'p0-over-time' || current === null) return { ...run, attention }
  return { ...withTask(run, data.task!, { current: { ...current, escalated: true } }), attention }
}

function attentionOf(data: EventOf<'attention.raised'>, time: number): Run['attention'][number] {
  return {
    id: data.id,
    kind: data.kind,
    task: data.task,
    text: data.text,
    choices: data.choices,
    about: data.about ?? null,
    since: time,
  }
}
