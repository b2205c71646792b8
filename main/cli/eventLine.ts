import { assertNever } from '../domain/assertNever.ts'
import { formatDuration } from '../domain/duration.ts'
import type { DomainEvent, EventEnvelope } from '../domain/events.ts'
import { isHealthEvent } from '../domain/health/evolveHealth.ts'
import { parseAttemptId } from '../domain/ids.ts'
import { isIncidentEvent } from '../domain/incidents/evolveIncidents.ts'
import { isPointEvent } from '../domain/points/evolvePoints.ts'
import { isRegisteredEvent } from '../domain/registered/evolveRegistered.ts'
import { isScheduleEvent } from '../domain/schedules/evolveSchedules.ts'
import type { Run, State } from '../domain/state.ts'
import type { Mark } from '../domain/status.ts'
import { tellConflict } from './conflictEventLine.ts'
import { heldFor, nameOf, putBehind, runName } from './describe.ts'
import { tellGate } from './gateLine.ts'
import { tellHealth } from './healthLine.ts'
import { holderName } from './holderName.ts'
import { tellIncident } from './incidentLine.ts'
import { tellLocks } from './lockEventLine.ts'
import { tellPoint } from './pointLine.ts'
import { tellRegistered } from './registeredLine.ts'
import { tellSchedule } from './scheduleLine.ts'
import { talkSubject, tellTalk } from './talkLine.ts'
import { isTargetEvent, tellTarget } from './targetEventLine.ts'
import { plain } from './view/text.ts'

/** What happened, as a sentence of a few words. */
export interface EventLine {
  readonly mark: Mark
  /** Whom it is about. */
  readonly subject: string
  readonly text: string
}

/** Undefined for what only the engine cares about. `state` is the one after the event. */
export function describeEvent(event: EventEnvelope, state: State): EventLine | undefined {
  const run = event.run === null ? undefined : state.runs.get(event.run)
  const { data } = event
  const told = isIncidentEvent(data) ? tellIncident(data, event.actor) : tell(data, run)
  if (told === undefined) return undefined
  const [mark, text] = told
  return { mark, subject: subjectOf(event, run, state), text: plain(text) }
}

function subjectOf(event: EventEnvelope, run: Run | undefined, state: State): string {
  const { data } = event
  if (isRegisteredEvent(data)) return data.agent
  if (isTargetEvent(data)) return 'spec' in data ? data.spec.name : data.target
  if (isPointEvent(data)) return typeof data.point === 'string' ? data.point : data.point.id
  if (data.type.startsWith('incident.') && 'id' in data) return data.id
  if (isHealthEvent(data)) return data.type === 'health.paused' ? data.what : 'health'
  if (isScheduleEvent(data)) return 'spec' in data ? data.spec.name : 'name' in data ? data.name : 'schedules'
  if (data.type.startsWith('conflict.') && 'id' in data) return data.id
  if (data.type.startsWith('locks.') && 'holder' in data) return holderName(state, data.holder)
  if (run === undefined)
    return isEntity(data) ? event.actor.replace(/^person:/, '') : (event.run ?? event.project ?? 'engine')
  const talker = talkSubject(event, run)
  if (talker !== undefined) return plain(talker)
  if ('task' in data && data.task !== null) return nameOf(run, data.task)
  return runName(run)
}

/** Of a project, recorded by somebody. */
function isEntity({ type }: DomainEvent): boolean {
  return type === 'risk.recorded' || type === 'component.recorded'
}

type Told = readonly [mark: Mark, text: string]

function tell(data: DomainEvent, run: Run | undefined): Told | undefined {
  if (isRegisteredEvent(data)) return tellRegistered(data)
  if (isTargetEvent(data)) return tellTarget(data)
  if (isPointEvent(data)) return tellPoint(data)
  if (isHealthEvent(data)) return tellHealth(data)
  if (isScheduleEvent(data)) return tellSchedule(data)
  if (data.type.startsWith('conflict.')) return tellConflict(data)
  if (data.type.startsWith('locks.')) return tellLocks(data)
  switch (data.type) {
    case 'engine.started':
      return ['running', `engine ${data.version} started (process ${data.pid})`]
    case 'project.registered':
      return ['waiting', `project ${data.name} at ${data.root}`]
    case 'effect.delayed':
      return ['needs-you', `held up: ${data.error} ${data.remedy}`]
    case 'effect.done':
      return undefined
    case 'attention.raised':
      return ['needs-you', `needs you: ${data.text}`]
    case 'attention.resolved':
      return ['done', `settled: ${data.choice}`]
    case 'gate.asked':
    case 'gate.evaluated':
    case 'gate.delayed':
    case 'gate.decided':
    case 'gate.settled':
      return tellGate(data, run)
    case 'merge.check-started':
    case 'merge.check-ended':
    case 'merge.advanced':
    case 'merge.held':
    case 'merge.resumed':
      return tellQueue(data, run)
    default:
      return data.type.startsWith('run.') ? tellRun(data) : (tellTalk(data, run) ?? tellTask(data, run))
  }
}

