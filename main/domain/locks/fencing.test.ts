import fc from 'fast-check'
import { expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { tasks } from '../testing/plan.ts'
import { at, committed, exited, finish, merged, prepared, start } from '../testing/steps.ts'
import type { Lock } from './lock.ts'
import { INACTIVITY_MS } from './rules.ts'

const GLOBS = ['src/**', 'src/api/*.ts', '**', '*.md', 'docs/{a,b}', 'src/api/x.ts']
const files = (on: string): Lock => ({ kind: 'files', on, mode: 'exclusive' })
const STAGING: Lock = { kind: 'resource', on: 'env:staging', mode: 'exclusive' }
const globs = fc.uniqueArray(fc.constantFrom(...GLOBS), { minLength: 1, maxLength: 3 })

/** R11: stopped, robbed of its locks, and let go on. */
it('an agent that lost its locks gets nothing through, whatever it tries and however it lost them', () => {
  let refused = 0
  let tried = 0
  check(
    1_000,
    fc.property(
      globs,
      fc.array(fc.constantFrom(...GLOBS), { maxLength: 2 }),
      fc.constantFrom('person', 'lease'),
      fc.boolean(),
      (writes, more, how, waits) => {
        const spec = { workspace: 'repo', writes, retry: 0 } as const
        const other = { uses: [STAGING] }
        const plan = tasks(['a', 'b', 'c'], { with: { a: spec, b: spec, c: other } })
        const driver = Driver.running(plan, [everyInvariant()])
        driver.must(prepared())
        start(driver, 'a', 'c')
        for (const on of more)
          driver.send({ type: 'agent.lock', ...at(driver, 'a'), locks: [files(on)], wait: false })
        if (waits) driver.must({ type: 'agent.lock', ...at(driver, 'a'), locks: [STAGING], wait: true })
        const place = at(driver, 'a')
        if (how === 'person') driver.must({ type: 'locks.release', run: RUN, task: 'a' })
        else driver.must({ type: 'report.lease-expired', ...place, quietMs: INACTIVITY_MS })
        const { grants } = driver.state.projects.get(PROJECT)!.locks
        expect(grants.map(({ holder }) => holder)).toEqual([`${RUN}/c#1`, `${RUN}/b#1`])
        const stale = [
          { type: 'agent.lock', ...place, locks: writes.map(files), wait: false },
          { type: 'agent.lock', ...place, locks: [files('elsewhere')], wait: true },
          { type: 'agent.unlock', ...place, locks: writes.map(files) },
          { type: 'agent.checkpoint', ...place, note: '' },
          committed(place),
          merged(place),
        ] as const
        const attempt = (): void => {
          for (const command of stale) {
            tried++
            if (driver.send(command as Parameters<Driver['send']>[0]) !== undefined) refused++
          }
        }
        attempt()
        driver.must(exited(place))
        attempt()
        expect(driver.events('work.committed')).toEqual([])
        finish(driver, 'b')
        expect(driver.task('b').outcome).toBe('succeeded')
      },
    ),
  )
  expect([refused, tried > 10_000 - 1]).toEqual([tried, true])
})
