import type { DomainEvent } from '../domain/events.ts'
import { parseAttemptId } from '../domain/ids.ts'
import type { Mark } from '../domain/status.ts'
import type { TargetEvent } from '../domain/targets/evolveTargets.ts'
import type { TargetState } from '../domain/targets/target.ts'

export function isTargetEvent(data: DomainEvent): data is TargetEvent {
  return data.type.startsWith('target.')
}

/** What happened to a target; undefined for what its task tells already. */
export function tellTarget(data: TargetEvent): readonly [mark: Mark, text: string] | undefined {
  switch (data.type) {
    case 'target.released':
      return ['done', `${data.release.version} released by ${parseAttemptId(data.by)?.task ?? data.by}`]
    case 'target.state':
      return [TARGET_MARKS[data.state], data.reason === null ? data.state : `${data.state}: ${data.reason}`]
    case 'target.taken-down':
      return ['done', data.data ? 'taken down, with its data' : 'taken down; its data are kept']
    case 'target.forgotten':
      return ['done', 'no target any more']
    default:
      return undefined
  }
}

export const TARGET_MARKS: Readonly<Record<TargetState, Mark>> = {
  unknown: 'needs-you',
  healthy: 'done',
  unverified: 'waiting',
  unhealthy: 'failed',
  half: 'needs-you',
}
