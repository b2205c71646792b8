// biome-ignore-all lint/a11y/useSemanticElements: a tree of which only the rows in sight exist cannot be a <table>
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus; cells are read with them
import { ChevronDown, ChevronRight, Folder, LockOpen, Lock as LockShut, SquareTerminal } from 'lucide-react'
import { memo, type ReactNode, useState } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { INACTIVITY_MS, leaseMsOf } from '../../../../main/domain/locks/rules.ts'
import { leaseEnd } from '../../../../main/domain/registered/registered.ts'
import { useTaskActions } from '../../actions/taskActions.ts'
import { findAgent, findByHand, shortName } from '../../state/agents.ts'
import { useNow } from '../../state/clock.ts'
import { useEngineState } from '../../state/session.tsx'
import { IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import type { Entry, Holding, Waiting } from './entries.ts'
import css from './LockMap.module.css'
import { agentOfRow, type LockRow } from './lockRows.ts'
import { Who } from './Who.tsx'
import { words } from './words.ts'

export type Width = 'wide' | 'middle' | 'narrow'

/** What can be read in the inspector too is left out first. */
export const COLUMNS = {
  wide: ['what', 'who', 'mode', 'since', 'until', 'line'],
  middle: ['what', 'who', 'since', 'line'],
  narrow: ['what', 'who', 'line'],
} as const satisfies Readonly<Record<Width, readonly string[]>>

type Column = (typeof COLUMNS)[Width][number]

/** What rows do; the same object for all of them, for good. */
export interface RowDoors {
  readonly active: (row: LockRow) => void
  readonly activate: (row: LockRow) => void
  readonly fold: (row: LockRow) => void
}

interface LineProps {
  readonly project: ProjectId
  readonly row: LockRow
  readonly width: Width
  /** Agents of several runs are in sight. */
  readonly several: boolean
  /** From 1, the head counted. */
  readonly number: number
  readonly top: number
  readonly height: number
  readonly active: boolean
  readonly selected: boolean
  readonly on: RowDoors
}

/** One row of the map. While others come into sight it is left as it is. */
export const LockLine = memo(function LockLine(props: LineProps): ReactNode {
  const { row, width, number, top, height, active, selected, on } = props
  const [under, setUnder] = useState(false)
  const [within, setWithin] = useState(false)
  const level = row.kind === 'section' ? 1 : row.depth + 2
  const shut = 'folded' in row ? row.folded : null
  const contested = row.kind === 'lock' && row.entry.waiters.length > 0
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the tree's
    <div
      role="row"
      data-index={number - 2}
      aria-rowindex={number}
      aria-level={level}
      aria-expanded={shut === null ? undefined : !shut}
      aria-selected={selected}
      tabIndex={active ? 0 : -1}
      className={css['row']}
      data-kind={row.kind}
      data-contested={contested}
      style={{ height, transform: `translateY(${top}px)` }}
      onFocus={() => {
        setWithin(true)
        on.active(row)
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setWithin(false)
      }}
      onPointerEnter={() => setUnder(true)}
      onPointerLeave={() => setUnder(false)}
      onClick={(event) => {
        if ((event.target as HTMLElement).closest('button') === null) on.activate(row)
      }}
    >
      {row.kind === 'section' || row.kind === 'folder' ? (
        <div role="gridcell" aria-colspan={COLUMNS[width].length} className={css['whole']}>
          <Name {...props} />
          <Sums row={row} />
        </div>
      ) : (
        COLUMNS[width].map((column) => (
          <div key={column} role="gridcell" data-column={column}>
            <Cell {...props} column={column} row={row} near={under || within} />
          </div>
        ))
      )}
    </div>
  )
})

type AgentRow = Extract<LockRow, { readonly entry: Entry }>

function Cell(
  props: LineProps & { readonly column: Column; readonly row: AgentRow; readonly near: boolean },
): ReactNode {
  const { column, row, near, ...rest } = props
  const of = { column, several: rest.several, project: rest.project }
  if (column === 'what') return <Name {...props} />
  if (column === 'line' && near && agentOfRow(row) !== undefined && !isShared(row))
    return <Actions holder={agentOfRow(row)!} holds={row.kind !== 'waiter'} />
  switch (row.kind) {
    case 'lock':
      return <LockCell {...of} entry={row.entry} />
    case 'holder':
      return <HolderCell {...of} holding={row.holding} />
    case 'waiter':
      return <WaiterCell {...of} waiting={row.waiting} />
  }
}

