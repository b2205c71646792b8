import { assertNever } from '../domain/assertNever.ts'
import { formatDuration } from '../domain/duration.ts'
import { parseAttemptId } from '../domain/ids.ts'
import type { RegisteredEvent } from '../domain/registered/evolveRegistered.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to an agent that was started by hand; undefined for signs of life and the like. */
export function tellRegistered(data: RegisteredEvent): readonly [mark: Mark, text: string] | undefined {
  switch (data.type) {
    case 'registered.added':
      return [
        'waiting',
        `registered as ${data.name}${data.files.length === 0 ? '' : `: ${data.files.join(', ')}`}`,
      ]
    case 'registered.blocked':
      return ['blocked', `locked by ${data.behind.map(holderName).join(' and ') || 'others'}`]
    case 'registered.started':
      return ['running', 'running']
    case 'registered.conflicted':
      return ['conflict', `in conflict ${data.conflict}`]
    case 'registered.reconciled':
      return ['running', 'goes on']
    case 'registered.stop-asked':
      return ['running', `asked to stop by ${data.by}`]
    case 'registered.timed-out':
      return ['failed', `over its time limit of ${formatDuration(data.limitMs)}`]
    case 'registered.completing':
      return data.commit === null ? undefined : ['running', `committed ${data.commit.slice(0, 12)}`]
    case 'registered.completed':
      return ['done', 'done']
    case 'registered.terminated':
      return [
        data.cause === 'stopped' || data.cause === 'cancelled' ? 'waiting' : 'failed',
        `terminated: ${data.detail}`,
      ]
    case 'registered.waiting':
    case 'registered.unblocked':
    case 'registered.renewed':
    case 'registered.signalled':
      return undefined
    default:
      return assertNever(data, 'unknown event')
  }
}

function holderName(holder: string): string {
  return parseAttemptId(holder)?.task ?? holder
}
