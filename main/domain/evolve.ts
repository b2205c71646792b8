import { withMet } from './conflicts/learning.ts'
import type { DomainEvent, EventEnvelope, EventOf } from './events.ts'
import { evolveProject, isProjectEvent, withProject } from './evolveProject.ts'
import { evolveRun, newRun, type RunEvent } from './evolveRun.ts'
import { withFigures } from './gates/evolveGates.ts'
import { attemptId, type RunId } from './ids.ts'
import { withoutLocks } from './locks/changes.ts'
import { withDeed, withTiming } from './rollback/deeds.ts'
import { runFromJson } from './serialise.ts'
import type { Run, State } from './state.ts'

/**
 * The next state. Pure, and costs what the change costs: everything untouched is shared with the state before.
 * Throws only on a log that breaks the state tables, which is a bug or a damaged log, never an expected outcome.
 */
export function evolve(state: State, envelope: EventEnvelope): State {
  const { seq, time, data } = envelope
  const next = { ...state, seq, time }
  if (isProjectEvent(data)) return evolveProject(next, envelope, data)
  switch (data.type) {
    case 'engine.started':
      return next
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
      return withRun(onProject(next, run, data, time), evolveRun(run, data, time, seq))
    }
  }
}

function withRun(state: State, run: Run): State {
  const runs = new Map(state.runs)
  runs.set(run.id, run)
  return { ...state, runs }
}

function withoutRun(state: State, run: RunId): State {
  const runs = new Map(state.runs)
  runs.delete(run)
  return { ...state, runs }
}

function startRun(state: State, envelope: EventEnvelope, data: EventOf<'run.started'>): State {
  const project = state.projects.get(envelope.project!)!
  const runNumbers = { ...project.runNumbers, [data.plan.epic]: data.number }
  return withProject(withRun(state, newRun(envelope, data)), { ...project, runNumbers })
}

/** What a project keeps of what happens in its runs. */
function onProject(state: State, run: Run, data: RunEvent, time: number): State {
  const learnt = compared(learned(released(state, run, data), run, data), run, data)
  return remembered(learnt, run, data, time)
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
