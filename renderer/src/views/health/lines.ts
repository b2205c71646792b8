import type { SeriesPoint } from '../../../../preload/contract.ts'

export interface ChartRange {
  /** ms */
  readonly from: number
  readonly to: number
  readonly most: number
}

/** Rounds of the monitor that may be missing before a line is broken: what was not looked at is not drawn. */
const GAP_ROUNDS = 4

/** SVG paths of a series: the line, broken where nobody looked, and what is below it. */
export function linesOf(
  points: readonly Pick<SeriesPoint, 'at' | 'value'>[],
  { from, to, most }: ChartRange,
  { width, height }: { readonly width: number; readonly height: number },
  intervalMs: number,
): { readonly line: string; readonly area: string } {
  const x = (at: number): string => (((at - from) / Math.max(1, to - from)) * width).toFixed(1)
  const y = (value: number): string => heightOf(value, most, height).toFixed(1)
  let line = ''
  let area = ''
  let begun: string | undefined
  let last: Pick<SeriesPoint, 'at' | 'value'> | undefined
  for (const point of points) {
    if (point.at < from) continue
    const isNew = last === undefined || point.at - last.at > GAP_ROUNDS * intervalMs
    if (isNew) {
      if (begun !== undefined) area += `L${x(last!.at)} ${height}Z`
      begun = x(point.at)
      line += `M${begun} ${y(point.value)}`
      area += `M${begun} ${height}L${begun} ${y(point.value)}`
    } else {
      line += `L${x(point.at)} ${y(point.value)}`
      area += `L${x(point.at)} ${y(point.value)}`
    }
    last = point
  }
  if (begun !== undefined) area += `L${x(last!.at)} ${height}Z`
  return { line, area }
}

/** From the top, with a little room for the line's own width. */
export function heightOf(value: number, most: number, height: number): number {
  return height - 1.5 - (Math.min(value, most) / Math.max(most, Number.EPSILON)) * (height - 4)
}
