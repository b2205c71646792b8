import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { type LoadMemory, lookAtLoad, type TargetLoad, targetReadings } from './targetLoad.ts'

const WINDOW = 60_000
const MIB = 1024 * 1024

function load(change: Partial<TargetLoad> = {}): TargetLoad {
  const traffic = { since: 1, requests: 0, errors: 0, ms: 0 }
  return { of: 'a', memoryBytes: 50 * MIB, memoryLimit: 200 * MIB, restarts: 0, traffic, ...change }
}

function looks(...loads: readonly TargetLoad[]) {
  let memory: LoadMemory | undefined
  return loads.map((one, i) => {
    const look = lookAtLoad(memory, one, 1_000 + i * 30_000, WINDOW)
    memory = look.memory
    return look
  })
}

describe('a target as measured', () => {
  it('tells memory of its limit at once, and of requests what came since the look before', () => {
    const traffic = { since: 1, requests: 20, errors: 5, ms: 400 }
    const [first, second] = looks(load(), load({ memoryBytes: 150 * MIB, traffic }))
    expect(first!.figures).toMatchObject({ memoryUsed: 0.25, requests: 0, errorRate: null, latency: null })
    expect(second!.figures).toMatchObject({ memoryUsed: 0.75, requests: 20, errorRate: 0.25, latency: 20 })
    expect(targetReadings(second!.figures)).toEqual([
      { measure: 'target_memory_used', value: 0.75, count: 1 },
      { measure: 'target_restarts', value: 0, count: 1 },
      { measure: 'target_error_rate', value: 0.25, count: 20 },
    ])
  })

  it('compares nothing with another count of requests, nor with another release', () => {
    const many = { since: 1, requests: 90, errors: 90, ms: 1 }
    const few = { since: 2, requests: 99, errors: 95, ms: 2 }
    const [, again, other] = looks(
      load({ traffic: many, restarts: 3 }),
      load({ traffic: few, restarts: 4 }),
      load({ of: 'b', traffic: few, restarts: 9, memoryBytes: 10 * MIB }),
    )
    expect(again!.figures).toMatchObject({ requests: 0, errorRate: null, restarts: 1 })
    expect(other!.figures.restarts).toBe(0)
    expect(other!.memory.trend).toMatchObject({ of: 'b', firstBytes: 10 * MIB, since: 61_000 })
  })

  it('knows what it was at first and at its most, over restarts too', () => {
    const grown = [50, 120, 190].map((mib) => load({ memoryBytes: mib * MIB }))
    const all = looks(...grown, load({ memoryBytes: null, restarts: 1 }), load({ restarts: 1 }))
    expect(all.at(-1)!.memory.trend).toEqual({
      of: 'a',
      since: 1_000,
      firstBytes: 50 * MIB,
      lastBytes: 50 * MIB,
      peakBytes: 190 * MIB,
      restarts: 1,
    })
    expect(all[3]!.figures).toMatchObject({ memoryUsed: null, restarts: 1 })
  })

  it('forgets restarts with the window, and never counts more than there were', () =>
    check(
      100,
      fc.property(fc.array(fc.nat(5), { maxLength: 12 }), (steps) => {
        const sum = (list: readonly number[]): number => list.reduce((all, n) => all + n, 0)
        const loads = [load(), ...steps.map((_, i) => load({ restarts: sum(steps.slice(0, i + 1)) }))]
        const seen = looks(...loads).map(({ figures }) => figures.restarts)
        for (const [i, count] of seen.entries()) {
          expect(count).toBe(sum(steps.slice(Math.max(0, i - 3), i)))
        }
      }),
    ))
})
