import { assertNever } from './assertNever.ts'
import { raise } from './attention.ts'
import type { Timer } from './commands.ts'
import { type Draft, reject, type Verdict } from './draft.ts'
import { isMet, isSettled, runningMs } from './state.ts'
import { runtimeLimitMs } from './timers.ts'

type Of<K extends Timer['kind']> = Extract<Timer, { kind: K }>

/** A timer went off. Whether it still matters is decided here, on the state as it is now. */
export function decideTimer(draft: Draft, timer: Timer): Verdict {
  const run = draft.state.runs.get(timer.run)
  if (run === undefined) return reject('stale', `run ${timer.run} is not live`)
  switch (timer.kind) {
    case 'runtime':
      return runtime(draft, timer)
    case 'p0':
      return p0(draft, timer)
    case 'retry': {
      const task = run.tasks.get(timer.task)!
      if (task.state !== 'FAILED' || task.next === null || task.ready || task.next.at > draft.now)
        return reject('stale', 'no retry is due')
      draft.emitRun(timer.run, { type: 'task.retry-due', task: timer.task })
      return undefined
    }
    case 'due': {
      const task = run.tasks.get(timer.task)!
      if (isSettled(task) || task.overdue) return reject('stale', 'not overdue')
      draft.emitRun(timer.run, { type: 'task.overdue', task: timer.task })
      return undefined
    }
    case 'need':
      return need(draft, timer)
    default:
      return assertNever(timer, 'unknown timer')
  }
}

/** Only RUNNING time counts; a limit passed while paused is looked at again when the agent goes on. */
function runtime(draft: Draft, timer: Of<'runtime'>): Verdict {
  const run = draft.run(timer.run)
  const attempt = run.tasks.get(timer.task)!.current
  if (
    attempt?.n !== timer.attempt ||
    attempt.state !== 'RUNNING' ||
    attempt.paused ||
    attempt.stopping !== null
  ) {
    return reject('stale', 'it is not running')
  }
  const limitMs = runtimeLimitMs(run, timer.task)
  if (runningMs(attempt, draft.now) < limitMs) return reject('stale', 'its time is not up')
  draft.emitRun(timer.run, { type: 'agent.timed-out', task: timer.task, attempt: attempt.n, limitMs })
  return undefined
}

function p0(draft: Draft, timer: Of<'p0'>): Verdict {
  const run = draft.run(timer.run)
  const attempt = run.tasks.get(timer.task)!.current
  if (attempt?.n !== timer.attempt || attempt.state !== 'RUNNING' || attempt.paused)
    return reject('stale', 'it is not running')
  if (runningMs(attempt, draft.now) < run.plan.limits.p0EscalateMs)
    return reject('stale', 'its time is not up')
  const minutes = Math.round(run.plan.limits.p0EscalateMs / 60_000)
  const text = `${run.plan.tasks[timer.task]!.id} has priority 0 and has been running for more than ${minutes} minutes`
  raise(draft, timer.run, timer.task, 'p0-over-time', text, [])
  return undefined
}

function need(draft: Draft, timer: Of<'need'>): Verdict {
  const run = draft.run(timer.run)
  const waiting = run.tasks.get(timer.task)!
  const needed = run.tasks.get(timer.need)!
  if (needed.state === 'COMPLETED' || (!timer.soft && isMet(run, timer.need)))
    return reject('stale', 'the need is met')
  if (!timer.soft && isSettled(waiting)) return reject('stale', 'nobody waits for it')
  const { task, soft } = timer
  draft.emitRun(timer.run, { type: 'need.late', task, need: timer.need, soft, failed: isSettled(needed) })
  if (soft) return undefined
  const [name, by] = [run.plan.tasks[task]!.id, run.plan.tasks[timer.need]!.id]
  raise(draft, timer.run, task, 'need-late', `${name} still waits for ${by}`, [])
  return undefined
}
