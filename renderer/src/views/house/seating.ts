import { arrange, type Box, type House, type Seat } from './seats.ts'
import type { Tier } from './tiers.ts'

/** A house with its people: which task sits where. */
export interface Seating {
  readonly box: Box
  readonly house: House
  /** The seat of each task, by its index in the plan. */
  readonly seatOf: ReadonlyMap<number, number>
  /** Seats of each tier, in order. */
  readonly bySeat: readonly (readonly number[])[]
}

export function seatingOf(tiers: readonly Tier[], box: Box): Seating {
  const house = arrange(
    tiers.map(({ tasks }) => tasks.length),
    box,
  )
  const seatOf = new Map<number, number>()
  const bySeat: number[][] = tiers.map(() => [])
  house.seats.forEach((seat, index) => {
    bySeat[seat.tier]!.push(index)
    for (const task of membersOf(tiers, seat)) seatOf.set(task, index)
  })
  return { box, house, seatOf, bySeat }
}

export function membersOf(tiers: readonly Tier[], { tier, first, count }: Seat): readonly number[] {
  return tiers[tier]!.tasks.slice(first, first + count)
}
