// biome-ignore-all lint/a11y/useSemanticElements: the head of a grid of which only what is in sight exists
// biome-ignore-all lint/a11y/useFocusableInteractive: rows have the focus; the scrubber below does the same by keyboard
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the scrubber below does the same by keyboard
import { type ReactNode, useMemo } from 'react'
import { useWords } from '../../words/language.ts'
import type { Chart } from './bars.ts'
import { agentsAtWork, axisLabel, axisStep } from './figures.ts'
import css from './Timeline.module.css'
import { words } from './words.ts'

/** Height of the strip of agents at work, px. */
const STRIP = 40
/** Marks of the axis are made so far beside what is in sight, px. */
const AROUND = 3_000

/** Time from the run's start, and how many agents were at work against how many may be. A click chooses a moment. */
export function Axis({
  chart,
  now,
  scale,
  plane,
  left,
  onMoment,
}: {
  readonly chart: Chart
  readonly now: number
  readonly scale: number
  readonly plane: number
  readonly left: number
  readonly onMoment: (moment: number) => void
}): ReactNode {
  const w = useWords(words)
  const { run } = chart
  const limit = Math.max(1, Math.min(run.plan.limits.maxConcurrentAgents, run.plan.tasks.length))
  const steps = useMemo(() => agentsAtWork(chart), [chart])
  const most = Math.max(limit, ...steps.map((step) => step.count))
  const y = (count: number): number => STRIP - 2 - (count / most) * (STRIP - 8)
  const x = (time: number): number => (time - run.startedAt) * scale
  const path = steps.map(({ at, count }) => `H${x(at).toFixed(1)}V${y(count).toFixed(1)}`).join('')
  const step = axisStep(scale)
  const first = Math.max(0, Math.floor((left - AROUND) / scale / step))
  const last = Math.floor(Math.min(plane, left + AROUND) / scale / step)
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step)
  const choose = (event: React.MouseEvent<HTMLElement>): void => {
    const at = run.startedAt + (event.clientX - event.currentTarget.getBoundingClientRect().left) / scale
    onMoment(Math.min(now, Math.max(run.startedAt, at)))
  }
  return (
    <div className={css['axis']} role="row">
      <div className={css['corner']} role="columnheader">
        <span>{w.atWork}</span>
        <span className="muted">{w.limit(limit)}</span>
      </div>
      <div className={css['scale']} role="columnheader" aria-label={w.moment} onClick={choose}>
        <svg width={plane} height={STRIP} aria-hidden>
          <path d={`M0,${y(0)}${path}H${x(now)}V${y(0)}Z`} className={css['area']} />
          <line x1="0" x2={plane} y1={y(limit)} y2={y(limit)} className={css['limit']} />
        </svg>
        <div className={css['ticks']}>
          {ticks.map((at) => (
            <span key={at} style={{ left: at * scale }}>
              {axisLabel(at, step)}
            </span>
          ))}
        </div>
      </div>
    </div>
  )
}
