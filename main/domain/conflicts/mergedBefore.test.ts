import { describe, expect, it } from 'vitest'
import type { Command } from '../commands.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { conflicts, holder, resolve } from '../testing/overlapping.ts'
import { tasks } from '../testing/plan.ts'
import { at, committed, conflicted, cut, exited, finish, prepared, start } from '../testing/steps.ts'

describe('work that cannot be merged', () => {
  const foreseen: Command = {
    type: 'report.predicted',
    project: PROJECT,
    foreseen: [{ parties: [holder('b')], files: ['src/a.ts'], patches: [] }],
    unknown: [],
  }

  function clashing(retry = 1, early: (driver: Driver) => void = () => undefined): Driver {
    const all = { workspace: 'repo', retry } as const
    const writes = { a: { writes: ['src/*.ts'] }, b: { writes: ['docs/**'] } }
    const driver = Driver.running(tasks(['a', 'b'], { all, with: writes }))
    driver.must(prepared())
    start(driver, 'a', 'b')
    finish(driver, 'a')
    early(driver)
    driver.must(exited(at(driver, 'b')))
    driver.must(committed(at(driver, 'b')))
    driver.must(conflicted(at(driver, 'b')))
    return driver
  }

  it('is a conflict with what was merged before', () => {
    const driver = clashing()
    expect(conflicts(driver)).toMatchObject([
      {
        cause: 'merge',
        parties: [holder('a'), holder('b')],
        files: ['src/a.ts'],
        text: 'a and b both changed src/a.ts',
        recommendation: { action: 'merge' },
      },
    ])
  })

  it('is done again on what was merged', () => {
    const driver = clashing()
    driver.must(resolve('merge'))
    expect(driver.attempt('b')).toMatchObject({ n: 2, state: 'WAITING' })
    expect(driver.run().attention).toEqual([])
    driver.must(cut(at(driver, 'b')))
  })

  it('is done again also where no retries are left', () => {
    const driver = clashing(0)
    driver.must(resolve('merge'))
    expect(conflicts(driver)[0]?.resolution?.detail).toBe('b is done again on what was merged')
    expect(driver.task('b')).toMatchObject({ state: 'ASSIGNED', cause: null })
    expect(driver.attempt('b').n).toBe(2)
  })

  it('takes the place of what was foreseen of it', () => {
    const driver = clashing(1, (early) => {
      early.must(foreseen)
      expect(conflicts(early)).toMatchObject([{ cause: 'predicted', parties: [holder('a'), holder('b')] }])
    })
    expect(conflicts(driver)).toMatchObject([
      { cause: 'predicted', resolution: { by: 'engine', detail: 'it came about, as c2' } },
      { cause: 'merge', resolution: null },
    ])
    driver.must(foreseen)
    expect(conflicts(driver)).toHaveLength(2)
  })

  it('is settled by the answer to its question, too', () => {
    const driver = clashing()
    driver.must({ type: 'task.retry', run: RUN, task: 'b' })
    expect(conflicts(driver)[0]?.resolution).toMatchObject({ by: 'engine', detail: 'b is over' })
  })
})
