import { ChevronDown, ChevronRight, Ellipsis } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { attemptId, parseAttemptId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { taskStatus, type Why } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { useUsage } from '../../state/health.ts'
import { percentText, reportedShare } from '../../state/progress.ts'
import { useWhy } from '../../state/why.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Like, useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import css from './AgentList.module.css'
import type { MenuAt } from './AgentMenu.tsx'
import { type Activity, type Group, type RoleStatus, roleOf } from './roleStatus.ts'
import { words } from './words.ts'

export interface Placed {
  /** Of the row, from 1. */
  readonly number: number
  /** Has the keys of the list. */
  readonly active: boolean
  readonly selected: boolean
  /** px. */
  readonly top: number
  readonly height: number
  readonly onActivate: () => void
}

function pointAnchor(x: number, y: number): MenuAt['anchor'] {
  return { getBoundingClientRect: () => new DOMRect(x, y, 0, 0) }
}

/** Of a treegrid: only its rows may fold. */
const CELL = { role: 'gridcell' } as const

function head(folded: boolean) {
  return { 'aria-level': 1, 'aria-expanded': !folded } as const
}

function line({ number, active, selected, top, height, onActivate }: Placed) {
  return {
    role: 'row',
    'aria-level': 2,
    'aria-selected': selected,
    'aria-rowindex': number,
    tabIndex: active ? 0 : -1,
    onClick: onActivate,
    style: { height, transform: `translateY(${top}px)` },
  } as const
}

export function AgentRow({
  run,
  index,
  named,
  onMenu,
  ...placed
}: Placed & {
  readonly run: Run
  readonly index: number
  /** Its role is not told by a head above it. */
  readonly named: boolean
  readonly onMenu: (anchor: MenuAt['anchor']) => void
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const now = useNow()
  const spec = run.plan.tasks[index]!
  const task = run.tasks.get(index)!
  const status = taskStatus(run, index, now)
  const n = (task.current ?? task.past.at(-1))?.n
  const share = reportedShare(task)
  const why = useWhy(run, index, status, now)
  // What it waits for says that it waits.
  const saysAll = status.word === 'waits' || status.word === 'blocked'
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a row of the tree grid
    <div
      {...line(placed)}
      className={css['row']}
      data-selected={placed.selected || undefined}
      onContextMenu={(event) => {
        event.preventDefault()
        const { left, bottom } = event.currentTarget.getBoundingClientRect()
        // The menu key tells no place of its own.
        const byKey = event.clientX === 0 && event.clientY === 0
        onMenu(pointAnchor(byKey ? left + 32 : event.clientX, byKey ? bottom : event.clientY))
      }}
    >
      <div {...CELL} className={css['agent']}>
        <Glyph mark={status.mark} size={14} progress={share} />
        <div className={css['lines']}>
          <p>
            <span className={css['title']}>{spec.title}</span>
            <span className={css['time']}>{status.ms === null ? '' : formatDuration(status.ms)}</span>
          </p>
          <p className={css['second']}>
            <span>
              {saysAll && why !== '' ? why : statuses.task[status.word]}
              {share !== undefined && ` · ${percentText(share)}`}
              {n !== undefined && n > 1 && ` · #${n}`}
              {!saysAll && why !== '' && ` · ${why}`}
              {named && ` · ${roleOf(run, index) ?? w.noRole}`}
            </span>
            <Used run={run} tasks={[index]} />
          </p>
        </div>
      </div>
      <div {...CELL} className={css['dots']}>
        <button
          type="button"
          aria-label={w.actions(spec.title)}
          aria-haspopup="menu"
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation()
            onMenu(event.currentTarget)
          }}
        >
          <Ellipsis size={14} aria-hidden />
        </button>
      </div>
    </div>
  )
}

export function RoleRow({
  run,
  status,
  folded,
  ...placed
}: Placed & { readonly run: Run; readonly status: RoleStatus; readonly folded: boolean }): ReactNode {
  const w = useWords(words)
  const { role, mark, activity, tasks, done, last } = status
  const Fold = folded ? ChevronRight : ChevronDown
  return (
    <div {...line(placed)} {...head(folded)} className={css['role']} data-mark={mark}>
      <div {...CELL} className={css['cell']}>
        <Fold size={13} aria-hidden />
        <Glyph mark={mark} size={16} />
        <div className={css['lines']}>
          <p>
            <strong className={css['title']}>{role ?? w.noRole}</strong>
            <span className={css['time']}>{w.share(done, tasks.length)}</span>
          </p>
          <p className={css['second']}>
            <span>
              <ActivityText run={run} activity={activity} />
              {last !== undefined && ` · ${w.last(run.plan.tasks[last]!.id)}`}
            </span>
            <Used run={run} tasks={tasks} />
          </p>
        </div>
      </div>
    </div>
  )
}

export function GroupRow({
  group,
  count,
  folded,
  ...placed
}: Placed & { readonly group: Group; readonly count: number; readonly folded: boolean }): ReactNode {
  const w = useWords(words)
  const Fold = folded ? ChevronRight : ChevronDown
  return (
    <div {...line(placed)} {...head(folded)} className={css['group']}>
      <div {...CELL}>
        <Fold size={13} aria-hidden />
        <h3>{w.groups[group]}</h3>
        <span>{count}</span>
      </div>
    </div>
  )
}

/** What attempts at work use together. */
function Used({ run, tasks }: { readonly run: Run; readonly tasks: readonly number[] }): ReactNode {
  const usage = useUsage()
  let cores = 0
  let bytes = 0
  for (const index of tasks) {
    const { current } = run.tasks.get(index)!
    if (current === null || current.startedAt === null) continue
    const used = usage.get(attemptId(run.id, run.plan.tasks[index]!.id, current.n))
    cores += used?.cores ?? 0
    bytes += used?.memoryBytes ?? 0
  }
  if (bytes === 0) return null
  return (
    <span className={css['used']}>
      {Math.round(cores * 100)} % · {formatBytes(bytes)}
    </span>
  )
}

function ActivityText({ run, activity }: { readonly run: Run; readonly activity: Activity }): ReactNode {
  const w = useWords(words)
  switch (activity.kind) {
    case 'busy':
      return w.role.busy(activity.agents)
    case 'monitoring':
      return w.role.monitoring
    case 'waiting':
      return w.role.waiting(activity.needsPerson ? w.blockers.person : blockerName(w, run, activity.why))
    case 'scheduled':
      return <Scheduled at={activity.at} />
    case 'idle':
      return w.role.idle
  }
}

function Scheduled({ at }: { readonly at: number }): ReactNode {
  const w = useWords(words)
  return w.role.scheduled(formatDuration(Math.max(0, at - useNow())))
}

/** The first thing waited for, as a name; empty where there is none. */
function blockerName(w: Like<(typeof words)['en']>, run: Run, why: Why | null): string {
  switch (why?.kind) {
    case 'needs':
      return run.plan.tasks[why.tasks[0]!]!.id
    case 'phase':
      return w.blockers.phase(run.plan.phases[why.phase]?.name ?? '')
    case 'capacity':
      return w.blockers.capacity
    case 'postponed':
      return parseAttemptId(why.behind)?.task ?? why.behind
    case 'locks':
      return why.holders.length === 0 ? '' : (parseAttemptId(why.holders[0]!)?.task ?? '')
    case 'run-paused':
      return w.blockers.run
    case 'preparing':
    case 'copying':
      return w.blockers.preparing
    case 'retry':
      return w.blockers.retry
    default:
      return ''
  }
}