function tellRun(data: DomainEvent): Told | undefined {
  switch (data.type) {
    case 'run.started':
      return [
        'running',
        `started: ${counted(data.plan.tasks.length, 'task')} in ${counted(data.plan.phases.length, 'phase')}`,
      ]
    case 'run.prepared':
      return ['running', ['code copied', ...data.warnings].join('; ')]
    case 'run.paused':
      return ['waiting', 'paused']
    case 'run.continued':
      return ['running', 'continues']
    case 'run.stopping':
      return ['running', data.force ? 'stopping at once' : 'stopping']
    case 'run.settled':
      return data.status === 'completed'
        ? ['done', 'done']
        : [data.status === 'failed' ? 'failed' : 'waiting', `${data.status}: ${data.cause ?? ''}`]
    case 'run.reopened':
      return ['running', 'goes on']
    case 'run.recalled':
      return ['waiting', 'taken up again']
    case 'run.retired':
      return ['done', 'put away']
    case 'run.apply-requested':
      return ['running', 'applying']
    case 'run.discard-requested':
      return ['running', 'discarding']
    case 'run.applied':
      return ['done', `applied to ${data.branch} as ${data.commit.slice(0, 12)}`]
    case 'run.apply-refused':
      return ['needs-you', `not applied: ${data.reason} ${data.remedy}`]
    case 'run.discarded':
      return ['done', 'discarded']
    default:
      return undefined
  }
}

function tellTask(data: DomainEvent, run: Run | undefined): Told | undefined {
  const id = (index: number) => run?.plan.tasks[index]?.id ?? `task ${index}`
  switch (data.type) {
    case 'task.assigned':
      return ['waiting', data.reason === 'first' ? 'starting' : `starting (${ASSIGNED[data.reason]})`]
    case 'agent.started':
      return ['running', data.adopted ? 'running (found at work)' : 'running']
    case 'agent.exited':
      return ['running', 'finishing']
    case 'agent.terminated':
      // What became of its task is told by the event that follows, with the cause.
      return data.cause === 'lost' ? ['failed', data.detail] : undefined
    case 'agent.timed-out':
      return ['failed', `over its time limit of ${formatDuration(data.limitMs)}`]
    case 'agent.stopping':
      return ['running', 'stopping']
    case 'agent.blocked':
      return [
        'blocked',
        `locked by ${data.behind.map((holder) => parseAttemptId(holder)?.task ?? holder).join(' and ') || 'others'}`,
      ]
    case 'agent.unblocked':
      return ['waiting', 'starting']
    case 'agent.pausing':
      return ['waiting', 'paused']
    case 'agent.resuming':
      return ['running', 'continues']
    case 'agent.conflicted':
      return ['conflict', heldFor(data.conflict, data.behind ?? null)]
    case 'agent.reconciled':
      return ['running', 'its conflict is settled']
    case 'stray.seen':
      return ['conflict', `wrote what it does not hold: ${data.paths.join(', ')}`]
    case 'stray.set-aside':
      return data.commit === null ? undefined : ['conflict', `set aside: ${data.paths.join(', ')}`]
    case 'stray.ruled':
      return data.verdict === 'allow' ? ['running', 'may have them'] : ['running', 'goes on without them']
    case 'work.committed':
      return tellCommit(data)
    case 'work.conflicted':
      return ['conflict', `conflicts in ${data.files.join(', ')}`]
    case 'work.cleared':
      return ['done', 'let pass by its gates']
    case 'work.rejected':
      return ['failed', `taken out of the merge queue by merge-check#${data.check}`]
    case 'task.completed':
      return ['done', 'done']
    case 'task.failed':
      if (data.next !== null)
        return [
          'waiting',
          `${data.cause}; ${data.next.by === 'other' ? 'another agent tries' : 'tries again'}`,
        ]
      return [data.outcome === 'cancelled' ? 'waiting' : 'failed', `${data.outcome}: ${data.cause}`]
    case 'task.skipped':
      return ['done', `skipped by ${data.by}`]
    case 'task.retry-asked':
    case 'task.reopened':
      return ['waiting', 'to be done again']
    case 'task.blocked':
      return ['needs-you', `blocked: ${data.by}`]
    case 'task.postponed':
      return ['waiting', putBehind(data)]
    case 'task.overdue':
      return ['needs-you', 'overdue']
    case 'need.late':
      return ['needs-you', `${id(data.need)} ${data.failed ? 'failed' : 'is late'}`]
    default:
      return undefined
  }
}

type QueueEvent = Extract<DomainEvent, { type: `merge.${string}` }>

function tellQueue(data: QueueEvent, run: Run | undefined): Told | undefined {
  const check = 'check' in data ? `merge-check#${data.check}` : ''
  switch (data.type) {
    case 'merge.check-started': {
      const names = data.tasks.map((task) => run?.plan.tasks[task]?.id ?? `task ${task}`).join(', ')
      if (data.unchecked) return ['running', `merging ${names} without a check`]
      return ['running', names === '' ? `${check}: the branch as it is` : `${check}: ${names}`]
    }
    case 'merge.check-ended':
      if (data.result === 'passed') return ['done', `${check} passed`]
      // All of its output is in its log.
      return [data.result === 'failed' ? 'failed' : 'waiting', data.detail.split('\n')[0]!]
    case 'merge.advanced':
      return undefined
    case 'merge.held':
      return ['needs-you', `nothing is merged for now: ${data.reason.split('\n')[0]}`]
    case 'merge.resumed':
      return ['running', data.unchecked ? 'merging goes on, without a check' : 'merging goes on']
    default:
      return assertNever(data, 'unknown event')
  }
}

const ASSIGNED = { first: '', retry: 'again', 'other-agent': 'another agent', person: 'asked for' } as const

/** Worth a line only where something was left out. */
function tellCommit(data: Extract<DomainEvent, { type: 'work.committed' }>): Told | undefined {
  const left = [
    ...(data.undeclared.length > 0
      ? [`changed without "writes", dropped: ${data.undeclared.join(', ')}`]
      : []),
    ...(data.refused.length > 0 ? [`refused: ${data.refused.join(', ')}`] : []),
  ]
  return left.length === 0 ? undefined : ['conflict', left.join('; ')]
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
