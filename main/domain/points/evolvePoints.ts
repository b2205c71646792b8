import { assertNever } from '../assertNever.ts'
import type { DomainEvent, EventOf } from '../events.ts'
import type { ProjectRecord } from '../state.ts'
import type { RollbackPoint } from './point.ts'

export type PointEvent = EventOf<
  'point.made' | 'point.pinned' | 'point.removed' | 'point.tested' | 'point.copied'
>

export function isPointEvent(data: DomainEvent): data is PointEvent {
  return data.type.startsWith('point.')
}

export function evolvePoints(project: ProjectRecord, data: PointEvent, time: number): ProjectRecord {
  switch (data.type) {
    case 'point.made':
      return { ...project, points: [...project.points, data.point], lastPoint: project.lastPoint + 1 }
    case 'point.removed':
      return { ...project, points: project.points.filter(({ id }) => id !== data.point) }
    case 'point.pinned':
      return withPoint(project, data.point, { pinned: data.pinned })
    case 'point.tested': {
      const { ok, detail, ms } = data
      const tested = { at: time, ok, detail, ...(ms === null ? {} : { ms }) }
      return withPoint(project, data.point, { tested })
    }
    case 'point.copied':
      return withPoint(project, data.point, { copiedTo: data.to, copyTrouble: data.trouble })
    default:
      return assertNever(data, 'unknown event')
  }
}

function withPoint(project: ProjectRecord, id: string, change: Partial<RollbackPoint>): ProjectRecord {
  const points = project.points.map((point) => (point.id === id ? { ...point, ...change } : point))
  return { ...project, points }
}
