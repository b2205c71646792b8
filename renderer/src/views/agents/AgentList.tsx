import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { usePlace } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { SearchField } from '../../ui/SearchField.tsx'
import { useWords } from '../../words/language.ts'
import css from './AgentList.module.css'
import { AgentMenu, type MenuAt } from './AgentMenu.tsx'
import { AgentRow, GroupRow, RoleRow } from './AgentRow.tsx'
import { agentRows, foldedAtFirst, type Grouping, type Row } from './agentRows.ts'
import { arrange, parseArrangement } from './layouts.ts'
import { words } from './words.ts'

/** Heights, px; rows are placed by them. */
const HEIGHT: Readonly<Record<Row['kind'], number>> = { group: 32, role: 52, agent: 44 }

export interface ListProps {
  readonly run: Run
  /** Shows the task's terminal; `keyboard` puts the keys there. */
  readonly onOpen: (index: number, how: 'look' | 'keyboard') => void
}

/** The run's agents by role or by state. */
export const AgentList = memo(function AgentList({ run, onOpen }: ListProps): ReactNode {
  const w = useWords(words)
  const [filter, setFilter] = useState('')
  const [folded, setFolded] = useState(() => foldedAtFirst(run))
  const terminals = usePreference('terminals')
  const { grouping } = useMemo(() => parseArrangement(terminals), [terminals])
  const rows = useMemo(() => agentRows(run, grouping, filter, folded), [run, grouping, filter, folded])
  const fold = (id: string, shut?: boolean): void => {
    const next = new Set(folded)
    if (shut ?? !folded.has(id)) next.add(id)
    else next.delete(id)
    setFolded(next)
  }
  return (
    <>
      <header className={css['head']}>
        <SearchField value={filter} onChange={setFilter} label={w.filter} />
        <fieldset className={css['grouping']} aria-label={w.grouping}>
          <Choice of="role" chosen={grouping} label={w.byRole} />
          <Choice of="state" chosen={grouping} label={w.byState} />
        </fieldset>
      </header>
      {rows.length === 0 ? (
        <p className={css['nothing']}>{filter === '' ? w.noAgents : w.noMatch}</p>
      ) : (
        <Rows run={run} rows={rows} named={grouping === 'state'} onFold={fold} onOpen={onOpen} />
      )}
    </>
  )
})

function Choice({ of, chosen, label }: { of: Grouping; chosen: Grouping; label: string }): ReactNode {
  return (
    <button
      type="button"
      aria-pressed={of === chosen}
      onClick={() => arrange((now) => ({ ...now, grouping: of }))}
    >
      {label}
    </button>
  )
}

interface RowsProps extends ListProps {
  readonly rows: readonly Row[]
  readonly named: boolean
  readonly onFold: (id: string, shut?: boolean) => void
}

function Rows({ run, rows, named, onFold, onOpen }: RowsProps): ReactNode {
  const w = useWords(words)
  const { task } = usePlace()
  const box = useRef<HTMLDivElement>(null)
  const [menu, setMenu] = useState<MenuAt | undefined>()
  /** The row the keys are at, by id: rows move, the place stays with its row. */
  const [at, setAt] = useState<string | undefined>()
  const chosen = rows.findIndex((row) => row.id === (at ?? task))
  const active = Math.max(0, chosen)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => HEIGHT[rows[index]!.kind],
    getItemKey: (index) => rows[index]!.id,
    overscan: 8,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when rows of another kind take a place
  useEffect(() => virtual.measure(), [rows])
  const focusWanted = useRef(false)
  useEffect(() => {
    if (!focusWanted.current) return
    const row = box.current?.querySelector<HTMLElement>('[tabindex="0"][role="row"]')
    if (row === undefined || row === null) return
    focusWanted.current = false
    row.focus({ preventScroll: true })
  })
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    focusWanted.current = true
    setAt(rows[next]!.id)
    virtual.scrollToIndex(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const row = rows[active]
    const step = STEPS[event.key]
    if (step !== undefined) go(active + step)
    else if (row === undefined) return
    else if (event.key === 'ArrowLeft') toHead(row)
    else if (event.key === 'ArrowRight' && row.kind !== 'agent') onFold(row.id, false)
    else if ((event.key === 'Enter' || event.key === ' ') && isRow(event))
      activate(row, event.key === 'Enter')
    else return
    event.preventDefault()
  }
  const toHead = (row: Row): void => {
    if (row.kind !== 'agent') {
      onFold(row.id, true)
      return
    }
    const head = rows.slice(0, active).findLastIndex((one) => one.kind !== 'agent')
    if (head >= 0) go(head)
  }
  const activate = (row: Row, keyboard: boolean): void => {
    setAt(row.id)
    if (row.kind === 'agent') onOpen(row.index, keyboard ? 'keyboard' : 'look')
    else onFold(row.id)
  }
  return (
    <div
      ref={box}
      role="treegrid"
      aria-label={w.list}
      aria-rowcount={rows.length}
      className={css['rows']}
      onKeyDown={onKeyDown}
    >
      <div {...BODY} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          const place = {
            number: index + 1,
            active: index === active,
            selected: row.kind === 'agent' && row.id === task,
            top: start,
            height: HEIGHT[row.kind],
            onActivate: () => activate(row, false),
          }
          if (row.kind === 'agent') {
            const of = row.index
            const onMenu = (anchor: MenuAt['anchor']): void => setMenu({ index: of, anchor })
            return <AgentRow key={key} run={run} index={of} named={named} onMenu={onMenu} {...place} />
          }
          if (row.kind === 'role')
            return <RoleRow key={key} run={run} status={row.status} folded={row.folded} {...place} />
          return <GroupRow key={key} group={row.group} count={row.count} folded={row.folded} {...place} />
        })}
      </div>
      <AgentMenu run={run} at={menu} onClose={() => setMenu(undefined)} />
    </div>
  )
}

const BODY = { role: 'rowgroup' } as const

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

function isRow(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.getAttribute('role') === 'row'
}
