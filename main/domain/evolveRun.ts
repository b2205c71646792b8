import { assertNever } from './assertNever.ts'
import { runEffects } from './effects.ts'
import { type DomainEvent, type EventEnvelope, type EventOf, isOn } from './events.ts'
import { evolveAgent } from './evolveAgent.ts'
import type { ProjectEvent } from './evolveProject.ts'
import { evolveTask } from './evolveTask.ts'
import { evolveGates, type GateEvent, voidOpen } from './gates/evolveGates.ts'
import { evolveQueue } from './merging/evolveQueue.ts'
import { planIndex, usesRepo } from './plan.ts'
import { emptyQueues, heldBack, letThrough, openFirstPhase, withTask } from './readiness.ts'
import { newTask, type Run } from './state.ts'
import { isTalkEvent } from './talk/eventGroups.ts'
import { evolveTalk } from './talk/evolveTalk.ts'
import { EMPTY_TALK } from './talk/talk.ts'
import { Vec } from './vec.ts'

/** What happens inside a run. */
export type RunEvent = Exclude<
  DomainEvent,
  ProjectEvent | EventOf<'engine.started' | 'run.started' | 'run.retired' | 'run.recalled'>
>

/** As it begins: to be prepared where it needs the repository, else with its first phase open. */
export function newRun(envelope: EventEnvelope, data: EventOf<'run.started'>): Run {
  const { plan } = data
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
  return needsRepo ? run : openFirstPhase(run, envelope.time)
}

export function evolveRun(run: Run, data: RunEvent, time: number, seq: number): Run {
  if (isTalkEvent(data)) return evolveTalk(run, data, time, seq)
  if (isOn('run', data)) return evolveStatus({ ...run, effects: runEffects(run, data) }, data, time)
  if (isOn('stray', data)) return evolveAgent(run, data, time)
  if (isOn('merge', data)) return evolveQueue(run, data, time)
  if (isOn('gate', data)) return evolveGate(run, data, time)
  switch (data.type) {
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
    case 'work.committed':
    case 'work.merged':
    case 'work.conflicted':
    case 'work.rejected':
    case 'work.cleared':
      return evolveAgent(run, data, time)
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
    default:
      return assertNever(data, 'unknown event')
  }
}

function evolveGate(run: Run, data: GateEvent, time: number): Run {
  switch (data.type) {
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
    default:
      return assertNever(data, 'unknown event')
  }
}

type StatusEvent = Extract<RunEvent, { type: `run.${string}` }>

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
