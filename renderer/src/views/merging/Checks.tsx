import { type ReactNode, useMemo } from 'react'
import { assertNever } from '../../../../main/domain/assertNever.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { Since } from '../locks/LockLine.tsx'
import type { Check, MergeLog, TakenOut } from './checks.ts'
import css from './Merging.module.css'
import { words } from './words.ts'

const ROW = 30
const MOST_IN_SIGHT = 14

/** Every check there was, the newest first; Enter or a click shows its output. */
export function Checks({
  run,
  log,
  shown,
  onShow,
}: {
  readonly run: Run
  readonly log: MergeLog
  readonly shown: number | undefined
  readonly onShow: (n: number) => void
}): ReactNode {
  const w = useWords(words)
  const columns = useColumns(run, log.out)
  const rows = useMemo(() => log.checks.toReversed(), [log.checks])
  const height = Math.min(rows.length, MOST_IN_SIGHT) * ROW + ROW
  return (
    <section className={css['part']} aria-label={w.checks}>
      <header className={css['head']}>
        <h3>{w.checks}</h3>
        <span className="muted">{rows.length}</span>
      </header>
      {rows.length === 0 ? (
        <p className={css['calm']}>{w.noChecks}</p>
      ) : (
        <div className={css['table']} style={{ height }}>
          <Table<Check>
            label={w.checks}
            columns={columns}
            rows={rows}
            keyOf={({ n }) => n}
            rowHeight={ROW}
            selected={shown}
            onActivate={({ n }) => onShow(n)}
            markOf={(row) => markOf(row)}
          />
        </div>
      )}
    </section>
  )
}

function markOf({ result }: Check): Mark {
  switch (result) {
    case 'under-way':
      return 'running'
    case 'passed':
    case 'merged':
      return 'done'
    case 'failed':
      return 'failed'
    case 'lost':
    case 'called-off':
      return 'waiting'
    default:
      return assertNever(result, 'unknown result')
  }
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function cameOf(w: Words, check: Check, out: readonly TakenOut[], name: (task: number) => string): string {
  const { result, tasks, unchecked, n } = check
  const because = out.find((one) => one.check === n)
  if (because?.why === 'clashes') return w.results.clashes(name(because.task))
  switch (result) {
    case 'under-way':
      return w.results.underWay
    case 'passed':
      return tasks.length === 0 ? w.results.branchPassed : w.results.moving
    case 'merged':
      return unchecked ? w.results.unchecked : w.results.merged(tasks.length)
    case 'failed':
      if (tasks.length === 0) return w.results.branchFailed
      if (because !== undefined) return w.results.blamed(name(because.task))
      return tasks.length === 1 ? w.results.failedAlone : w.results.failed(tasks.length)
    case 'lost':
      return w.results.lost
    case 'called-off':
      return w.results.calledOff
    default:
      return assertNever(result, 'unknown result')
  }
}

function useColumns(run: Run, out: readonly TakenOut[]): readonly Column<Check>[] {
  const w = useWords(words)
  const { tasks } = run.plan
  return useMemo(() => {
    const name = (task: number): string => tasks[task]!.id
    const came = (check: Check): string => cameOf(w, check, out, name)
    return [
      {
        id: 'state',
        head: w.columns.state,
        quiet: true,
        width: '16px',
        cell: (row) => (
          <span className={css['state']}>
            <Glyph mark={markOf(row)} size={14} />
          </span>
        ),
      },
      { id: 'check', head: w.columns.check, width: '112px', cell: ({ n }) => <b>{w.check(n)}</b> },
      {
        id: 'what',
        head: w.columns.what,
        width: 'minmax(0, 1.2fr)',
        cell: (row) => {
          const said = row.tasks.length === 0 ? w.ofBranch : row.tasks.map(name).join(', ')
          return (
            <span className={row.tasks.length === 0 ? 'muted' : undefined} title={said}>
              {said}
            </span>
          )
        },
      },
      {
        id: 'came',
        head: w.columns.came,
        width: 'minmax(0, 1fr)',
        cell: (row) => (
          <span className="muted" title={row.detail === '' ? came(row) : row.detail}>
            {came(row)}
          </span>
        ),
      },
      {
        id: 'time',
        head: w.columns.time,
        width: '72px',
        align: 'end',
        cell: ({ since, endedAt }) =>
          endedAt === null ? (
            <Since from={since} />
          ) : (
            <span className="muted">{formatDuration(Math.round((endedAt - since) / 100) * 100)}</span>
          ),
      },
    ]
  }, [w, tasks, out])
}