/** Its agents have rows of their own. */
function isShared(row: AgentRow): boolean {
  return row.kind === 'lock' && row.entry.holders.length !== 1
}

function Name({ row, on }: LineProps): ReactNode {
  const w = useWords(words)
  const indent = row.kind === 'section' ? 0 : row.depth * 16
  const shut = 'folded' in row ? row.folded : null
  const name = row.kind === 'section' ? w[row.id] : 'name' in row ? row.name : ''
  return (
    <span className={css['name']} style={{ paddingLeft: indent }}>
      {shut === null ? (
        <span className={css['fold']} />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          className={css['fold']}
          aria-label={shut ? w.unfold(name) : w.fold(name)}
          onClick={() => on.fold(row)}
        >
          {shut ? <ChevronRight size={13} aria-hidden /> : <ChevronDown size={13} aria-hidden />}
        </button>
      )}
      <Label row={row} name={name} />
    </span>
  )
}

function Label({ row, name }: { readonly row: LockRow; readonly name: string }): ReactNode {
  const w = useWords(words)
  switch (row.kind) {
    case 'section':
      return <h3>{name}</h3>
    case 'folder':
      return (
        <>
          <Folder size={14} aria-hidden className={css['icon']} />
          <code title={row.id}>{name}</code>
        </>
      )
    case 'lock': {
      const { holders, waiters, on } = row.entry
      return (
        <>
          {holders.length === 0 ? (
            <LockOpen size={13} aria-hidden className={css['icon']} />
          ) : waiters.length > 0 ? (
            <Glyph mark="blocked" size={14} />
          ) : (
            <LockShut size={13} aria-hidden className={css['icon']} />
          )}
          <code title={on}>{name}</code>
        </>
      )
    }
    case 'holder':
      return <span className="muted">{w.mode[row.holding.lock.mode]}</span>
    case 'waiter': {
      const { place, wants, begun } = row.waiting
      return (
        <>
          <span className={css['place']}>{w.place(place)}</span>
          <span className={css['wants']} title={wants.on}>
            {wants.on === row.entry.on ? begun ? w.asksMore : w.waitsHere : <Wants what={wants.on} />}
          </span>
          {place === 1 && (
            <span className={css['next']} title={w.nextHint}>
              {w.next}
            </span>
          )}
        </>
      )
    }
  }
}

function Wants({ what }: { readonly what: string }): ReactNode {
  const w = useWords(words)
  const [before, after] = w.wants('\0').split('\0')
  return (
    <>
      {before}
      <code>{what}</code>
      {after}
    </>
  )
}

function Sums({ row }: { readonly row: LockRow }): ReactNode {
  const w = useWords(words)
  if (row.kind === 'section') return <span className={css['sum']}>{w.sections(row.count)}</span>
  if (row.kind !== 'folder') return null
  return (
    <span className={css['sum']}>
      {row.held > 0 && w.held(row.held)}
      {row.waiting > 0 && (
        <span data-waits>
          {row.held > 0 && ' · '}
          {w.waiting(row.waiting)}
        </span>
      )}
    </span>
  )
}

interface CellProps {
  readonly column: Column
  readonly several: boolean
  readonly project: ProjectId
}

function LockCell(props: CellProps & { readonly entry: Entry }): ReactNode {
  const { column, entry } = props
  const w = useWords(words)
  const { holders, waiters, partly } = entry
  const [only] = holders
  if (column === 'line')
    return waiters.length === 0 ? null : <span className={css['waits']}>{w.waiting(waiters.length)}</span>
  if (only === undefined)
    return column === 'who' ? (
      <Partly names={partly.map(shortName)} isFree={waiters.every(({ behind }) => behind.length === 0)} />
    ) : null
  if (holders.length === 1) return <HolderCell {...props} holding={only} />
  if (column === 'who') return w.sharers(holders.length)
  return column === 'mode' ? <span className="muted">{w.mode[only.lock.mode]}</span> : null
}

