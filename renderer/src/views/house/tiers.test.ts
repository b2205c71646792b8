import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roleName } from '../../../../main/domain/ids.ts'
import { type Plan, planIndex } from '../../../../main/domain/plan.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { waves } from '../../testing/scenarios.ts'
import { depths, kindsOf, MOST_TIERS, TIER_KINDS, tiersOf } from './tiers.ts'

describe('tiers', () => {
  it('hold every task once, each in the order of the plan, and are never too many', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(counts, fc.constantFrom(...TIER_KINDS), (sizes, kind) => {
        const made = waves(sizes)
        const tiers = tiersOf(made, kind)
        expect(tiers.length).toBeLessThanOrEqual(MOST_TIERS)
        expect(tiers.flatMap(({ tasks }) => tasks).sort((a, b) => a - b)).toEqual(made.tasks.map((_, i) => i))
        for (const { tasks } of tiers) expect(tasks.length).toBeGreaterThan(0)
      }),
      { numRuns: 40 },
    )
  })

  it('are phases with their names', () => {
    const made = waves([2, 3])
    expect(tiersOf(made, 'phase')).toEqual([
      { from: 1, to: 1, name: 'Unit', tasks: [0, 1] },
      { from: 2, to: 2, name: 'Service', tasks: [2, 3, 4] },
    ])
  })

  it('share a ring where there are too many', () => {
    const tiers = tiersOf(waves(Array.from({ length: 30 }, () => 1)), 'phase')
    expect(tiers[0]).toEqual({ from: 1, to: 3, name: '', tasks: [0, 1, 2] })
    expect(tiers).toHaveLength(10)
  })

  it('are registry tiers of the roles, those without one last', () => {
    const made = ranked({ lead: 1, worker: 3, guest: null }, ['worker', 'guest', 'lead', 'worker'])
    expect(tiersOf(made, 'registry').map(({ from, tasks }) => [from, tasks])).toEqual([
      [1, [2]],
      [3, [0, 3]],
      [null, [1]],
    ])
    expect(kindsOf(made)).toContain('registry')
    expect(kindsOf(ranked({ guest: null }, ['guest']))).toEqual(['phase'])
  })

  it('are waves by the longest way of needs', () => {
    const made = plan([['a', 'b: a', 'c: a b', 'd']])
    expect(depths(made)).toEqual([0, 1, 2, 0])
    expect(tiersOf(made, 'wave').map(({ tasks }) => tasks)).toEqual([[0, 3], [1], [2]])
    const { needs } = planIndex(made)
    for (const [task, list] of needs.entries())
      for (const need of list) expect(depths(made)[need]).toBeLessThan(depths(made)[task]!)
  })
})

function ranked(tiers: Readonly<Record<string, number | null>>, roles: readonly string[]): Plan {
  const made = plan([roles.map((_, i) => `t${i}`)], {
    roles: Object.fromEntries(Object.keys(tiers).map((name) => [name, {}])),
  })
  return {
    ...made,
    roles: made.roles.map((role) => ({ ...role, tier: tiers[role.name] ?? null })),
    tasks: made.tasks.map((task, i) => ({ ...task, role: roleName(roles[i]!) })),
  }
}
