import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { Fact, Facts } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import type { Chart } from './bars.ts'
import { markOfBar, timesOf } from './figures.ts'
import css from './Timeline.module.css'
import { words } from './words.ts'

export interface Hovered {
  readonly task: number
  readonly attempt: number
  /** Of the pointer in the window, px. */
  readonly x: number
  readonly y: number
}

/** The attempt under the pointer. */
export function hoveredAt(event: React.PointerEvent): Hovered | undefined {
  const of = (event.target as HTMLElement).closest<HTMLElement>('[data-bar]')?.dataset['bar']
  if (of === undefined || event.pointerType === 'touch') return undefined
  const [task, attempt] = of.split('/').map(Number)
  return { task: task!, attempt: attempt!, x: event.clientX, y: event.clientY }
}

const WIDTH = 240
const HEIGHT = 180

/** Where the time of the attempt under the pointer went. */
export function Hover({
  chart,
  now,
  hovered,
}: {
  readonly chart: Chart
  readonly now: number
  readonly hovered: Hovered
}): ReactNode {
  const w = useWords(words)
  const bar = chart.bars[hovered.task]?.find((one) => one.n === hovered.attempt)
  if (bar === undefined) return null
  const times = timesOf(bar, now)
  const parts = (['waited', 'starting', 'ran', 'paused', 'finishing'] as const).filter(
    (part) => times[part] > 0 || part === 'ran',
  )
  const left = Math.min(hovered.x + 12, window.innerWidth - WIDTH - 12)
  const top = hovered.y + 16 + HEIGHT > window.innerHeight ? hovered.y - HEIGHT : hovered.y + 16
  return (
    <div className={css['hover']} role="tooltip" style={{ left, top, width: WIDTH }}>
      <p className={css['hoverHead']}>
        <Glyph mark={markOfBar(bar)} size={14} progress={0.6} />
        <strong>{chart.run.plan.tasks[hovered.task]!.title}</strong>
      </p>
      <p className="muted">
        {`${bar.role} · ${w.attempt(bar.n)}`}
        {bar.end !== null && ` · ${w.ends[bar.end]}`}
      </p>
      <Facts>
        {parts.map((part) => (
          <Fact key={part} name={w[part]}>
            {formatDuration(times[part])}
          </Fact>
        ))}
      </Facts>
    </div>
  )
}
