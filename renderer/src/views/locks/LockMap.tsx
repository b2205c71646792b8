// biome-ignore-all lint/a11y/useSemanticElements: a tree of which only the rows in sight exist cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus; heads are read with them
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { type ProjectId, parseAttemptId } from '../../../../main/domain/ids.ts'
import type { State } from '../../../../main/domain/state.ts'
import { findAgent } from '../../state/agents.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { rangeWith, useRoving } from '../../ui/roving.ts'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import type { Entry } from './entries.ts'
import { COLUMNS, LockLine, type RowDoors, type Width } from './LockLine.tsx'
import css from './LockMap.module.css'
import { agentOfRow, type LockRow, lockRows } from './lockRows.ts'
import { words } from './words.ts'

/** px. */
const ROW = 30
const HEAD = 28
/** Below these widths columns are left out, px. */
const MIDDLE = 860
const NARROW = 560

const NOTHING: ReadonlySet<string> = new Set()

/** The repository as a tree of what is held or waited for; of any number of rows only those in sight exist. */
export function LockMap({
  state,
  project,
  entries,
}: {
  readonly state: State
  readonly project: ProjectId
  readonly entries: readonly Entry[]
}): ReactNode {
  const w = useWords(words)
  const place = usePlace()
  const [folded, setFolded] = useState(NOTHING)
  const rows = useMemo(() => lockRows(entries, folded), [entries, folded])
  const [frame, wide] = useWidth<HTMLDivElement>()
  const width: Width = wide === 0 || wide >= MIDDLE ? 'wide' : wide >= NARROW ? 'middle' : 'narrow'
  const box = useRef<HTMLDivElement>(null)
  // The same from picture to picture, so that a row that only moves is not rendered again.
  const latest = useRef(state)
  latest.current = state
  const doors = useMemo(
    (): RowDoors => ({
      active: ({ id }) => setCurrent.current(id),
      activate: (row) => {
        setCurrent.current(row.id)
        if (agentOfRow(row) === undefined) setFolded((now) => folding(now, row.id))
        else choose(latest.current, row)
      },
      fold: ({ id }) => setFolded((now) => folding(now, id)),
    }),
    [],
  )
  const roving = useRoving(
    box,
    rows,
    ({ id }) => id,
    (index) => virtual.scrollToIndex(index),
    ROW,
  )
  const { current } = roving
  const setCurrent = useRef(roving.setCurrent)
  setCurrent.current = roving.setCurrent
  const onKeyDown = treeKeys(rows, roving, {
    fold: (id, shut) => setFolded((now) => folding(now, id, shut)),
    choose: (row) => choose(state, row),
  })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]!.id,
    overscan: 10,
    rangeExtractor: rangeWith(current),
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
  })
  // What an address means is brought into sight once, when it is first said.
  const { at } = place
  const met = useRef<string | undefined>(undefined)
  useEffect(() => {
    const index = at === undefined || met.current === at ? -1 : rows.findIndex(({ id }) => id === at)
    if (index < 0) return
    met.current = at
    setCurrent.current(at!)
    virtual.scrollToIndex(index, { align: 'center' })
  })
  const several = useMemo(() => {
    const ids = rows.flatMap((row) => parseAttemptId(agentOfRow(row) ?? '')?.run ?? [])
    return new Set(ids).size > 1
  }, [rows])
  return (
    <div ref={frame} className={css['frame']}>
      <div
        ref={box}
        role="treegrid"
        aria-label={w.map}
        aria-rowcount={rows.length + 1}
        aria-colcount={COLUMNS[width].length}
        aria-multiselectable
        className={css['map']}
        data-width={width}
        onKeyDown={onKeyDown}
        onBlur={roving.onBlur}
        tabIndex={-1}
      >
        <div role="presentation" className={css['body']} style={{ height: virtual.getTotalSize() }}>
          <div role="row" aria-rowindex={1} className={css['head']}>
            {COLUMNS[width].map((column) => (
              <div key={column} role="columnheader" data-column={column}>
                {w.columns[column]}
              </div>
            ))}
          </div>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              <LockLine
                key={key}
                project={project}
                row={row}
                width={width}
                several={several}
                number={index + 2}
                top={start}
                height={ROW}
                active={index === current}
                selected={isSelected(row, place)}
                on={doors}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

function folding(folded: ReadonlySet<string>, id: string, shut = !folded.has(id)): ReadonlySet<string> {
  const next = new Set(folded)
  if (shut) next.add(id)
  else next.delete(id)
  return next
}

/** Shows the row's agent beside the map. */
function choose(state: State, row: LockRow): void {
  const agent = findAgent(state, agentOfRow(row) ?? '')
  if (agent === undefined) return
  navigate({ run: agent.run.id, task: agent.run.plan.tasks[agent.index]!.id, at: undefined })
}

function isSelected(row: LockRow, { run, task }: { run?: string; task?: string }): boolean {
  if (task === undefined) return false
  const holder = agentOfRow(row)
  // Without a run the one on the screen is meant, and its tasks have the names the others have too.
  return holder !== undefined && holder.split('#')[0] === `${run ?? holder.split('/')[0]}/${task}`
}

/** Right unfolds, or goes in; left folds, or goes to what it is in; Enter and Space do what a click does. */
function treeKeys(
  rows: readonly LockRow[],
  { current, focus, onKeyDown }: Pick<ReturnType<typeof useRoving>, 'current' | 'focus' | 'onKeyDown'>,
  does: {
    readonly fold: (id: string, shut?: boolean) => void
    readonly choose: (row: LockRow) => void
  },
): (event: KeyboardEvent<HTMLElement>) => void {
  return (event) => {
    const row = rows[current]
    const onRow = (event.target as HTMLElement).getAttribute('role') === 'row'
    if (row === undefined || !onRow || event.ctrlKey || event.altKey || event.metaKey) return
    const shut = 'folded' in row ? row.folded : null
    if (event.key === 'ArrowRight') {
      if (shut === true) does.fold(row.id, false)
      else if (shut === false) focus(Math.min(rows.length - 1, current + 1))
    } else if (event.key === 'ArrowLeft') {
      if (shut === false) does.fold(row.id, true)
      else focus(parentOf(rows, current))
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (agentOfRow(row) === undefined) does.fold(row.id)
      else does.choose(row)
    } else return onKeyDown(event)
    event.preventDefault()
  }
}

function levelOf(row: LockRow): number {
  return row.kind === 'section' ? 0 : row.depth + 1
}

function parentOf(rows: readonly LockRow[], index: number): number {
  const level = levelOf(rows[index]!)
  const parent = rows.slice(0, index).findLastIndex((row) => levelOf(row) < level)
  return parent < 0 ? index : parent
}
