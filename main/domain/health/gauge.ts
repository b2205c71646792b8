import { alarmKey } from './health.ts'
import type { Measure, Threshold } from './policy.ts'

/** One look at one measure. */
export interface Reading {
  readonly measure: Measure
  readonly role: string | null
  /** Null: not known now, which changes nothing. */
  readonly value: number | null
  /** How many observations it is made of. */
  readonly count: number
}

export interface Crossing {
  readonly measure: Measure
  readonly role: string | null
  readonly bad: boolean
  readonly value: number
  readonly limit: number
  /** Nothing was observed for so long that nothing can be said any more: it is not bad either. */
  readonly expired?: true
}

/** By alarm key: rounds in a row that spoke for a change. Lost with the engine, which only makes a change later. */
export type GaugeMemory = ReadonlyMap<string, number>

export const NO_MEMORY: GaugeMemory = new Map()

/**
 * Compares a round of readings with the limits. What is bad stays bad until it is well by the other, further limit;
 * either takes several rounds in a row, so that nothing flaps.
 */
export function assess(
  memory: GaugeMemory,
  readings: readonly Reading[],
  thresholds: readonly Threshold[],
  isBad: (key: string) => boolean,
): { readonly memory: GaugeMemory; readonly crossings: readonly Crossing[] } {
  const next = new Map<string, number>()
  const crossings: Crossing[] = []
  for (const { measure, role, value, count } of readings) {
    const threshold = thresholds.find((one) => one.measure === measure)
    const key = alarmKey(measure, role)
    if (threshold === undefined) continue
    const bad = isBad(key)
    if (bad && value === null && count === 0 && threshold.least > 0) {
      crossings.push({
        measure,
        role,
        bad: false,
        value: threshold.wellAt,
        limit: threshold.wellAt,
        expired: true,
      })
      continue
    }
    if (value === null || count < threshold.least) continue
    if (!speaksForChange(threshold, value, bad)) continue
    const rounds = (memory.get(key) ?? 0) + 1
    if (rounds < threshold.rounds) next.set(key, rounds)
    else crossings.push({ measure, role, bad: !bad, value, limit: bad ? threshold.wellAt : threshold.limit })
  }
  return { memory: next, crossings }
}

function speaksForChange(threshold: Threshold, value: number, isBad: boolean): boolean {
  const { bad, limit, wellAt } = threshold
  if (isBad) return bad === 'above' ? value <= wellAt : value >= wellAt
  return bad === 'above' ? value >= limit && value > wellAt : value < limit
}
