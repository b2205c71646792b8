// biome-ignore-all lint/a11y/useSemanticElements: a table of which only the rows in sight exist cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus; cells and heads are read with them
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { rangeWith, useRoving } from './roving.ts'
import { type SortBy, sorted, turned } from './sorting.ts'
import css from './Table.module.css'

export interface Column<Row> {
  readonly id: string
  readonly head: string
  /** Its head is said and not shown. */
  readonly quiet?: boolean
  /** A grid track: `120px`, `minmax(120px, 2fr)`. */
  readonly width: string
  /** `near`: the pointer or the focus is on the row; what costs much or would be noise is shown then only. */
  readonly cell: (row: Row, near: boolean) => ReactNode
  /** Makes the head a button that sorts. Undefined values come last either way. */
  readonly sortBy?: (row: Row) => number | string | undefined
  readonly align?: 'end'
}

export interface TableProps<Row> {
  /** Its name. */
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string | number
  readonly selected?: string | number | undefined
  /** Enter, or a click on the row. */
  readonly onActivate?: (row: Row) => void
  /** Below a row that shows more; undefined where it does not. */
  readonly detail?: (row: Row) => ReactNode
  /** A row's height, px. */
  readonly rowHeight?: number
  /** In place of rows. */
  readonly empty?: ReactNode
  /** Rows come and go at both ends: what is in sight keeps its place. `following`: while the end is in sight it stays there. */
  readonly grows?: 'following' | 'standing'
  /** The first or last rows there are have come into sight, or left it. */
  readonly onEdge?: (edge: 'first' | 'last', inSight: boolean) => void
  readonly sort?: SortBy | undefined
  readonly onSort?: (sort: SortBy | undefined) => void
  /** For moving it from outside. */
  readonly handle?: RefObject<TableHandle | null>
  readonly markOf?: (row: Row) => string | undefined
  /** All rows there are, where not all of them are here. */
  readonly total?: number
}

export interface TableHandle {
  readonly scrollTo: (key: string | number) => void
  readonly toEnd: () => void
}

const HEAD = 28
const EDGE = 20

/**
 * Rows of any number in columns. Only those in sight exist; one of them has the focus, moved by the arrows, Page Up and
 * Down, Home and End. Cells may hold buttons: Tab goes on to them from the row that has the focus.
 */
export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { label, columns, keyOf, rowHeight = 32, grows, total } = props
  const [ownSort, setOwnSort] = useState<SortBy | undefined>()
  const sort = props.onSort === undefined ? ownSort : props.sort
  const setSort = props.onSort ?? setOwnSort
  const by = columns.find((column) => column.id === sort?.column)?.sortBy
  const rows = by === undefined || sort === undefined ? props.rows : sorted(props.rows, by, sort.down)
  const scroller = useRef<HTMLDivElement>(null)
  const { current, setCurrent, onKeyDown, onBlur } = useRoving(
    scroller,
    rows,
    keyOf,
    (index) => virtual.scrollToIndex(index),
    rowHeight,
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyOf(rows[index]!),
    overscan: 8,
    rangeExtractor: rangeWith(current),
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
    ...(grows === undefined
      ? {}
      : {
          anchorTo: 'end' as const,
          followOnAppend: grows === 'following',
          scrollEndThreshold: rowHeight * 2,
        }),
  })
  useEdges(props.onEdge, virtual.range, rows.length)
  useHandle(props.handle, rows, keyOf, virtual)
  const tracks = columns.map((column) => column.width).join(' ')
  const items = virtual.getVirtualItems()
  return (
    <div className={css['frame']}>
      <div
        ref={scroller}
        className={css['table']}
        role="grid"
        aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1}
        aria-colcount={columns.length}
        tabIndex={rows.length === 0 ? 0 : -1}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
        style={{ '--tracks': tracks } as React.CSSProperties}
      >
        <div className={css['body']} role="presentation" style={{ height: virtual.getTotalSize() }}>
          <Head columns={columns} sort={sort} onSort={setSort} />
          {items.map(({ index, key, start }) => {
            const row = rows[index]!
            return (
              <TableRow
                key={key}
                {...props}
                measure={props.detail === undefined ? undefined : virtual.measureElement}
                row={row}
                index={index}
                start={start}
                focusable={index === current}
                onFocus={() => setCurrent(keyOf(row))}
              />
            )
          })}
        </div>
      </div>
      {/* Not in the grid, in which there are rows and nothing else. */}
      {rows.length === 0 && <div className={css['empty']}>{props.empty}</div>}
    </div>
  )
}

