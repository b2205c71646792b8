import { CirclePause, CirclePlay, CircleStop, RotateCcw, SkipForward } from 'lucide-react'
import { type ReactNode, useMemo } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { Why } from '../../../../main/domain/status.ts'
import { runName } from '../../actions/runActions.ts'
import { type TaskVerb, useTaskActions } from '../../actions/taskActions.ts'
import { useNow } from '../../state/clock.ts'
import type { Estimate } from '../../state/estimates.ts'
import { navigate } from '../../state/place.ts'
import { useWhy } from '../../state/why.ts'
import { IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import type { Column } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import css from './Queue.module.css'
import type { QueueRow } from './queue.ts'
import { words } from './words.ts'

/** Below this width what can be read in the inspector is left out, px. */
const NARROW = 860

export function useColumns(
  several: boolean,
  width: number,
  estimates: ReadonlyMap<RunId, Estimate>,
): readonly Column<QueueRow>[] {
  const w = useWords(words)
  const statuses = useStatusWords()
  const narrow = width > 0 && width < NARROW
  return useMemo(() => {
    const state: Column<QueueRow> = {
      id: 'state',
      head: w.state,
      width: '112px',
      sortBy: (row) => row.status.mark,
      cell: ({ run, index, status }) => (
        <span className={css['state']}>
          <Glyph mark={status.mark} progress={estimates.get(run.id)?.progress(index)} />
          {statuses.task[status.word]}
        </span>
      ),
    }
    const task: Column<QueueRow> = {
      id: 'task',
      head: w.task,
      width: 'minmax(112px, 1.2fr)',
      sortBy: ({ run, index }) => run.plan.tasks[index]!.title,
      cell: ({ run, index }) => (
        <>
          <strong>{run.plan.tasks[index]!.title}</strong>
          {several && <span className={css['run']}>{runName(run)}</span>}
        </>
      ),
    }
    const who: Column<QueueRow> = {
      id: 'who',
      head: w.who,
      width: 'minmax(88px, 0.9fr)',
      sortBy: (row) => row.roles.join(),
      cell: ({ roles }) =>
        roles.length === 0 ? w.nobody : roles.length === 1 ? roles[0] : w.anyOf(roles.join(', ')),
    }
    const why: Column<QueueRow> = {
      id: 'why',
      head: w.why,
      width: 'minmax(128px, 2fr)',
      cell: (row) => <WhyText row={row} />,
    }
    const since: Column<QueueRow> = {
      id: 'since',
      head: w.since,
      width: '64px',
      align: 'end',
      sortBy: (row) => row.since,
      cell: (row) => <Since from={row.since} />,
    }
    const priority: Column<QueueRow> = {
      id: 'priority',
      head: w.priority,
      width: '52px',
      align: 'end',
      sortBy: ({ run, index }) => run.plan.tasks[index]!.priority,
      cell: ({ run, index }) => run.plan.tasks[index]!.priority,
    }
    const when: Column<QueueRow> = {
      id: 'when',
      head: w.when,
      width: '84px',
      align: 'end',
      sortBy: ({ run, index }) => estimates.get(run.id)?.startsInMs(index),
      cell: (row) => whenText(w, row, estimates.get(row.run.id)),
    }
    const actions: Column<QueueRow> = {
      id: 'actions',
      head: w.actions,
      quiet: true,
      width: '86px',
      align: 'end',
      cell: ({ run, index }, near) => (near ? <Actions run={run} index={index} /> : null),
    }
    // Where there is little room the actions take the place of the time, which the inspector knows too.
    const either: Column<QueueRow> = {
      ...when,
      width: '98px',
      cell: (row, near) => (near ? <Actions run={row.run} index={row.index} /> : when.cell(row, near)),
    }
    return narrow
      ? [state, task, why, since, either]
      : [state, task, who, why, since, priority, when, actions]
  }, [w, statuses, several, narrow, estimates])
}

function whenText(
  w: { readonly soon: string; readonly in: (time: string) => string; readonly unknown: string },
  { run, index, place }: QueueRow,
  estimate: Estimate | undefined,
): ReactNode {
  if (place === null) {
    const progress = estimate?.progress(index)
    return progress === undefined ? '' : <span className="muted">{`${Math.round(progress * 100)} %`}</span>
  }
  const ms = estimate?.startsInMs(index)
  if (ms === undefined) return <span className="muted">{run.paused ? '' : w.unknown}</span>
  return ms < 1_000 ? w.soon : w.in(formatDuration(Math.round(ms / 1_000) * 1_000))
}

function Since({ from }: { readonly from: number }): ReactNode {
  const now = useNow()
  return (
    <span className="muted">{formatDuration(Math.max(0, Math.floor((now - from) / 1_000) * 1_000))}</span>
  )
}

/** Names that lead to what is waited for. */
const NAMED = 2

function WhyText({ row }: { readonly row: QueueRow }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { run, status } = row
  const { why } = status
  const said = useWhy(run, row.index, status, now)
  if (why?.kind === 'needs') {
    const more = why.tasks.length - NAMED
    return (
      <span className={css['needs']}>
        <b>{w.waitsFor}</b>
        {why.tasks.slice(0, NAMED).map((task, i) => (
          <span key={task}>
            <TaskLink run={run} index={task} />
            {i < Math.min(why.tasks.length, NAMED) - 1 && ','}
          </span>
        ))}
        {more > 0 && <b>{w.andMore(more)}</b>}
      </span>
    )
  }
  const full = why?.kind === 'capacity' ? fullRole(row) : undefined
  const text = full === undefined ? said : w.capacityOf(full.role, full.busy)
  return (
    <span className={status.mark === 'needs-you' ? undefined : 'muted'} title={text}>
      {text}
    </span>
  )
}

function TaskLink({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const { id } = run.plan.tasks[index]!
  return (
    <button type="button" className={css['link']} onClick={() => navigate({ run: run.id, task: id })}>
      {id}
    </button>
  )
}

/** The one role that could do it, where its own capacity is what is used up. */
function fullRole({ run, roles, status }: QueueRow): { role: string; busy: number } | undefined {
  const kind: Why['kind'] | undefined = status.why?.kind
  const [role] = roles
  if (kind !== 'capacity' || role === undefined || roles.length > 1) return undefined
  const place = run.plan.roles.findIndex((one) => one.name === role)
  const capacity = run.plan.roles[place]?.capacity ?? null
  const busy = run.busy[place] ?? 0
  return capacity !== null && busy >= capacity ? { role, busy } : undefined
}

const ICONS = {
  pauseAgent: CirclePause,
  continueAgent: CirclePlay,
  stopAgent: CircleStop,
  retry: RotateCcw,
  skip: SkipForward,
} as const

/** What makes sense for a task in its state; what of it is impossible now says why. */
function verbsOf(run: Run, index: number): readonly (keyof typeof ICONS & TaskVerb)[] {
  const task = run.tasks.get(index)!
  if (task.current === null) return ['retry', 'skip']
  return [task.current.paused ? 'continueAgent' : 'pauseAgent', 'stopAgent', 'skip']
}

function Actions({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const actions = useTaskActions(run, index)
  if (actions === undefined) return null
  return (
    <span className={css['actions']}>
      {verbsOf(run, index).map((verb) => {
        const Icon = ICONS[verb]
        const { label, unavailable, perform } = actions[verb]
        return (
          <IconButton key={verb} label={label} unavailable={unavailable} onClick={perform}>
            <Icon size={16} aria-hidden />
          </IconButton>
        )
      })}
    </span>
  )
}
