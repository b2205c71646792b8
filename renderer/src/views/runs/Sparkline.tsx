import type { ReactNode } from 'react'
import { linePoints, rangeOf } from './entries.ts'
import css from './Runs.module.css'

const WIDTH = 120
const HEIGHT = 22

/** A line through values, the newest marked; `band` is where they are wanted. */
export function Sparkline({
  values,
  band,
  label,
}: {
  readonly values: readonly (number | undefined)[]
  readonly band?: readonly [number, number]
  readonly label: string
}): ReactNode {
  const range = rangeOf([...values, ...(band ?? [])])
  const points = linePoints(values, WIDTH, HEIGHT, range)
  const last = points.at(-1)
  const span = range[1] - range[0]
  const y = (value: number): number => (span === 0 ? 0 : HEIGHT - ((value - range[0]) / span) * HEIGHT)
  return (
    <svg
      className={css['spark']}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      {band !== undefined && (
        <rect x="0" width={WIDTH} y={y(band[1])} height={Math.max(1, y(band[0]) - y(band[1]))} rx="2" />
      )}
      <polyline points={points.map(([px, py]) => `${px},${py}`).join(' ')} />
      {last !== undefined && <circle cx={last[0]} cy={last[1]} r="2.5" />}
    </svg>
  )
}
