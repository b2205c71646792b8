import type { ReactNode } from 'react'
import { formatBytes } from '../../../main/domain/bytes.ts'
import type { RollbackPoint } from '../../../main/domain/points/point.ts'
import { useNow } from '../state/clock.ts'
import { usePreference } from '../state/preferences.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { timeText } from '../views/events/timeText.ts'
import { useWords } from '../words/language.ts'
import css from './Rollback.module.css'
import { words } from './words.ts'

/** The points of a target as a choice of one; the last good one is on top. */
export function PointList({
  points,
  offered,
  value,
  onChange,
}: {
  readonly points: readonly RollbackPoint[]
  readonly offered: string | undefined
  readonly value: string
  readonly onChange: (id: string) => void
}): ReactNode {
  const w = useWords(words)
  return (
    <fieldset className={css['points']}>
      <legend>{w.points}</legend>
      {points.map((point) => (
        <label key={point.id} data-chosen={point.id === value}>
          <input type="radio" name="point" checked={point.id === value} onChange={() => onChange(point.id)} />
          <PointText point={point} offered={point.id === offered} />
        </label>
      ))}
    </fieldset>
  )
}

function PointText({
  point,
  offered,
}: {
  readonly point: RollbackPoint
  readonly offered: boolean
}): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const { id, at, name, why, release, good, tested, bytes } = point
  const bad = tested?.ok === false
  const title = release?.version ?? name ?? w.reasons[why]
  return (
    <span className={css['point']}>
      <span className={css['name']}>
        <b>{title}</b>
        <time dateTime={new Date(at).toISOString()}>{timeText(at, now, language)}</time>
      </span>
      <span className="muted">
        {[id, name ?? w.reasons[why], ...(bytes === 0 ? [] : [formatBytes(bytes)])]
          .filter((part) => part !== title)
          .join(' · ')}
      </span>
      <span className={css['signs']}>
        <Glyph mark={bad ? 'failed' : good ? 'done' : 'waiting'} size={12} />
        {bad ? w.testFailed : offered ? w.offered : good ? w.good : w.notGood}
        {tested?.ok === true && <span className="muted">{w.tested}</span>}
      </span>
    </span>
  )
}
