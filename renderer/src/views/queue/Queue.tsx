import { type ReactNode, useMemo, useState } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { MARKS, type Mark } from '../../../../main/domain/status.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { useEstimates } from '../../state/estimates.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useSelectedRun, useSelectedRunId } from '../../state/selectedRun.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Table } from '../../ui/Table.tsx'
import { Chip, Choice, Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { Merging } from '../merging/Merging.tsx'
import { isMergeAt, MERGE_AT } from '../merging/tab.ts'
import { words as mergeWords } from '../merging/words.ts'
import { useColumns } from './columns.tsx'
import css from './Queue.module.css'
import { countRows, matches, type QueueFilter, type QueueRow, queueOf, rolesOf } from './queue.ts'
import { words } from './words.ts'

const NO_FILTER: QueueFilter = { text: '', marks: new Set(), role: '' }

/** What waits: for its turn to be worked on, and for its turn to be merged. */
export function Queue(): ReactNode {
  const { at } = usePlace()
  return isMergeAt(at) ? <MergeQueue /> : <TaskQueue />
}

function MergeQueue(): ReactNode {
  const w = useWords(mergeWords)
  const found = useSelectedRun()
  const policy = found.status === 'ready' ? found.value.plan.merge : undefined
  return (
    <div className={css['queue']}>
      <Toolbar label={w.tabs}>
        <Tabs />
        <Space />
        {policy !== undefined && (
          <span className={css['check']}>
            {w.checkedBy} <code title={policy.check.run}>{policy.check.run}</code> · {w.batch(policy.batch)}
          </span>
        )}
      </Toolbar>
      <Merging />
    </div>
  )
}

/** Only where something is checked before it is merged. */
function Tabs(): ReactNode {
  const w = useWords(mergeWords)
  const { at } = usePlace()
  const found = useSelectedRun()
  const run = found.status === 'ready' ? found.value : undefined
  if (run?.plan.merge === undefined && !isMergeAt(at)) return null
  const waiting = run?.mergeQueue?.entries.length ?? 0
  return (
    <Segments
      label={w.tabs}
      value={isMergeAt(at) ? 'merge' : 'tasks'}
      options={[
        { id: 'tasks', label: w.tasks },
        { id: 'merge', label: `${w.tab} ${waiting}` },
      ]}
      onChange={(tab) => navigate({ at: tab === 'merge' ? MERGE_AT : undefined })}
    />
  )
}

/** Every task that is not settled, in the order it will likely be taken, and why it waits. */
function TaskQueue(): ReactNode {
  const w = useWords(words)
  const state = useCalm(useEngineState())
  const selected = useSelectedRunId()
  const [scope, setScope] = useState<'run' | 'all'>('all')
  const open = useMemo(
    () => (state === undefined ? [] : [...state.runs.values()].filter((run) => run.endedAt === null)),
    [state],
  )
  const runs = useMemo(
    () => (scope === 'run' ? open.filter((run) => run.id === selected) : open),
    [open, scope, selected],
  )
  if (state === undefined) return <Loading />
  if (open.length === 0) {
    return (
      <Empty
        title={w.noRun}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noRunText}
      </Empty>
    )
  }
  return <QueueOf runs={runs} scope={scope} onScope={setScope} />
}

function QueueOf({
  runs,
  scope,
  onScope,
}: {
  readonly runs: readonly Run[]
  readonly scope: 'run' | 'all'
  readonly onScope: (scope: 'run' | 'all') => void
}): ReactNode {
  const w = useWords(words)
  const place = usePlace()
  const [filter, setFilter] = useState(NO_FILTER)
  const now = useNow()
  const estimates = useEstimates(runs)
  const [frame, width] = useWidth<HTMLDivElement>()
  const orders = new Map([...estimates].map(([id, estimate]) => [id, estimate.order] as const))
  const rows = queueOf(runs, orders, now)
  const shown = rows.filter((row) => matches(row, filter))
  const columns = useColumns(runs.length > 1, width, estimates)
  const filtered = filter !== NO_FILTER && (filter.text !== '' || filter.marks.size > 0 || filter.role !== '')
  return (
    <div ref={frame} className={css['queue']}>
      <Filters rows={rows} filter={filter} onFilter={setFilter} scope={scope} onScope={onScope} />
      <Table<QueueRow>
        label={w.label}
        columns={columns}
        rows={shown}
        keyOf={(row) => row.key}
        rowHeight={36}
        selected={
          place.task === undefined
            ? undefined
            : shown.find((row) => row.run.plan.tasks[row.index]!.id === place.task)?.key
        }
        onActivate={({ run, index }) => navigate({ run: run.id, task: run.plan.tasks[index]!.id })}
        markOf={(row) => row.status.mark}
        empty={
          filtered ? (
            <Empty
              title={w.noMatch}
              action={<Button onClick={() => setFilter(NO_FILTER)}>{w.clear}</Button>}
            />
          ) : (
            <Empty title={w.nothing}>{w.nothingText}</Empty>
          )
        }
      />
    </div>
  )
}

function Filters({
  rows,
  filter,
  onFilter,
  scope,
  onScope,
}: {
  readonly rows: readonly QueueRow[]
  readonly filter: QueueFilter
  readonly onFilter: (filter: QueueFilter) => void
  readonly scope: 'run' | 'all'
  readonly onScope: (scope: 'run' | 'all') => void
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const counts = countRows(rows)
  const toggle = (mark: Mark): void => {
    const marks = new Set(filter.marks)
    if (!marks.delete(mark)) marks.add(mark)
    onFilter({ ...filter, marks })
  }
  const roles = rolesOf(rows).map((role) => ({ id: role as string, label: role as string }))
  const wordOf: Partial<Record<Mark, string>> = {
    running: statuses.task.running,
    waiting: statuses.task.waits,
    blocked: statuses.task.blocked,
    conflict: statuses.task.conflict,
    failed: statuses.task.failed,
    'needs-you': statuses.task['needs-you'],
  }
  return (
    <Toolbar label={w.tools}>
      <Tabs />
      <SearchField label={w.search} value={filter.text} onChange={(text) => onFilter({ ...filter, text })} />
      {MARKS.filter((mark) => wordOf[mark] !== undefined)
        .filter((mark) => counts.has(mark) || filter.marks.has(mark) || ALWAYS.has(mark))
        .map((mark) => (
          <Chip
            key={mark}
            mark={mark}
            pressed={filter.marks.has(mark)}
            count={counts.get(mark) ?? 0}
            onClick={() => toggle(mark)}
          >
            {wordOf[mark]}
          </Chip>
        ))}
      <Choice
        label={w.role}
        all={w.allRoles}
        options={roles}
        value={filter.role}
        onChange={(role) => onFilter({ ...filter, role })}
      />
      <Space />
      <Segments
        label={w.scope}
        value={scope}
        onChange={onScope}
        options={[
          { id: 'all', label: w.allRuns },
          { id: 'run', label: w.thisRun },
        ]}
      />
    </Toolbar>
  )
}

/** In sight even when none is there, so that the line does not jump. */
const ALWAYS: ReadonlySet<Mark> = new Set(['running', 'waiting', 'needs-you'])
