import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrange } from './seats.ts'
import { isStep, nextWhere, STEPS, walk, walkList } from './walk.ts'

const BOX = { width: 1048, height: 780 }
const houses = fc
  .array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })
  .map((sizes) => arrange(sizes, BOX).seats)

describe('walking the seats', () => {
  it('stays in the house, whatever key', () => {
    fc.assert(
      fc.property(houses, fc.nat(), fc.constantFrom(...STEPS), (seats, at, step) => {
        const to = walk(seats, at % seats.length, step)
        expect(seats[to]).toBeDefined()
      }),
    )
  })

  it('goes along a tier and no further', () => {
    fc.assert(
      fc.property(houses, fc.nat(), (seats, n) => {
        const from = n % seats.length
        for (const step of ['ArrowLeft', 'ArrowRight'] as const) {
          expect(seats[walk(seats, from, step)]!.tier).toBe(seats[from]!.tier)
        }
      }),
    )
  })

  it('goes to the nearest angle one row out, and one row in', () => {
    fc.assert(
      fc.property(houses, fc.nat(), (seats, n) => {
        const from = seats[n % seats.length]!
        for (const [step, by] of [
          ['ArrowUp', 1],
          ['ArrowDown', -1],
        ] as const) {
          const to = seats[walk(seats, n % seats.length, step)]!
          const row = seats.filter((seat) => seat.row === from.row + by)
          if (row.length === 0) expect(to).toBe(from)
          else {
            const least = Math.min(...row.map((seat) => Math.abs(seat.angle - from.angle)))
            expect(to.row).toBe(from.row + by)
            expect(Math.abs(to.angle - from.angle)).toBeCloseTo(least)
          }
        }
      }),
    )
  })

  it('reaches every seat with up, right and left from the first', () => {
    const { seats } = arrange([4, 9, 70], BOX)
    const seen = new Set([0])
    const open = [0]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const step of ['ArrowUp', 'ArrowLeft', 'ArrowRight'] as const) {
        const to = walk(seats, at, step)
        if (!seen.has(to)) open.push(to)
        seen.add(to)
      }
    }
    expect(seen.size).toBe(seats.length)
  })

  it.each([
    ['Home', 5, 0],
    ['End', 5, 19],
    ['ArrowUp', 0, 0],
    ['ArrowDown', 19, 19],
    ['PageDown', 5, 15],
    ['ArrowLeft', 5, 4],
  ] as const)('%s in a list from %i leads to %i', (step, from, to) => {
    expect(walkList(20, from, step, 10)).toBe(to)
  })

  it('knows its keys', () => {
    expect(isStep('ArrowLeft')).toBe(true)
    expect(isStep('x')).toBe(false)
  })

  it('finds the next of a kind, round and round', () => {
    const wanted = (index: number): boolean => index === 2 || index === 5
    expect([nextWhere(6, 0, wanted), nextWhere(6, 2, wanted), nextWhere(6, 5, wanted)]).toEqual([2, 5, 2])
    expect(nextWhere(6, -1, wanted)).toBe(2)
    expect(nextWhere(6, 0, () => false)).toBeUndefined()
  })
})
