import type { ReactNode } from 'react'
import type { SeriesPoint } from '../../../../preload/contract.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './Health.module.css'
import { heightOf, linesOf } from './lines.ts'
import { words } from './words.ts'

export interface ChartProps {
  /** As the seed and `/metrics` call it. */
  readonly measure: string
  readonly name: string
  /** Now, with its unit; undefined while it is not known. */
  readonly value: string | undefined
  readonly about: string
  readonly state: 'well' | 'bad' | 'unknown'
  readonly points: readonly SeriesPoint[] | undefined
  /** At the top; the largest of the series where that is more. */
  readonly least: number
  readonly limit?: number | undefined
  /** ms */
  readonly from: number
  readonly to: number
  readonly intervalMs: number
}

const SIZE = { width: 600, height: 64 }
const MARK = { well: 'done', bad: 'failed', unknown: 'waiting' } as const

/** One figure: how it is, whether that is well, and how it was. */
export function Chart(props: ChartProps): ReactNode {
  const { measure, name, value, about, state, points, least, limit, from, to, intervalMs } = props
  const w = useWords(words)
  const most = Math.max(least, ...(points ?? []).map((point) => point.value)) || 1
  const { line, area } = linesOf(points ?? [], { from, to, most }, SIZE, intervalMs)
  return (
    <figure className={css['figure']} data-measure={measure} data-state={state}>
      <figcaption>
        <Glyph mark={MARK[state]} size={14} label={w.state[state]} />
        <span className={css['name']}>{name}</span>
        <strong>{value ?? '–'}</strong>
        <span className={css['about']}>{about}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={w.chart(name, value ?? '–', w.state[state])}
      >
        <title>{measure}</title>
        {line !== '' && limit !== undefined && limit <= most && (
          <path
            className={css['limit']}
            d={`M0 ${heightOf(limit, most, SIZE.height)}H${SIZE.width}`}
            vectorEffect="non-scaling-stroke"
          />
        )}
        <path className={css['area']} d={area} />
        <path className={css['line']} d={line} vectorEffect="non-scaling-stroke" />
      </svg>
      {line === '' && <p className={css['none']}>{w.noSeries}</p>}
    </figure>
  )
}
