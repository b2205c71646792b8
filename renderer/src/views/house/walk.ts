import type { Seat } from './seats.ts'

/** Keys walk the seats: along a tier, and between rows to the nearest angle. */

export const STEPS = [
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  'PageUp',
  'PageDown',
  'Home',
  'End',
] as const
export type Step = (typeof STEPS)[number]

export function isStep(key: string): key is Step {
  return (STEPS as readonly string[]).includes(key)
}

/** The seat a key leads to; the same one where the house ends. Up is away from the stage. */
export function walk(seats: readonly Seat[], from: number, step: Step): number {
  const seat = seats[from]
  if (seat === undefined) return 0
  switch (step) {
    case 'Home':
      return 0
    case 'End':
      return seats.length - 1
    case 'ArrowLeft':
      return seats[from - 1]?.tier === seat.tier ? from - 1 : from
    case 'ArrowRight':
      return seats[from + 1]?.tier === seat.tier ? from + 1 : from
    case 'ArrowUp':
      return nearest(seats, seat, (other) => other.row === seat.row + 1) ?? from
    case 'ArrowDown':
      return nearest(seats, seat, (other) => other.row === seat.row - 1) ?? from
    case 'PageUp':
      return nearest(seats, seat, (other) => other.tier === seat.tier + 1) ?? from
    case 'PageDown':
      return nearest(seats, seat, (other) => other.tier === seat.tier - 1) ?? from
  }
}

/** The same in a list, a line a task; a page is `page` lines. */
export function walkList(count: number, from: number, step: Step, page: number): number {
  const by = {
    Home: -count,
    End: count,
    ArrowLeft: -1,
    ArrowUp: -1,
    ArrowRight: 1,
    ArrowDown: 1,
    PageUp: -page,
    PageDown: page,
  }[step]
  return Math.max(0, Math.min(count - 1, from + by))
}

/** By angle, of those `among` admits; the lower row of a tier first where two are as near. */
function nearest(seats: readonly Seat[], to: Seat, among: (seat: Seat) => boolean): number | undefined {
  let best: number | undefined
  let least = Number.POSITIVE_INFINITY
  seats.forEach((seat, index) => {
    const distance = Math.abs(seat.angle - to.angle)
    if (distance >= least - 1e-9 || !among(seat)) return
    least = distance
    best = index
  })
  return best
}

/** The next place after `from`, round and round, that `wanted` admits; undefined when there is none. */
export function nextWhere(
  count: number,
  from: number,
  wanted: (index: number) => boolean,
): number | undefined {
  for (let step = 1; step <= count; step++) {
    const index = (from + step) % count
    if (wanted(index)) return index
  }
  return undefined
}