function Head<Row>({
  columns,
  sort,
  onSort,
}: {
  readonly columns: readonly Column<Row>[]
  readonly sort: SortBy | undefined
  readonly onSort: (sort: SortBy | undefined) => void
}): ReactNode {
  return (
    <div role="row" aria-rowindex={1} className={css['head']}>
      {columns.map(({ id, head, quiet, align, sortBy }) => {
        const state = sort?.column === id ? (sort.down ? 'descending' : 'ascending') : undefined
        return (
          <div key={id} role="columnheader" data-align={align} aria-sort={state}>
            {quiet === true ? (
              <span className="visually-hidden">{head}</span>
            ) : sortBy === undefined ? (
              head
            ) : (
              <button type="button" onClick={() => onSort(turned(sort, id))}>
                {head}
                <span aria-hidden>{state === undefined ? '' : state === 'ascending' ? ' ↑' : ' ↓'}</span>
              </button>
            )}
          </div>
        )
      })}
    </div>
  )
}

interface RowProps<Row> extends TableProps<Row> {
  readonly measure: ((element: Element | null) => void) | undefined
  readonly row: Row
  readonly index: number
  readonly start: number
  readonly focusable: boolean
  readonly onFocus: () => void
}

function TableRow<Row>(props: RowProps<Row>): ReactNode {
  const { columns, row, index, start, keyOf, selected, onActivate, rowHeight = 32 } = props
  const [under, setUnder] = useState(false)
  const [within, setWithin] = useState(false)
  const more = props.detail?.(row)
  const isSelected = selected !== undefined && keyOf(row) === selected
  const activate = (event: React.MouseEvent): void => {
    // Buttons in cells act for themselves, and whoever marks text does not mean the row.
    if ((event.target as HTMLElement).closest('button, a, input, [data-own]') !== null) return
    if (window.getSelection()?.isCollapsed !== false) onActivate?.(row)
  }
  return (
    <div
      ref={props.measure}
      data-index={index}
      className={css['item']}
      role="presentation"
      style={{ transform: `translateY(${start}px)` }}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter is the grid's */}
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={onActivate === undefined ? undefined : isSelected}
        data-mark={props.markOf?.(row)}
        className={css['row']}
        style={{ gridTemplateRows: `${rowHeight - 1}px` }}
        tabIndex={props.focusable ? 0 : -1}
        onFocus={() => {
          setWithin(true)
          props.onFocus()
        }}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setWithin(false)
        }}
        onPointerEnter={() => setUnder(true)}
        onPointerLeave={() => setUnder(false)}
        onClick={activate}
      >
        {columns.map(({ id, align, cell }) => (
          <div key={id} role="gridcell" data-align={align}>
            {cell(row, under || within || isSelected)}
          </div>
        ))}
        {more !== undefined && (
          <div role="gridcell" aria-colspan={columns.length} className={css['detail']} data-own>
            {more}
          </div>
        )}
      </div>
    </div>
  )
}

function useEdges(
  onEdge: ((edge: 'first' | 'last', inSight: boolean) => void) | undefined,
  range: { readonly startIndex: number; readonly endIndex: number } | null,
  count: number,
): void {
  const first = range !== null && range.startIndex < EDGE
  const last = range !== null && range.endIndex >= count - EDGE
  useEffect(() => {
    if (count > 0) onEdge?.('first', first)
  }, [first, count, onEdge])
  useEffect(() => {
    if (count > 0) onEdge?.('last', last)
  }, [last, count, onEdge])
}

function useHandle<Row>(
  handle: RefObject<TableHandle | null> | undefined,
  rows: readonly Row[],
  keyOf: (row: Row) => string | number,
  virtual: { scrollToIndex: (index: number, options: { align: 'center' }) => void; scrollToEnd: () => void },
): void {
  useEffect(() => {
    if (handle === undefined) return
    handle.current = {
      scrollTo: (key) => {
        const index = rows.findIndex((row) => keyOf(row) === key)
        if (index >= 0) virtual.scrollToIndex(index, { align: 'center' })
      },
      toEnd: () => virtual.scrollToEnd(),
    }
  })
}
