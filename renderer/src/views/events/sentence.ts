import { assertNever } from '../../../../main/domain/assertNever.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { DomainEvent, EventType } from '../../../../main/domain/events.ts'
import { personOf } from '../../../../main/domain/gates/approving.ts'
import { type HealthEvent, isHealthEvent } from '../../../../main/domain/health/evolveHealth.ts'
import { parseAttemptId } from '../../../../main/domain/ids.ts'
import { type IncidentEvent, isIncidentEvent } from '../../../../main/domain/incidents/evolveIncidents.ts'
import { lockWords } from '../../../../main/domain/locks/lock.ts'
import type { Plan } from '../../../../main/domain/plan.ts'
import { isPointEvent, type PointEvent } from '../../../../main/domain/points/evolvePoints.ts'
import {
  isRegisteredEvent,
  type RegisteredEvent,
} from '../../../../main/domain/registered/evolveRegistered.ts'
import { isScheduleEvent, type ScheduleEvent } from '../../../../main/domain/schedules/evolveSchedules.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { Like } from '../../words/language.ts'
import { sentenceOfHealth } from './healthSentence.ts'
import { sentenceOfIncident } from './incidentSentence.ts'
import { sentenceOfPoint } from './pointSentence.ts'
import { sentenceOfRegistered } from './registeredSentence.ts'
import { sentenceOfSchedule } from './scheduleSentence.ts'
import { isTalkEvent, sentenceOfTalk, type TalkEvent } from './talkSentence.ts'
import { isTargetEvent, sentenceOfTarget, TARGET_MARKS } from './targetSentence.ts'
import type { sentences } from './words.ts'

export type Sentences = Like<(typeof sentences)['en']>

/** What happened, as a colleague would say it. `plan` names the tasks; without it they have numbers. */
export function sentenceOfEvent(w: Sentences, data: DomainEvent, plan: Plan | undefined): string {
  if (data.type.startsWith('run.')) return ofRun(w, data as Of<'run'>)
  if (data.type.startsWith('task.') || data.type === 'need.late') {
    return ofTask(w, data as Of<'task' | 'need'>, plan)
  }
  if (isMergeEvent(data)) return ofQueue(w, data, (task) => named(w, plan, task))
  if (isGateEvent(data)) return ofGate(w, data)
  if (isTalkEvent(data)) return sentenceOfTalk(w.talk, data, (task) => named(w, plan, task))
  if (isIncidentEvent(data)) return sentenceOfIncident(w.incident, data)
  if (isRegisteredEvent(data)) return sentenceOfRegistered(w.byHand, data, holderName)
  if (isTargetEvent(data)) return sentenceOfTarget(w.targets, data, holderName)
  if (isPointEvent(data)) return sentenceOfPoint(w.points, data)
  if (isHealthEvent(data)) return sentenceOfHealth(w.health, data)
  if (isScheduleEvent(data)) return sentenceOfSchedule(w.schedules, data)
  return ofOther(w, data as Other, plan)
}

type Of<Group extends string> = Extract<DomainEvent, { type: `${Group}.${string}` }>
type Other = Exclude<
  DomainEvent,
  | Of<'run' | 'task' | 'need' | 'merge' | 'target' | 'gate'>
  | TalkEvent
  | IncidentEvent
  | RegisteredEvent
  | PointEvent
  | HealthEvent
  | ScheduleEvent
>

function named(w: Sentences, plan: Plan | undefined, index: number): string {
  return plan?.tasks[index]?.id ?? w.task(index)
}

function ofRun(w: Sentences, data: Of<'run'>): string {
  switch (data.type) {
    case 'run.started':
      return w.runStarted(data.plan.tasks.length, data.plan.phases.length)
    case 'run.prepared':
      return w.prepared(data.warnings.join('; '))
    case 'run.paused':
      return w.paused
    case 'run.continued':
      return w.continued
    case 'run.stopping':
      return data.force ? w.runStoppingNow : w.runStopping
    case 'run.settled': {
      const word = (w.settled as Readonly<Record<string, string>>)[data.status] ?? data.status
      return data.cause === null ? word : w.because(word, data.cause)
    }
    case 'run.reopened':
      return w.reopened
    case 'run.recalled':
      return w.recalled
    case 'run.retired':
      return w.retired
    case 'run.apply-requested':
      return w.applying
    case 'run.applied':
      return w.applied(data.branch, data.commit.slice(0, 7))
    case 'run.apply-refused':
      return w.notApplied(`${data.reason} ${data.remedy}`.trim())
    case 'run.discard-requested':
      return w.discarding
    case 'run.discarded':
      return w.discarded
    default:
      return assertNever(data, 'unknown event')
  }
}

