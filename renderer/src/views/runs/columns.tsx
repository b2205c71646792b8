import { type ReactNode, useMemo } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { useNow } from '../../state/clock.ts'
import { usePreference } from '../../state/preferences.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import type { Column } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { durationOf, type RunEntry } from './entries.ts'
import css from './Runs.module.css'
import { words } from './words.ts'

/** Below these widths the figures, then the state's word, are left to the pane beside the list, px. */
const ALL_FROM = 900
const WORD_FROM = 560

export function useColumns(
  width: number,
  projects: ReadonlyMap<string, { readonly name: string }>,
): readonly Column<RunEntry>[] {
  const w = useWords(words)
  const statuses = useStatusWords()
  const wide = width === 0 || width >= ALL_FROM
  const worded = width === 0 || width >= WORD_FROM
  return useMemo(() => {
    const state: Column<RunEntry> = {
      id: 'state',
      head: w.state,
      quiet: !worded,
      width: worded ? '100px' : '16px',
      ...(worded ? { sortBy: (entry: RunEntry) => entry.look.word } : {}),
      cell: ({ look, summary }) => (
        <span className={css['state']}>
          <Glyph
            mark={look.mark}
            progress={
              summary === undefined || summary.tasks.total === 0
                ? undefined
                : 1 - summary.tasks.pending / summary.tasks.total
            }
            {...(worded ? {} : { label: statuses.run[look.word] })}
          />
          {worded && statuses.run[look.word]}
        </span>
      ),
    }
    const run: Column<RunEntry> = {
      id: 'run',
      head: w.run,
      width: 'minmax(140px, 2fr)',
      sortBy: (entry) => entry.title,
      cell: ({ title, epic, number }) => (
        <span className={css['run']}>
          <strong>{title}</strong>
          <span className="muted">{`${epic}#${number}`}</span>
        </span>
      ),
    }
    const project: Column<RunEntry> = {
      id: 'project',
      head: w.project.toLowerCase(),
      width: 'minmax(72px, 0.7fr)',
      sortBy: (entry) => projects.get(entry.project)?.name,
      cell: (entry) => <span className="muted">{projects.get(entry.project)?.name ?? entry.project}</span>,
    }
    const started: Column<RunEntry> = {
      id: 'started',
      head: w.started,
      width: '96px',
      align: 'end',
      sortBy: (entry) => entry.startedAt,
      cell: (entry) => <Ago at={entry.startedAt} />,
    }
    const duration: Column<RunEntry> = {
      id: 'duration',
      head: w.duration,
      width: '76px',
      align: 'end',
      sortBy: (entry) => (entry.endedAt === null ? undefined : entry.endedAt - entry.startedAt),
      cell: (entry) => <Lasts entry={entry} />,
    }
    const tasks: Column<RunEntry> = {
      id: 'tasks',
      head: w.tasks,
      width: '76px',
      align: 'end',
      sortBy: (entry) => entry.summary?.tasks.failed,
      cell: ({ summary }) => (summary === undefined ? <Unknown /> : <Tasks {...summary.tasks} />),
    }
    return [
      state,
      run,
      ...(wide && projects.size > 1 ? [project] : []),
      started,
      duration,
      tasks,
      ...(wide ? figures(w) : []),
    ]
  }, [w, statuses, wide, worded, projects])
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function figures(w: Words): readonly Column<RunEntry>[] {
  const figure = (
    id: string,
    head: string,
    value: (entry: RunEntry) => number | undefined,
    text: (value: number) => string,
  ): Column<RunEntry> => ({
    id,
    head,
    width: '68px',
    align: 'end',
    sortBy: value,
    cell: (entry) => {
      const found = value(entry)
      return found === undefined ? <Unknown /> : text(found)
    },
  })
  const worked = ({ summary }: RunEntry) =>
    summary !== undefined && summary.busy_ms > 0 ? summary : undefined
  return [
    figure('overhead', w.overhead, (entry) => worked(entry)?.overhead, percent),
    figure(
      'faster',
      w.faster,
      (entry) => worked(entry)?.efficiency,
      (v) => `${v.toFixed(1)} ×`,
    ),
    figure(
      'utilisation',
      w.utilisation,
      (entry) => worked(entry)?.utilization,
      (v) => `${Math.round(v * 100)} %`,
    ),
    {
      id: 'delivery',
      head: w.delivery,
      width: '84px',
      sortBy: (entry) => entry.delivery,
      cell: ({ delivery }) =>
        delivery === undefined ? (
          <span className="muted" title={w.deliveryUnknown}>
            {w.unknown}
          </span>
        ) : (
          <span className={delivery === 'applied' ? css['good'] : 'muted'}>{w.deliveries[delivery]}</span>
        ),
    },
  ]
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function Unknown(): ReactNode {
  return <span className="muted">–</span>
}

function Tasks({
  total,
  completed,
  skipped,
  failed,
}: {
  readonly total: number
  readonly completed: number
  readonly skipped: number
  readonly failed: number
}): ReactNode {
  const w = useWords(words)
  return (
    <span title={failed > 0 ? w.failed(failed) : undefined}>
      {`${completed + skipped}/${total}`}
      {failed > 0 && <span className={css['bad']}>{` −${failed}`}</span>}
    </span>
  )
}

function Lasts({ entry }: { readonly entry: RunEntry }): ReactNode {
  const now = useNow()
  return <>{formatDuration(Math.round(durationOf(entry, now) / 1_000) * 1_000)}</>
}

const MINUTE = 60_000
const DAY = 86_400_000

/** How long ago, to the day; the exact time on hover. */
function Ago({ at }: { readonly at: number }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const gone = Math.max(0, now - at)
  const unit = gone < 60 * MINUTE ? MINUTE : gone < DAY ? 60 * MINUTE : DAY
  const rounded = Math.floor(gone / unit) * unit
  return (
    <time
      className="muted"
      dateTime={new Date(at).toISOString()}
      title={new Date(at).toLocaleString(language, { dateStyle: 'full', timeStyle: 'medium' })}
    >
      {gone < MINUTE ? w.justNow : w.ago(formatDuration(rounded))}
    </time>
  )
}
