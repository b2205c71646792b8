import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { percent } from '../../../../main/domain/health/words.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { SeriesPoint } from '../../../../preload/contract.ts'
import { useNow } from '../../state/clock.ts'
import { useWords } from '../../words/language.ts'
import { heightOf, linesOf } from '../health/lines.ts'
import { useSeries } from '../health/useSeries.ts'
import type { Found } from './incidents.ts'
import css from './Measured.module.css'
import { type MeasuredMark, type MeasuredSpan, measuredMarks, measuredSpan } from './measured.ts'
import { measuredWords } from './measuredWords.ts'

const SIZE = { width: 600, height: 72 }
/** Between two measurements that belong together, ms. */
const EVERY_MS = 10_000

interface Kind {
  readonly measure: 'target_error_rate' | 'target_response_latency' | 'target_memory_used'
  /** At the top; the largest of the series where that is more. */
  readonly least: number
  readonly told: (value: number) => string
}

const KINDS: readonly Kind[] = [
  { measure: 'target_error_rate', least: 0.1, told: percent },
  {
    measure: 'target_response_latency',
    least: 100,
    told: (ms) => formatDuration(ms < 1_000 ? Math.round(ms) : Math.round(ms / 100) * 100),
  },
  { measure: 'target_memory_used', least: 1, told: percent },
]

/** What hurts, as it was measured: a little picture each, with what was done when. Nothing where nobody measures. */
export function Measured({ found: { project, incident } }: { readonly found: Found }): ReactNode {
  const w = useWords(measuredWords)
  const now = useNow()
  const { target: name } = incident
  if (name === null || project.targets[name]?.spec.place.kind !== 'docker') return null
  const target = project.targets[name]
  const span = measuredSpan(incident, target, now)
  const marks = measuredMarks(incident, target, span)
  return (
    <section aria-label={w.title(name)}>
      <header className={css['head']}>
        <h3>{w.title(name)}</h3>
        <ul className={css['legend']}>
          {marks.map(({ kind, what }) => (
            <li key={kind} data-kind={kind}>
              <i aria-hidden />
              {w.marks[kind](what ?? '')}
            </li>
          ))}
        </ul>
      </header>
      <div className={css['figures']}>
        {KINDS.map((kind) => (
          <Figure key={kind.measure} {...kind} project={project} target={name} span={span} marks={marks} />
        ))}
      </div>
    </section>
  )
}

interface FigureProps extends Kind {
  readonly project: ProjectRecord
  readonly target: string
  readonly span: MeasuredSpan
  readonly marks: readonly MeasuredMark[]
}

function Figure({ measure, least, told, project, target, span, marks }: FigureProps): ReactNode {
  const w = useWords(measuredWords)
  const { from, to } = span
  const all = useSeries({ project: project.id, measure, role: target }, to - from, to)
  const points = (all ?? []).filter(({ at }) => at <= to)
  const most = Math.max(...points.map(({ value }) => value))
  const last = points.at(-1)
  const isBad = Object.values(project.health.alarms).some(
    (alarm) => alarm.measure === measure && alarm.role === target,
  )
  const name = w.measures[measure]
  return (
    <figure className={css['figure']} data-measure={measure} data-state={isBad ? 'bad' : 'well'}>
      <figcaption>
        <span>{name}</span>
        <span>{last === undefined ? w.none : w.from(told(most), told(last.value))}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={w.chart(name, last === undefined ? w.none : told(most), last ? told(last.value) : w.none)}
      >
        <Marks marks={marks} span={span} />
        {last !== undefined && <Line points={points} span={span} most={Math.max(least, most)} />}
      </svg>
    </figure>
  )
}

function Line({
  points,
  span,
  most,
}: {
  readonly points: readonly SeriesPoint[]
  readonly span: MeasuredSpan
  readonly most: number
}): ReactNode {
  const { line, area } = linesOf(points, { ...span, most }, SIZE, EVERY_MS)
  const last = points.at(-1)!
  return (
    <>
      <path className={css['area']} d={area} />
      <path className={css['line']} d={line} vectorEffect="non-scaling-stroke" />
      {/* A point of its own has no line to be seen by. */}
      <path
        className={css['last']}
        d={`M${xOf(last.at, span)} ${heightOf(last.value, most, SIZE.height).toFixed(1)}h0`}
        vectorEffect="non-scaling-stroke"
      />
    </>
  )
}

function Marks({
  marks,
  span,
}: {
  readonly marks: readonly MeasuredMark[]
  readonly span: MeasuredSpan
}): ReactNode {
  return marks.map(({ kind, at }) => (
    <path
      key={kind}
      className={css['mark']}
      data-kind={kind}
      d={`M${xOf(at, span)} 0V${SIZE.height}`}
      vectorEffect="non-scaling-stroke"
    />
  ))
}

function xOf(at: number, { from, to }: MeasuredSpan): string {
  return (((at - from) / Math.max(1, to - from)) * SIZE.width).toFixed(1)
}
