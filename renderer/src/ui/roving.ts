import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual'
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'

interface Roving {
  /** Index of the row that Tab reaches. */
  readonly current: number
  readonly setCurrent: (key: string | number) => void
  /** Brings a row into sight and gives it the focus. */
  readonly focus: (index: number) => void
  readonly onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  readonly onBlur: (event: FocusEvent<HTMLElement>) => void
}

/**
 * The focus belongs to a row, not to a place: it stays with it when rows come, go or are sorted. When its row goes, it
 * passes to the one that takes the place.
 */
export function useRoving<Row>(
  scroller: RefObject<HTMLDivElement | null>,
  rows: readonly Row[],
  keyOf: (row: Row) => string | number,
  show: (index: number) => void,
  rowHeight: number,
): Roving {
  const [key, setKey] = useState<string | number | undefined>()
  const inside = useRef(false)
  const place = useRef(0)
  const found = key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === key)
  const current = found >= 0 ? found : Math.max(0, Math.min(place.current, rows.length - 1))
  const focus = (index: number): void => {
    setKey(keyOf(rows[index]!))
    place.current = index
    show(index)
    const look = (tries: number): void => {
      const [own, within] = [`[role="row"][data-index="${index}"]`, `[data-index="${index}"] > [role="row"]`]
      const row = scroller.current?.querySelector<HTMLElement>(`${own}, ${within}`)
      if (row != null) row.focus({ preventScroll: true })
      else if (tries > 0) requestAnimationFrame(() => look(tries - 1))
    }
    requestAnimationFrame(() => look(5))
  }
  useEffect(() => {
    if (found >= 0) place.current = found
    else if (inside.current && rows.length > 0 && document.activeElement === document.body) focus(current)
  })
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement
    const inCell = target.getAttribute('role') !== 'row' && target !== event.currentTarget
    if (rows.length === 0 || inCell || event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2)
    const to = MOVES[event.key]?.(current, page, rows.length)
    if (to !== undefined) focus(Math.min(rows.length - 1, Math.max(0, to)))
    else if (event.key === 'Enter') target.click()
    else return
    event.preventDefault()
  }
  return {
    current,
    focus,
    setCurrent: (next) => {
      inside.current = true
      setKey(next)
    },
    onKeyDown,
    onBlur: ({ relatedTarget, target, currentTarget }) => {
      const left = relatedTarget === null ? target.isConnected : !currentTarget.contains(relatedTarget)
      if (left) inside.current = false
    },
  }
}

/** The rows to have: those in sight, and the one with the focus, or the keyboard would lose its place. */
export function rangeWith(current: number): (range: Range) => number[] {
  return (range) =>
    current < range.count
      ? [...new Set([current, ...defaultRangeExtractor(range)])].sort((a, b) => a - b)
      : defaultRangeExtractor(range)
}

const MOVES: Readonly<Record<string, (at: number, page: number, count: number) => number>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, page) => at + page,
  PageUp: (at, page) => at - page,
  Home: () => 0,
  End: (_at, _page, count) => count - 1,
}