function ofTask(w: Sentences, data: Of<'task' | 'need'>, plan: Plan | undefined): string {
  const of = named(w, plan, data.task)
  switch (data.type) {
    case 'task.assigned':
      return w.assigned[data.reason](of, data.role)
    case 'task.completed':
      return w.completed(of)
    case 'task.failed':
      if (data.next !== null) return (data.next.by === 'same' ? w.triesAgain : w.otherTries)(of, data.cause)
      return (data.outcome === 'cancelled' ? w.taskCancelled : w.taskFailed)(of, data.cause)
    case 'task.retry-due':
      return w.retryDue(of)
    case 'task.retry-asked':
      return w.retryAsked(of, data.by)
    case 'task.skipped':
      return w.skipped(of, data.by)
    case 'task.reopened':
      return w.taskReopened(of)
    case 'task.blocked':
      return w.blocked(of, data.by)
    case 'task.overdue':
      return w.overdue(of)
    case 'task.postponed': {
      const { behind, file, odds } = data
      return w.postponed(of, parseAttemptId(behind)?.task ?? behind, file, Math.round(odds * 100))
    }
    case 'need.late':
      return (data.failed ? w.needFailed : w.needLate)(of, named(w, plan, data.need))
    default:
      return assertNever(data, 'unknown event')
  }
}

function ofOther(w: Sentences, data: Other, plan: Plan | undefined): string {
  const of = 'task' in data && data.task !== null ? named(w, plan, data.task) : ''
  switch (data.type) {
    case 'engine.started':
      return w.engineStarted(data.pid)
    case 'project.registered':
      return w.registered(data.name, data.root)
    case 'workspace.cut':
      return w.cut(of, data.commit.slice(0, 7))
    case 'agent.started':
      return data.adopted ? w.adopted(of) : w.agentStarted(of, data.attempt)
    case 'agent.exited':
      return w.exited(of, data.code)
    case 'agent.terminated':
      return w.terminated(of, data.detail === '' ? data.cause : data.detail)
    case 'agent.stopping':
      return data.force ? w.killing(of) : w.stopping(of)
    case 'agent.timed-out':
      return w.timedOut(of, formatDuration(data.limitMs))
    case 'agent.blocked':
      return w.agentBlocked(of)
    case 'agent.unblocked':
      return w.agentUnblocked(of)
    case 'locks.asked':
      return w.locksAsked(holderName(data.holder), data.locks.map(lockWords).join(', '))
    case 'locks.granted':
      return w.locksGranted(holderName(data.holder), data.locks.map(lockWords).join(', '))
    case 'locks.refused':
      return w.locksRefused(
        holderName(data.holder),
        data.locks.map(lockWords).join(', '),
        data.circle.map(holderName).join(', '),
      )
    case 'locks.withdrawn':
      return w.locksWithdrawn(holderName(data.holder))
    case 'locks.released':
      return w.locksReleased[data.why](holderName(data.holder), (data.locks ?? []).map(lockWords).join(', '))
    case 'agent.conflicted':
      return w.heldFor(of, data.conflict)
    case 'agent.reconciled':
      return w.reconciled(of)
    case 'conflict.raised':
      return w.conflictRaised(data.id, data.text)
    case 'conflict.grown':
      return w.conflictGrown(data.id, data.text)
    case 'conflict.voted':
      return w.conflictVoted(holderName(data.holder), data.id, data.action)
    case 'conflict.escalated':
      return w.conflictEscalated(data.id, data.level)
    case 'conflict.resolved':
      return w.conflictResolved(data.id, data.by.replace(/^person:/, ''), data.detail)
    case 'conflict.verified':
      return w.conflictVerified(data.id, data.clean)
    case 'agent.pausing':
      return w.pausing(of)
    case 'agent.resuming':
      return w.resuming(of)
    case 'stray.seen':
      return w.straySeen(of, data.paths.join(', '))
    case 'stray.set-aside':
      return data.commit === null ? w.strayNotKept(of) : w.strayAside(of, data.paths.join(', '))
    case 'stray.ruled':
      return data.verdict === 'allow' ? w.strayAllowed(of) : w.strayDiscarded(of)
    case 'stray.returning':
      return w.strayReturning(of)
    case 'stray.closed':
      return w.strayClosed(of)
    case 'work.committed': {
      const left = [...data.undeclared, ...data.refused]
      const files = w.committed(of, data.changed)
      return left.length === 0 ? files : `${files}; ${w.leftOut(left.join(', '))}`
    }
    case 'work.merged':
      return w.merged(of)
    case 'work.rejected':
      return w.rejected(of, data.check)
    case 'work.cleared':
      return w.cleared(of)
    case 'work.conflicted':
      return w.conflicted(of, data.files.join(', '))
    case 'attention.raised':
      return data.choices.length > 0 || data.kind === 'question' ? w.raised(data.text) : w.told(data.text)
    case 'attention.resolved':
      return w.resolved(data.choice)
    case 'effect.done':
      return w.effectDone(of === '' ? data.effect : `${data.effect} ${of}`)
    case 'effect.delayed':
      return w.effectDelayed(of === '' ? data.effect : `${data.effect} ${of}`, data.error)
    default:
      return assertNever(data, 'unknown event')
  }
}

function isGateEvent(data: DomainEvent): data is Of<'gate'> {
  return data.type.startsWith('gate.')
}

