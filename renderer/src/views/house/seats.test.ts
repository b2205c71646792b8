import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange, type Box, type House } from './seats.ts'

const sizes = fc
  .array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 })
  .filter((all) => all.reduce((a, b) => a + b, 0) <= 1_000)
const side = fc.integer({ min: 120, max: 2_600 })
const box = fc.record({ width: side, height: side })

describe('the seats of a house', () => {
  it('never overlap', () => {
    fc.assert(
      fc.property(sizes, box, (tiers, room) => {
        const house = arrange(tiers, room)
        expect(closest(house)).toBeGreaterThanOrEqual(house.size - 1e-6)
        expect(closest(house)).toBeGreaterThanOrEqual(house.pitch - 1e-6)
      }),
      { numRuns: 60 },
    )
  })

  it('stand inside the box, in their bands, above the ends and clear of the stage', () => {
    fc.assert(
      fc.property(sizes, box, (tiers, room) => {
        const house = arrange(tiers, room)
        const { centre, size, stage } = house
        for (const { x, y, tier } of house.seats) {
          expect(isInside(x, y, size / 2, room)).toBe(true)
          const distance = Math.hypot(x - centre.x, y - centre.y)
          expect(distance - size / 2).toBeGreaterThanOrEqual(house.bands[tier]!.inner - 1e-6)
          expect(distance + size / 2).toBeLessThanOrEqual(house.bands[tier]!.outer + 1e-6)
          expect(y + size / 2).toBeLessThanOrEqual(centre.y + 1e-6)
          expect(Math.hypot(x - centre.x, y - stage.y) - size / 2).toBeGreaterThan(stage.radius)
        }
        expect(isInside(centre.x, stage.y, stage.radius, room)).toBe(true)
        expect(isInside(centre.x, centre.y, 0, room)).toBe(true)
        expect(house.bands.at(-1)!.outer).toBeLessThanOrEqual(Math.min(room.width / 2, centre.y))
      }),
      { numRuns: 100 },
    )
  })

  it('keep the order: tier by tier, row by row outwards, left to right, every member once', () => {
    fc.assert(
      fc.property(sizes, box, (tiers, room) => {
        const { seats, bands, group } = arrange(tiers, room)
        const seen = tiers.map(() => 0)
        for (const seat of seats) {
          expect(seat.first).toBe(seen[seat.tier])
          expect(seat.count).toBeGreaterThanOrEqual(1)
          expect(seat.count).toBeLessThanOrEqual(group)
          seen[seat.tier]! += seat.count
        }
        expect(seen).toEqual(tiers)
        for (let i = 1; i < seats.length; i++) {
          const [before, seat] = [seats[i - 1]!, seats[i]!]
          if (seat.row === before.row) expect(seat.angle).toBeGreaterThan(before.angle)
          else expect(seat.row).toBe(before.row + 1)
          expect(seat.tier).toBeGreaterThanOrEqual(before.tier)
        }
        for (let i = 1; i < bands.length; i++) expect(bands[i]!.inner).toBeGreaterThan(bands[i - 1]!.outer)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    // Members, box, the least size a seat may have there.
    [[3], { width: 1048, height: 780 }, 22],
    [[3, 2, 3, 3, 3], { width: 1048, height: 780 }, 20],
    [[3, 2, 3, 3, 3], { width: 684, height: 580 }, 16],
    [[20, 30, 26, 14, 10], { width: 1048, height: 780 }, 17],
    [[60, 80, 70, 50, 40], { width: 1048, height: 780 }, 13],
    [[60, 80, 70, 50, 40], { width: 684, height: 580 }, 9],
    [[200, 300, 250, 150, 100], { width: 1048, height: 780 }, 9],
    [[200, 300, 250, 150, 100], { width: 684, height: 580 }, 6],
  ] satisfies [number[], Box, number][])(
    '%j in %j stay large enough to be told apart',
    (tiers, room, least) => {
      const house = arrange(tiers, room)
      expect(house.group).toBe(1)
      expect(house.size).toBeGreaterThanOrEqual(least)
    },
  )

  it('are shared above a thousand, and large enough for a number then', () => {
    const room = { width: 1048, height: 780 }
    const house = arrange([1_000, 1_500, 1_250, 750, 501], room)
    expect(house.group).toBeGreaterThan(1)
    expect(house.seats.length).toBeLessThanOrEqual(400)
    expect(house.pitch).toBeGreaterThanOrEqual(26)
    expect(house.seats.reduce((all, seat) => all + seat.count, 0)).toBe(5_001)
  })
})

/** Least distance between two centres. */
function closest({ seats }: House): number {
  const byX = [...seats].sort((a, b) => a.x - b.x)
  let least = Number.POSITIVE_INFINITY
  byX.forEach((seat, i) => {
    for (let j = i + 1; j < byX.length && byX[j]!.x - seat.x < least; j++) {
      least = Math.min(least, Math.hypot(byX[j]!.x - seat.x, byX[j]!.y - seat.y))
    }
  })
  return least
}

function isInside(x: number, y: number, radius: number, { width, height }: Box): boolean {
  return (
    x - radius >= -1e-6 && x + radius <= width + 1e-6 && y - radius >= -1e-6 && y + radius <= height + 1e-6
  )
}
