import { assertNever } from '../domain/assertNever.ts'
import type { PointEvent } from '../domain/points/evolvePoints.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to a rollback point. */
export function tellPoint(data: PointEvent): readonly [mark: Mark, text: string] {
  switch (data.type) {
    case 'point.made':
      return ['done', `kept${data.point.target === null ? '' : ` of ${data.point.target}`}`]
    case 'point.pinned':
      return ['done', data.pinned ? 'pinned' : 'not pinned any more']
    case 'point.removed':
      return ['done', data.why === 'person' ? 'removed' : `removed by the policy (${data.why})`]
    case 'point.tested':
      return data.ok
        ? ['done', `can be restored: ${data.detail}`]
        : ['needs-you', `cannot be restored: ${data.detail}`]
    case 'point.copied':
      return data.to === null
        ? ['needs-you', `not copied: ${data.trouble}`]
        : ['done', `copied to ${data.to}`]
    default:
      return assertNever(data, 'unknown event')
  }
}
