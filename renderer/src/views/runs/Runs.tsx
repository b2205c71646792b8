import { type ReactNode, useMemo, useState } from 'react'
import type { RunId } from '../../../../main/domain/ids.ts'
import { MARKS, type Mark } from '../../../../main/domain/status.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Table } from '../../ui/Table.tsx'
import { Chip, Choice, Toolbar } from '../../ui/Toolbar.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { useColumns } from './columns.tsx'
import { fits, mergeRuns, type RunEntry, type RunFilter } from './entries.ts'
import { RunDetail } from './RunDetail.tsx'
import css from './Runs.module.css'
import { useStoredRuns } from './useRuns.ts'
import { words } from './words.ts'

const NO_FILTER: RunFilter = { text: '', marks: new Set(), project: '' }

/** Every run there was, with its figures; beside it what came of the selected one. */
export function Runs(): ReactNode {
  const w = useWords(words)
  const state = useCalm(useEngineState())
  const stored = useStoredRuns()
  const now = useNow()
  const selected = useSelectedRunId()
  const [filter, setFilter] = useState(NO_FILTER)
  const live = state?.runs
  const entries = useMemo(
    () => mergeRuns(stored.rows ?? [], live?.values() ?? [], now),
    [stored.rows, live, now],
  )
  if (stored.rows === undefined) {
    return stored.error === undefined ? <Loading /> : <Trouble error={stored.error} onRetry={stored.retry} />
  }
  if (entries.length === 0) {
    return (
      <Empty
        title={w.none}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noneText}
      </Empty>
    )
  }
  const entry = entries.find((one) => one.id === selected)
  return (
    <div className={css['runs']}>
      <List
        entries={entries}
        selected={selected}
        filter={filter}
        onFilter={setFilter}
        onEnd={stored.more}
        projects={state?.projects ?? new Map()}
      />
      <aside className={css['detail']} aria-label={w.details}>
        {entry === undefined ? <Empty title={w.choose} /> : <RunDetail entry={entry} entries={entries} />}
      </aside>
    </div>
  )
}

function List({
  entries,
  selected,
  filter,
  onFilter,
  onEnd,
  projects,
}: {
  readonly entries: readonly RunEntry[]
  readonly selected: RunId | undefined
  readonly filter: RunFilter
  readonly onFilter: (filter: RunFilter) => void
  readonly onEnd: () => void
  readonly projects: ReadonlyMap<string, { readonly name: string }>
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const [frame, width] = useWidth<HTMLDivElement>()
  const columns = useColumns(width, projects)
  const shown = entries.filter((entry) => fits(entry, filter))
  const counts = new Map<Mark, number>()
  for (const { look } of entries) counts.set(look.mark, (counts.get(look.mark) ?? 0) + 1)
  const wordOf: Partial<Record<Mark, string>> = {
    running: statuses.run.running,
    'needs-you': statuses.run['needs-you'],
    failed: statuses.run.failed,
    done: statuses.run.done,
    waiting: statuses.run.stopped,
  }
  const toggle = (mark: Mark): void => {
    const marks = new Set(filter.marks)
    if (!marks.delete(mark)) marks.add(mark)
    onFilter({ ...filter, marks })
  }
  return (
    <div ref={frame} className={css['list']}>
      <Toolbar label={w.tools}>
        <SearchField
          label={w.search}
          value={filter.text}
          onChange={(text) => onFilter({ ...filter, text })}
        />
        {MARKS.filter(
          (mark) => wordOf[mark] !== undefined && (counts.has(mark) || filter.marks.has(mark)),
        ).map((mark) => (
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
        {projects.size > 1 && (
          <Choice
            label={w.project}
            all={w.allProjects}
            options={[...projects].map(([id, { name }]) => ({ id, label: name }))}
            value={filter.project}
            onChange={(project) => onFilter({ ...filter, project })}
          />
        )}
      </Toolbar>
      <Table<RunEntry>
        label={w.label}
        columns={columns}
        rows={shown}
        keyOf={(entry) => entry.id}
        rowHeight={36}
        selected={selected}
        onActivate={(entry) => navigate({ run: entry.id, task: undefined })}
        markOf={(entry) => entry.look.mark}
        onEdge={(edge, inSight) => edge === 'last' && inSight && onEnd()}
        empty={
          <Empty title={w.noMatch} action={<Button onClick={() => onFilter(NO_FILTER)}>{w.clear}</Button>} />
        }
      />
    </div>
  )
}
