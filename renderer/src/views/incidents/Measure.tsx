import type { ReactNode } from 'react'
import { type Incident, isActive } from '../../../../main/domain/incidents/incident.ts'
import { useNow } from '../../state/clock.ts'
import { useWords } from '../../words/language.ts'
import { type Firing, firingOf } from './incidents.ts'
import css from './Measure.module.css'
import { words } from './words.ts'

const WIDTH = 1_000
const HEIGHT = 84
/** The picture goes on in steps of this, ms. */
const STEP_MS = 5_000

/** How many alerts fired when: what is known of the pain. Nothing where no alert came. */
export function Measure({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { latest, firing, resolved } = incident.alerts
  const ended = isActive(incident) ? undefined : (incident.resolvedAt ?? incident.closedAt ?? undefined)
  const until = ended ?? Math.ceil(now / STEP_MS) * STEP_MS
  const series = firingOf(incident, until)
  if (series.length === 0) return null
  const most = Math.max(1, ...series.map(({ count }) => count))
  const all = firing + resolved
  const line = pathOf(series, most)
  return (
    <figure className={css['measure']}>
      <figcaption>
        <span>
          {w.firing}
          {all > latest.length && ` ${w.firingPart(latest.length, all)}`}
        </span>
        <span>{w.firingOf(most, series.at(-1)!.count)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path className={css['area']} d={`${line}V${HEIGHT}H0Z`} />
        <path className={css['line']} d={line} vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  )
}

/** Steps: a number stays until it changes. */
function pathOf(series: readonly Firing[], most: number): string {
  const [from, to] = [series[0]!.at, series.at(-1)!.at]
  const lead = Math.max(1, to - from) * 0.06
  const x = (at: number): string => (((at - from + lead) / Math.max(1, to - from + lead)) * WIDTH).toFixed(1)
  const y = (count: number): string => (HEIGHT - 2 - (count / most) * (HEIGHT - 10)).toFixed(1)
  return `M0 ${y(0)}${series.map(({ at, count }) => `H${x(at)}V${y(count)}`).join('')}`
}
