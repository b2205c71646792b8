import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { playHistory } from '../../../../main/domain/testing/history.ts'
import { plan } from '../../../../main/domain/testing/plan.ts'
import { type Look, RunLooks, waitingPairs, worstMark } from './looks.ts'

const PLAN = plan([
  ['a', 'b: a', 'c: a'],
  ['d', 'e: d b', 'f'],
])

/** Without the inbox, which no card shows. */
function shown(look: Look): Look {
  return { ...look, record: { ...look.record, inbox: [] } }
}

describe('looks', () => {
  test('kept up step by step they equal those made anew, and whoever shows a changed one is told', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        let looks: RunLooks | undefined
        const told = new Set<number>()
        playHistory(PLAN, seed, {
          between: (driver) => {
            const run = driver.run()
            if (looks === undefined) {
              looks = new RunLooks(run)
              for (const i of PLAN.tasks.keys()) looks.subscribe(i, () => told.add(i))
              return
            }
            const before = PLAN.tasks.map((_, i) => looks!.get(i))
            told.clear()
            looks.update(run)
            const fresh = new RunLooks(run)
            PLAN.tasks.forEach((_, i) => {
              expect(shown(looks!.get(i))).toEqual(shown(fresh.get(i)))
              expect(told.has(i)).toBe(looks!.get(i) !== before[i])
            })
            expect(looks.counts()).toEqual(fresh.counts())
          },
        })
      }),
      { numRuns: 25 },
    )
  })

  test('what holds a task up is a need that is not over and that somebody is at, or has to be', () => {
    let seen = 0
    playHistory(PLAN, 5, {
      between: (driver) => {
        const run = driver.run()
        for (const [from, to] of waitingPairs(new RunLooks(run))) {
          seen += 1
          expect(run.tasks.get(from)!.state).not.toBe('COMPLETED')
          expect(run.tasks.get(to)!.current).toBeNull()
          expect(PLAN.tasks[to]!.needs.map(({ task }) => task)).toContain(PLAN.tasks[from]!.id)
        }
      },
    })
    expect(seen).toBeGreaterThan(0)
  })

  test('a group looks like what wants an eye first', () => {
    const none = { running: 0, waiting: 0, blocked: 0, conflict: 0, failed: 0, done: 3, 'needs-you': 0 }
    expect(worstMark(none)).toBe('done')
    expect(worstMark({ ...none, running: 1, failed: 1 })).toBe('failed')
    expect(worstMark({ ...none, waiting: 1, running: 1 })).toBe('running')
  })
})
