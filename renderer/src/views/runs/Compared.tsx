import { Fragment, type ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { useNow } from '../../state/clock.ts'
import { Fact, Facts, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { percent } from './columns.tsx'
import { durationOf, previousOf, type RunEntry, seriesOf } from './entries.ts'
import css from './Runs.module.css'
import { Sparkline } from './Sparkline.tsx'
import { words } from './words.ts'

interface Props {
  readonly entry: RunEntry
  readonly entries: readonly RunEntry[]
}

/** The run against the one of its epic before it. */
export function Compared({ entry, entries }: Props): ReactNode {
  const w = useWords(words)
  const before = previousOf(entries, entry)
  if (entry.endedAt === null) return null
  if (before === undefined) {
    return (
      <Section>
        <p className="muted">{w.first}</p>
      </Section>
    )
  }
  const time = durationOf(entry, 0) - durationOf(before, 0)
  const times = formatDuration(Math.abs(time))
  const failures = (entry.summary?.tasks.failed ?? 0) - (before.summary?.tasks.failed ?? 0)
  const attempts = (entry.summary?.attempts ?? 0) - (before.summary?.attempts ?? 0)
  return (
    <Section title={w.compared(`${before.epic}#${before.number}`)}>
      <Facts>
        <Fact name={w.duration} tone={time < 0 ? 'good' : undefined}>
          {Math.abs(time) < 1_000 ? w.same : time < 0 ? w.shorter(times) : w.longer(times)}
        </Fact>
        <Change name={w.failures} by={failures} />
        <Change name={w.attempts} by={attempts} />
      </Facts>
    </Section>
  )
}

/** More of it is worse. */
function Change({ name, by }: { readonly name: string; readonly by: number }): ReactNode {
  const w = useWords(words)
  return (
    <Fact name={name} tone={by === 0 ? undefined : by < 0 ? 'good' : 'warn'}>
      {by === 0 ? w.same : by < 0 ? w.fewer(-by) : w.moreOf(by)}
    </Fact>
  )
}

/** Runs in a series. */
const COUNT = 12

/** How the measures went over the last runs of the epic. */
export function Series({ entry, entries }: Props): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const series = seriesOf(entries, entry, COUNT)
  if (series.length < 2) return null
  const worked = ({ summary }: RunEntry) =>
    summary !== undefined && summary.busy_ms > 0 ? summary : undefined
  const share = ({ summary }: RunEntry): number | undefined => {
    if (summary === undefined) return undefined
    const { total, pending, completed, skipped } = summary.tasks
    return total === pending ? undefined : (completed + skipped) / (total - pending)
  }
  const lines: readonly Line[] = [
    {
      name: w.duration,
      of: (one) => durationOf(one, now),
      text: (ms) => formatDuration(Math.round(ms / 1_000) * 1_000),
    },
    { name: w.completed, of: share, text: percent, band: [0.95, 1] },
    { name: w.overhead, of: (one) => worked(one)?.overhead, text: percent, band: [0, 0.05] },
    { name: w.faster, of: (one) => worked(one)?.efficiency, text: (v) => `${v.toFixed(1)} ×` },
    {
      name: w.utilisation,
      of: (one) => worked(one)?.utilization,
      text: (v) => `${Math.round(v * 100)} %`,
      band: [0.7, 0.85],
    },
  ]
  return (
    <Section title={w.series(series.length)}>
      <div className={css['series']}>
        {lines.map(({ name, of, text, band }) => {
          const values = series.map(of)
          const texts = values.map((value) => (value === undefined ? w.unknown : text(value)))
          return (
            <Fragment key={name}>
              <span className="muted">{name}</span>
              <Sparkline
                values={values}
                label={w.seriesOf(name, texts.join(', '))}
                {...(band === undefined ? {} : { band })}
              />
              <span>{texts.at(-1)}</span>
            </Fragment>
          )
        })}
      </div>
    </Section>
  )
}

interface Line {
  readonly name: string
  readonly of: (entry: RunEntry) => number | undefined
  readonly text: (value: number) => string
  readonly band?: readonly [number, number]
}
