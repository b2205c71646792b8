// biome-ignore-all lint/a11y/useSemanticElements: rows in phases, of which only those in sight exist, cannot be a <table>
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { navigate, usePlace } from '../../state/place.ts'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { Axis } from './Axis.tsx'
import type { Chart } from './bars.ts'
import { type Line, linesOf } from './figures.ts'
import { Hover, type Hovered, hoveredAt } from './Hover.tsx'
import { PhaseRow, TaskRow } from './Rows.tsx'
import css from './Timeline.module.css'
import { words } from './words.ts'

export const ROW = 26
/** Height of the axis with the strip of agents at work. */
const HEAD = 68
/** Room behind the end, px. */
const MARGIN = 32
/** More would not be read by anybody, and browsers end somewhere. */
const WIDEST = 400_000

export interface GanttProps {
  readonly chart: Chart
  readonly now: number
  readonly scale: number | undefined
  readonly onScale: (scale: number | undefined) => void
  readonly onFitted: (scale: number) => void
  readonly folded: ReadonlySet<number>
  readonly onFold: (folded: ReadonlySet<number>) => void
  readonly chain: ReadonlySet<number> | undefined
  readonly moment: number | undefined
  readonly onMoment: (moment: number | undefined) => void
}

/** The rows of a run over its time. Arrows move along the rows and the time, plus and minus zoom, 0 shows all. */
export function Gantt(props: GanttProps): ReactNode {
  const { chart, now, folded, onFold, onFitted, moment } = props
  const w = useWords(words)
  const { task } = usePlace()
  const { run } = chart
  const [scroller, width] = useWidth<HTMLDivElement>()
  const labels = width < 720 ? 148 : 208
  const span = Math.max(1_000, now - run.startedAt)
  const fitted = Math.max(1, width - labels - MARGIN) / span
  const scale = Math.min(Math.max(props.scale ?? fitted, fitted), Math.max(fitted, WIDEST / span))
  useEffect(() => onFitted(fitted), [fitted, onFitted])
  const lines = useMemo(() => linesOf(run, folded), [run, folded])
  const { current, setCurrent, onKeyDown } = useKeys(props, lines, scroller, scale, fitted, (i) => {
    virtual.scrollToIndex(i)
  })
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    // The row with the focus stays even out of sight, or the keyboard would lose its place.
    rangeExtractor: (range) =>
      [...new Set([current, ...defaultRangeExtractor(range)])]
        .filter((index) => index < range.count)
        .sort((a, b) => a - b),
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
  })
  const [hovered, setHovered] = useState<Hovered | undefined>()
  const left = useZoomAnchor(scroller, scale, labels, props)
  const toggle = (phase: number): void => {
    const next = new Set(folded)
    if (!next.delete(phase)) next.add(phase)
    onFold(next)
  }
  const plane = span * scale + MARGIN
  const x = (time: number): number => (time - run.startedAt) * scale
  return (
    <div className={css['frame']} style={{ '--labels': `${labels}px` } as React.CSSProperties}>
      <div
        ref={scroller}
        role="treegrid"
        aria-label={w.label}
        aria-rowcount={lines.length}
        className={css['scroller']}
        data-chain={props.chain !== undefined}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setHovered(hoveredAt(event))}
        onPointerLeave={() => setHovered(undefined)}
      >
        <div
          role="presentation"
          className={css['content']}
          style={{ height: virtual.getTotalSize(), width: labels + plane }}
        >
          <Axis chart={chart} now={now} scale={scale} plane={plane} left={left} onMoment={props.onMoment} />
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const line = lines[index]!
            const shared = { chart, now, x, top: start, row: index, focusable: index === current }
            return line.kind === 'phase' ? (
              <PhaseRow
                key={key}
                {...shared}
                line={line}
                onToggle={() => toggle(line.phase)}
                onFocus={() => setCurrent(index)}
              />
            ) : (
              <TaskRow
                key={key}
                {...shared}
                index={line.index}
                selected={run.plan.tasks[line.index]!.id === task}
                critical={props.chain?.has(line.index) === true}
                onFocus={() => setCurrent(index)}
                onSelect={() => navigate({ run: run.id, task: run.plan.tasks[line.index]!.id })}
              />
            )
          })}
          {run.endedAt === null && <div className={css['now']} style={{ left: labels + x(now) }} />}
          {moment !== undefined && <div className={css['moment']} style={{ left: labels + x(moment) }} />}
        </div>
      </div>
      {hovered !== undefined && <Hover chart={chart} now={now} hovered={hovered} />}
    </div>
  )
}

/** Ctrl and the wheel zoom where the pointer is; any other zoom keeps the middle. Gives how far it is panned, px. */
function useZoomAnchor(
  scroller: React.RefObject<HTMLDivElement | null>,
  scale: number,
  labels: number,
  { onScale }: GanttProps,
): number {
  const [left, setLeft] = useState(0)
  const before = useRef(scale)
  const pointer = useRef<number | undefined>(undefined)
  useLayoutEffect(() => {
    const element = scroller.current
    const factor = scale / before.current
    before.current = scale
    if (element === null || factor === 1 || element.scrollLeft === 0) {
      if (element === null || pointer.current === undefined) return
    }
    const at = pointer.current ?? (element.clientWidth - labels) / 2
    pointer.current = undefined
    element.scrollLeft = (element.scrollLeft + at) * factor - at
  }, [scroller, scale, labels])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      pointer.current = Math.max(0, event.clientX - element.getBoundingClientRect().left - labels)
      onScale(before.current * Math.exp(-event.deltaY / 300))
    }
    const scroll = (): void => setLeft(Math.floor(element.scrollLeft / 400) * 400)
    element.addEventListener('wheel', wheel, { passive: false })
    element.addEventListener('scroll', scroll, { passive: true })
    return () => {
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('scroll', scroll)
    }
  }, [scroller, labels, onScale])
  return left
}

function useKeys(
  { onScale, onFold, folded }: GanttProps,
  lines: readonly Line[],
  scroller: React.RefObject<HTMLDivElement | null>,
  scale: number,
  fitted: number,
  show: (index: number) => void,
) {
  const [wanted, setCurrent] = useState(0)
  const current = Math.min(wanted, Math.max(0, lines.length - 1))
  const focus = (index: number): void => {
    const at = Math.min(lines.length - 1, Math.max(0, index))
    setCurrent(at)
    show(at)
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus({ preventScroll: true }),
      ),
    )
  }
  const pan = (by: number): void => scroller.current?.scrollBy({ left: by })
  const fold = (line: Line | undefined, close: boolean): void => {
    if (line?.kind !== 'phase' || line.folded === close) {
      pan(close ? -120 : 120)
      return
    }
    const next = new Set(folded)
    if (close) next.add(line.phase)
    else next.delete(line.phase)
    onFold(next)
  }
  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD) / ROW) - 1)
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focus(current + 1),
    ArrowUp: () => focus(current - 1),
    PageDown: () => focus(current + page),
    PageUp: () => focus(current - page),
    Home: () => focus(0),
    End: () => focus(lines.length - 1),
    ArrowLeft: () => fold(lines[current], true),
    ArrowRight: () => fold(lines[current], false),
    '+': () => onScale(scale * 1.5),
    '=': () => onScale(scale * 1.5),
    '-': () => onScale(scale / 1.5 <= fitted ? undefined : scale / 1.5),
    '0': () => onScale(undefined),
    Enter: () => (document.activeElement as HTMLElement | null)?.click(),
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const act = keys[event.key]
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
  return { current, setCurrent, onKeyDown }
}
