import type { DomainEvent } from '../domain/events.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to a conflict; undefined for anything else. */
export function tellConflict(data: DomainEvent): readonly [mark: Mark, text: string] | undefined {
  switch (data.type) {
    case 'conflict.raised':
      return ['conflict', `conflict: ${data.text}`]
    case 'conflict.grown':
      return data.files.length === 0 ? undefined : ['conflict', `more of it: ${data.text}`]
    case 'conflict.escalated':
      return ['needs-you', `not settled in time, now at level ${data.level}`]
    case 'conflict.resolved':
      return ['done', `settled: ${data.detail}`]
    case 'conflict.verified':
      return [
        data.clean ? 'done' : 'needs-you',
        data.clean ? 'seen to be settled in git' : `not settled in git: ${data.detail}`,
      ]
    default:
      return undefined
  }
}