/** Where nobody holds just this. */
function Partly({
  names,
  isFree,
}: {
  readonly names: readonly string[]
  readonly isFree: boolean
}): ReactNode {
  const w = useWords(words)
  const [first] = names
  const text =
    first === undefined
      ? isFree
        ? w.free
        : w.freeNotAll
      : names.length === 1
        ? w.partly(first)
        : w.partlyMore(first, names.length - 1)
  return (
    <span className="muted" title={names.length > 1 ? names.join(', ') : text}>
      {text}
    </span>
  )
}

function HolderCell({
  column,
  holding,
  several,
  project,
}: CellProps & { readonly holding: Holding }): ReactNode {
  const w = useWords(words)
  switch (column) {
    case 'who':
      return <Who project={project} holder={holding.holder} run={several} />
    case 'mode':
      return <span className="muted">{w.mode[holding.lock.mode]}</span>
    case 'since':
      return <Since from={holding.since} />
    case 'until':
      return <Until project={project} holding={holding} />
    default:
      return null
  }
}

/** Who was started by hand holds by a lease, everybody else until their work is merged. */
function Until({
  project,
  holding: { holder, lock },
}: {
  readonly project: ProjectId
  readonly holding: Holding
}): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const state = useEngineState()
  const byHand = findByHand(state, project, holder)
  const end = byHand === undefined ? null : leaseEnd(byHand)
  if (end === null) {
    const agent = findAgent(state, holder)
    const ms = agent === undefined ? INACTIVITY_MS : leaseMsOf(agent.run.plan, lock)
    const time = formatDuration(ms)
    return (
      <span className="muted" title={w.untilMergedHint(time)}>
        {ms < INACTIVITY_MS ? w.untilMergedOr(time) : w.untilMerged}
      </span>
    )
  }
  const left = formatDuration(Math.max(0, Math.ceil((end - now) / 1_000) * 1_000))
  return (
    <span className="muted" title={w.untilSilentHint}>
      {w.untilSilent(left)}
    </span>
  )
}

function WaiterCell({
  column,
  waiting,
  several,
  project,
}: CellProps & { readonly waiting: Waiting }): ReactNode {
  const w = useWords(words)
  const { holder, wants, since, behind, priority } = waiting
  const [first] = behind
  switch (column) {
    case 'who':
      return <Who project={project} holder={holder} run={several} />
    case 'mode':
      return <span className="muted">{w.mode[wants.mode]}</span>
    case 'since':
      return <Since from={since} />
    case 'until':
      return (
        <span className="muted" title={behind.map(shortName).join(', ')}>
          {first === undefined
            ? w.afterSlot
            : behind.length === 1
              ? w.after(shortName(first))
              : w.afterMore(shortName(first), behind.length - 1)}
        </span>
      )
    case 'line':
      return <span className="muted">{w.priority(priority)}</span>
    default:
      return null
  }
}

export function Since({ from }: { readonly from: number }): ReactNode {
  const now = useNow()
  return (
    <span className="muted">{formatDuration(Math.max(1_000, Math.floor((now - from) / 1_000) * 1_000))}</span>
  )
}

/** What can be done with the agent of a row, in place of what its last column says. */
function Actions({ holder, holds }: { readonly holder: string; readonly holds: boolean }): ReactNode {
  const state = useEngineState()
  const agent = findAgent(state, holder)
  const actions = useTaskActions(agent?.run, agent?.index)
  if (actions === undefined) return null
  const { terminal, releaseLocks } = actions
  return (
    <span className={css['actions']}>
      <IconButton label={terminal.label} onClick={terminal.perform}>
        <SquareTerminal size={15} aria-hidden />
      </IconButton>
      {holds && (
        <IconButton
          label={releaseLocks.label}
          unavailable={releaseLocks.unavailable}
          onClick={releaseLocks.perform}
        >
          <LockOpen size={15} aria-hidden />
        </IconButton>
      )}
    </span>
  )
}