function ofGate(w: Sentences, data: Of<'gate'>): string {
  const { gate } = data
  switch (data.type) {
    case 'gate.asked':
      return w.gateAsked(gate)
    case 'gate.evaluated':
      return w.gateEvaluated[data.verdict](gate)
    case 'gate.delayed':
      return w.gateDelayed(gate, data.error)
    case 'gate.decided':
      return (data.yes ? w.gateApproved : w.gateRejected)(gate, personOf(data.by) ?? data.by, data.why)
    case 'gate.settled': {
      if (data.state !== 'skipped') return w.gateSettled[data.state](gate, data.why)
      return w.gateSettled.skipped(gate, `${personOf(data.by ?? '') ?? ''}: ${data.why}`)
    }
    default:
      return assertNever(data, 'unknown event')
  }
}

function isMergeEvent(data: DomainEvent): data is Of<'merge'> {
  return data.type.startsWith('merge.')
}

function ofQueue(w: Sentences, data: Of<'merge'>, name: (task: number) => string): string {
  switch (data.type) {
    case 'merge.check-started': {
      const names = data.tasks.map(name).join(', ')
      if (data.unchecked) return w.mergingUnchecked(names)
      return names === '' ? w.checkingTip(data.check) : w.checking(data.check, names)
    }
    case 'merge.check-ended':
      return w.checked[data.result](data.check, data.detail)
    case 'merge.advanced':
      return w.advanced(data.tip.slice(0, 7))
    case 'merge.held':
      return w.queueHeld(data.reason)
    case 'merge.resumed':
      return data.unchecked ? w.queueUnchecked : w.queueResumed
    default:
      return assertNever(data, 'unknown event')
  }
}

function holderName(holder: string): string {
  const parts = parseAttemptId(holder)
  return parts === undefined ? holder : `${parts.task}#${parts.attempt}`
}

export const GROUPS = [
  'run',
  'task',
  'agent',
  'talk',
  'handoff',
  'work',
  'locks',
  'conflict',
  'attention',
  'effect',
  'context',
  'engine',
] as const
export type Group = (typeof GROUPS)[number]

export function groupOf(type: string): Group {
  const head = type.split('.')[0]
  if (head === 'need') return 'task'
  if (head === 'registered') return 'agent'
  if (head === 'target') return 'run'
  if (head === 'workspace' || head === 'merge' || head === 'stray' || head === 'gate') return 'work'
  if (head === 'project') return 'engine'
  if (head === 'message' || head === 'channel' || head === 'ballot') return 'talk'
  if (head === 'risk' || head === 'component') return 'context'
  return (GROUPS as readonly string[]).includes(head ?? '') ? (head as Group) : 'engine'
}

const MARK_OF: Partial<Record<EventType, Mark>> = {
  'task.completed': 'done',
  'task.skipped': 'done',
  'run.applied': 'done',
  'work.merged': 'done',
  'target.released': 'done',
  'attention.resolved': 'done',
  'agent.timed-out': 'failed',
  'work.conflicted': 'conflict',
  'agent.conflicted': 'conflict',
  'stray.seen': 'conflict',
  'conflict.raised': 'conflict',
  'conflict.grown': 'conflict',
  'conflict.escalated': 'needs-you',
  'conflict.resolved': 'done',
  'work.rejected': 'failed',
  'merge.advanced': 'done',
  'merge.held': 'needs-you',
  'gate.delayed': 'needs-you',
  'work.cleared': 'done',
  'attention.raised': 'needs-you',
  'task.blocked': 'needs-you',
  'task.overdue': 'needs-you',
  'task.postponed': 'waiting',
  'need.late': 'needs-you',
  'effect.delayed': 'needs-you',
  'run.apply-refused': 'needs-you',
  'message.overdue': 'needs-you',
  'message.returned': 'failed',
  'handoff.returned': 'conflict',
  'handoff.overdue': 'needs-you',
  'handoff.completed': 'done',
  'registered.completed': 'done',
  'registered.timed-out': 'failed',
  'registered.blocked': 'blocked',
  'registered.started': 'running',
  'agent.started': 'running',
  'run.started': 'running',
}

/** The state an event leads to, where it leads to one worth a glyph. */
export function markOfEvent(data: DomainEvent): Mark | undefined {
  if (data.type === 'task.failed')
    return data.next === null && data.outcome === 'failed' ? 'failed' : 'waiting'
  if (data.type === 'message.sent' && data.draft.type === 'ALERT' && data.draft.priority === 0)
    return 'needs-you'
  if (data.type === 'target.state') return TARGET_MARKS[data.state]
  if (data.type === 'health.crossed') return data.bad ? 'failed' : 'done'
  if (data.type === 'agent.terminated')
    return data.cause === 'failed' || data.cause === 'lost' ? 'failed' : undefined
  if (data.type === 'merge.check-ended')
    return data.result === 'passed' ? 'done' : data.result === 'failed' ? 'failed' : 'waiting'
  if (data.type === 'gate.settled') return data.state === 'failed' ? 'failed' : 'done'
  if (data.type === 'run.settled')
    return data.status === 'completed' ? 'done' : data.status === 'failed' ? 'failed' : 'waiting'
  return MARK_OF[data.type]
}
