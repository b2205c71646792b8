import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { PointEvent } from '../../../../main/domain/points/evolvePoints.ts'
import type { Like } from '../../words/language.ts'
import type { pointSentences } from './pointWords.ts'

export function sentenceOfPoint(w: Like<(typeof pointSentences)['en']>, data: PointEvent): string {
  switch (data.type) {
    case 'point.made':
      return w.made(data.point.id, data.point.target ?? '')
    case 'point.pinned':
      return (data.pinned ? w.pinned : w.unpinned)(data.point)
    case 'point.removed':
      return w.removed[data.why](data.point)
    case 'point.tested':
      return (data.ok ? w.testedWell : w.testedBadly)(data.point, data.detail)
    case 'point.copied':
      return data.to === null ? w.notCopied(data.point, data.trouble ?? '') : w.copied(data.point, data.to)
    default:
      return assertNever(data, 'unknown event')
  }
}
