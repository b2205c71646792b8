// biome-ignore-all lint/a11y/useSemanticElements: rows in phases, of which only those in sight exist, cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus; cells are read with them
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter is the grid's
import { ChevronDown, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import type { Bar, Chart } from './bars.ts'
import { type Line, markOfBar, timesOf } from './figures.ts'
import css from './Timeline.module.css'
import { words } from './words.ts'

interface Shared {
  readonly chart: Chart
  readonly now: number
  /** Px from the run's start to a time. */
  readonly x: (time: number) => number
  readonly top: number
  readonly row: number
  readonly focusable: boolean
  readonly onFocus: () => void
}

/** A phase, from the first of its tasks to the last. */
export function PhaseRow({
  line,
  onToggle,
  ...shared
}: Shared & {
  readonly line: Extract<Line, { kind: 'phase' }>
  readonly onToggle: () => void
}): ReactNode {
  const w = useWords(words)
  const { chart, now, x, top, row, focusable, onFocus } = shared
  const { run } = chart
  const bars = run.plan.tasks.flatMap((spec, i) => (spec.phase === line.phase ? chart.bars[i]! : []))
  const from = bars.reduce((least, bar) => Math.min(least, bar.assignedAt), Number.POSITIVE_INFINITY)
  const to = bars.reduce((most, bar) => Math.max(most, bar.endedAt ?? now), 0)
  const name = `${line.phase + 1} ${run.plan.phases[line.phase]!.name}`
  return (
    <div
      role="row"
      aria-level={1}
      aria-expanded={!line.folded}
      aria-rowindex={row + 1}
      data-row={row}
      className={css['phase']}
      style={{ transform: `translateY(${top}px)` }}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      onClick={onToggle}
    >
      <div role="rowheader" className={css['label']}>
        {line.folded ? <ChevronRight size={14} aria-hidden /> : <ChevronDown size={14} aria-hidden />}
        <strong>{name}</strong>
        <span className="muted">{line.tasks}</span>
      </div>
      <div role="gridcell" className={css['lane']} aria-label={w.phase(line.tasks)}>
        {to > 0 && (
          <div className={css['extent']} style={{ left: x(from), width: Math.max(2, x(to) - x(from)) }} />
        )}
      </div>
    </div>
  )
}

export function TaskRow({
  index,
  selected,
  critical,
  onSelect,
  ...shared
}: Shared & {
  readonly index: number
  readonly selected: boolean
  readonly critical: boolean
  readonly onSelect: () => void
}): ReactNode {
  const w = useWords(words)
  const { chart, now, x, top, row, focusable, onFocus } = shared
  const { run } = chart
  const bars = chart.bars[index]!
  const status = taskStatus(run, index, now)
  const { ready, readyAt } = run.tasks.get(index)!
  const signs = chart.signs.filter((sign) => sign.task === index)
  const said = bars.map((bar) => {
    const end = bar.end === null ? '' : `, ${w.ends[bar.end]}`
    return `${w.attempt(bar.n)}: ${w.ran} ${formatDuration(timesOf(bar, now).ran)}${end}`
  })
  return (
    <div
      role="row"
      aria-level={2}
      aria-rowindex={row + 1}
      aria-selected={selected}
      data-row={row}
      data-critical={critical}
      className={css['task']}
      style={{ transform: `translateY(${top}px)` }}
      tabIndex={focusable ? 0 : -1}
      onFocus={onFocus}
      onClick={onSelect}
    >
      <div role="rowheader" className={css['label']}>
        <Glyph mark={status.mark} size={13} progress={status.mark === 'running' ? 0.6 : undefined} />
        <span>{run.plan.tasks[index]!.title}</span>
      </div>
      <div
        role="gridcell"
        className={css['lane']}
        aria-label={said.length === 0 ? w.notBegun : said.join('; ')}
      >
        {bars.map((bar) => (
          <Attempt key={bar.n} bar={bar} of={`${index}/${bar.n}`} now={now} x={x} many={bars.length > 1} />
        ))}
        {ready && readyAt !== null && run.endedAt === null && (
          <div
            className={css['waited']}
            style={{ left: x(readyAt), width: Math.max(0, x(now) - x(readyAt)) }}
          />
        )}
        {signs.map((sign) => (
          <span
            key={`${sign.id}/${sign.from}`}
            className={css['sign']}
            style={{ left: x(sign.from) }}
            title={sign.text}
          >
            <Glyph mark="needs-you" size={12} />
          </span>
        ))}
      </div>
    </div>
  )
}

/** Below this width a number in a bar is not read, px. */
const NUMBERED = 26

function Attempt({
  bar,
  of,
  now,
  x,
  many,
}: {
  readonly bar: Bar
  /** `task/attempt`, for the hover. */
  readonly of: string
  readonly now: number
  readonly x: (time: number) => number
  readonly many: boolean
}): ReactNode {
  const end = bar.endedAt ?? now
  const started = bar.startedAt ?? end
  const exited = bar.startedAt === null ? end : (bar.exitedAt ?? end)
  const box = (from: number, to: number) => ({ left: x(from), width: Math.max(0, x(to) - x(from)) })
  const wide = x(exited) - x(started)
  return (
    <div data-bar={of} data-mark={markOfBar(bar)} className={css['attempt']}>
      {bar.readyAt !== null && bar.readyAt < bar.assignedAt && (
        <div className={css['waited']} style={box(bar.readyAt, bar.assignedAt)} />
      )}
      {bar.assignedAt < started && <div className={css['delay']} style={box(bar.assignedAt, started)} />}
      {bar.startedAt !== null && (
        <div className={css['ran']} style={{ ...box(started, exited), minWidth: 2 }}>
          {many && wide > NUMBERED && <span>{`#${bar.n}`}</span>}
        </div>
      )}
      {bar.pauses.map((pause) => (
        <div key={pause.from} className={css['paused']} style={box(pause.from, pause.to ?? now)} />
      ))}
      {bar.exitedAt !== null && exited < end && <div className={css['delay']} style={box(exited, end)} />}
    </div>
  )
}
