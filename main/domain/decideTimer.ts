import { assertNever } from './assertNever.ts'
import { raise } from './attention.ts'
import type { Timer } from './commands.ts'
import { escalate } from './conflicts/decideConflicts.ts'
import { type Draft, reject, type Verdict } from './draft.ts'
import { isHeldByGates } from './gates/places.ts'
import { responseDue } from './incidents/decideIncidents.ts'
import { decideRegisteredTimer } from './registered/decideRegistered.ts'
import { ruleOf, underRule } from './rules/rule.ts'
import { isSettled, runningMs } from './state.ts'
import * as ballots from './talk/ballots.ts'
import * as handoffs from './talk/handoffs.ts'
import * as mail from './talk/mail.ts'
import { callSync, sendDigest } from './talk/standing.ts'
import { needTimersOf, runtimeLimitMs } from './timers.ts'

type Of<K extends Timer['kind']> = Extract<Timer, { kind: K }>

/** A timer went off. Whether it still matters is decided here, on the state as it is now. */
export function decideTimer(draft: Draft, timer: Timer): Verdict {
  if (timer.kind === 'conflict') return escalate(draft, timer)
  if (timer.kind === 'incident-response') return responseDue(draft, timer)
  if ('project' in timer) return decideRegisteredTimer(draft, timer)
  const run = draft.state.runs.get(timer.run)
  if (run === undefined) return reject('stale', `run ${timer.run} is not live`)
  if (run.endedAt !== null) return reject('stale', `run ${timer.run} is over`)
  switch (timer.kind) {
    case 'runtime':
      return runtime(draft, timer)
    case 'p0':
      return p0(draft, timer)
    case 'retry': {
      const task = run.tasks.get(timer.task)!
      if (task.state !== 'FAILED' || task.next === null || task.ready || task.next.at > draft.now)
        return reject('stale', 'no retry is due')
      if (isHeldByGates(run, timer.task)) return reject('stale', 'its gates are asked first')
      draft.emitRun(timer.run, { type: 'task.retry-due', task: timer.task })
      return undefined
    }
    case 'due': {
      const task = run.tasks.get(timer.task)!
      const { dueMs } = run.plan.tasks[timer.task]!
      const due = run.startedAt + (dueMs ?? Number.POSITIVE_INFINITY)
      if (isSettled(task) || task.overdue || due > draft.now) return reject('stale', 'not overdue')
      draft.emitRun(timer.run, { type: 'task.overdue', task: timer.task })
      return undefined
    }
    case 'need':
      return need(draft, timer)
    case 'answer':
      return mail.overdue(draft, timer.run, timer.message)
    case 'handoff':
      return handoffs.overdue(draft, timer.run, timer.handoff)
    case 'ballot':
      return ballots.timeUp(draft, timer.run, timer.ballot)
    case 'digest':
      return sendDigest(draft, timer.run)
    case 'sync':
      return callSync(draft, timer.run, timer.point)
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
  if (
    attempt?.n !== timer.attempt ||
    attempt.state !== 'RUNNING' ||
    attempt.paused ||
    attempt.escalated ||
    attempt.stopping !== null
  )
    return reject('stale', 'it is not running, or a person was called already')
  if (runningMs(attempt, draft.now) < run.plan.limits.p0EscalateMs)
    return reject('stale', 'its time is not up')
  const minutes = Math.round(run.plan.limits.p0EscalateMs / 60_000)
  const text = `${run.plan.tasks[timer.task]!.id} has priority 0 and has been running for more than ${minutes} minutes`
  const told = underRule(text, ruleOf(run.plan, 'p0-to-person'))
  raise(draft, timer.run, timer.task, 'p0-over-time', told, [])
  return undefined
}

/** Each late need is told once; whether it is time is asked of the state, since phases may open anew. */
function need(draft: Draft, { run: id, task, need, soft }: Of<'need'>): Verdict {
  const run = draft.run(id)
  const due = needTimersOf(run, task).find(({ timer }) => timer.need === need && timer.soft === soft)
  if (due === undefined) return reject('stale', 'nobody waits for it')
  if (due.at > draft.now) return reject('stale', 'its time is not up')
  const failed = isSettled(run.tasks.get(need)!)
  draft.emitRun(id, { type: 'need.late', task, need, soft, failed })
  if (soft) return undefined
  const [name, by] = [run.plan.tasks[task]!.id, run.plan.tasks[need]!.id]
  raise(draft, id, task, 'need-late', `${name} still waits for ${by}`, [])
  return undefined
}
