import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { isSettled, type Run } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { TaskRow } from '../../../../preload/contract.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate } from '../../state/place.ts'
import { useBridge } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty, Trouble } from '../../ui/Notice.tsx'
import { Section } from '../../ui/Panel.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import type { RunEntry } from './entries.ts'
import css from './Runs.module.css'
import { words } from './words.ts'

const ROW = 28
const MOST_IN_SIGHT = 12

/** The tasks of a run that settled, as they are stored. */
export function TaskList({
  entry,
  run,
}: {
  readonly entry: RunEntry
  readonly run: Run | undefined
}): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [rows, setRows] = useState<readonly TaskRow[] | undefined>()
  const [error, setError] = useState<unknown>()
  const [tries, setTries] = useState(0)
  const settled = useCalm(run === undefined ? 0 : [...run.tasks].filter(isSettled).length, 1_000)
  useEffect(() => {
    void settled
    void tries
    setError(undefined)
    let gone = false
    bridge.request('tasks', { run: entry.id }).then(
      (found) => !gone && setRows(found),
      (reason: unknown) => !gone && setError(reason),
    )
    return () => {
      gone = true
    }
  }, [bridge, entry.id, settled, tries])
  const columns = useColumns()
  if (error !== undefined) return <Trouble error={error} onRetry={() => setTries((n) => n + 1)} />
  if (rows === undefined) return null
  const height = rows.length === 0 ? 120 : Math.min(rows.length, MOST_IN_SIGHT) * ROW + ROW + 1
  return (
    <Section title={w.taskList}>
      <div className={css['tasks']} style={{ height }}>
        <Table<TaskRow>
          label={w.taskList}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.task}
          rowHeight={ROW}
          onActivate={(row) => navigate({ view: 'graph', run: entry.id, task: row.task })}
          markOf={(row) => markOf(row)}
          empty={<Empty title={w.noTasks} />}
        />
      </div>
    </Section>
  )
}

function markOf({ outcome }: TaskRow): Mark {
  switch (outcome) {
    case 'succeeded':
    case 'skipped':
      return 'done'
    case 'failed':
      return 'failed'
    default:
      return 'waiting'
  }
}

function useColumns(): readonly Column<TaskRow>[] {
  const w = useWords(words)
  return useMemo(
    () => [
      {
        id: 'outcome',
        head: w.state,
        quiet: true,
        width: '16px',
        cell: (row) => (
          <Glyph
            mark={markOf(row)}
            size={14}
            label={(w.outcomes as Readonly<Record<string, string>>)[row.outcome ?? ''] ?? w.open_}
          />
        ),
      },
      {
        id: 'task',
        head: w.task,
        width: 'minmax(0, 1.4fr)',
        sortBy: (row) => row.task,
        cell: (row) => row.task,
      },
      {
        id: 'who',
        head: w.who,
        width: 'minmax(0, 1fr)',
        sortBy: (row) => row.role ?? undefined,
        cell: (row) => <span className="muted">{row.role}</span>,
      },
      {
        id: 'tried',
        head: w.tried,
        width: '34px',
        align: 'end',
        sortBy: (row) => row.attempts,
        cell: (row) => row.attempts,
      },
      {
        id: 'time',
        head: w.time,
        width: '60px',
        align: 'end',
        sortBy: timeOf,
        cell: (row) => {
          const ms = timeOf(row)
          return ms === undefined ? '' : formatDuration(ms)
        },
      },
    ],
    [w],
  )
}

function timeOf({ startedAt, endedAt }: TaskRow): number | undefined {
  return startedAt === null || endedAt === null ? undefined : endedAt - startedAt
}
