import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { runId } from '../ids.ts'
import { MOST_OVERTAKEN } from '../locks/table.ts'
import type { Plan } from '../plan.ts'
import { stateFromJson, stateToJson } from '../serialise.ts'
import { taskStatus } from '../status.ts'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { mergePolicy, type PlanOptions, type TaskOptions, tasks } from '../testing/plan.ts'
import { at, committed, cut, end, exited, finish, merged, prepared, started } from '../testing/steps.ts'
import type { Prediction } from './prediction.ts'

const BEFORE = runId('before')

/** Each writes a folder of its own name, so that no lock keeps two apart. */
function made(names: readonly string[], slots: number, options: PlanOptions = {}): Plan {
  const own = Object.fromEntries(
    names.map((name): [string, TaskOptions] => [name, { writes: [`${name}/**`], ...options.with?.[name] }]),
  )
  return tasks(names, {
    ...options,
    all: { workspace: 'repo', ...options.all },
    limits: { maxConcurrentAgents: slots },
    with: own,
  })
}

/** A project in which, in one run before, these met in a file: odds of 2/3. */
function clashed(...names: readonly string[]): Driver {
  const driver = new Driver([everyInvariant()])
  driver.start(made(names, 64), BEFORE)
  driver.must(prepared(BEFORE))
  names.forEach((_, task) => {
    driver.must(cut({ run: BEFORE, task, attempt: 1 }))
    driver.must(started({ run: BEFORE, task, attempt: 1 }))
  })
  const parties = names.map((name) => `${BEFORE}/${name}#1`)
  const foreseen = [{ parties, files: ['shared.ts'], patches: [] }]
  driver.must({ type: 'report.predicted', project: PROJECT, foreseen, unknown: [] })
  driver.must({ type: 'run.stop', run: BEFORE, force: true })
  names.forEach((_, task) => {
    driver.must(exited({ run: BEFORE, task, attempt: 1 }, 137))
  })
  expect(driver.state.runs.get(BEFORE)!.status).toBe('stopped')
  return driver
}

function go(driver: Driver, plan: Plan, prediction?: Prediction): Driver {
  driver.start(prediction === undefined ? plan : { ...plan, prediction })
  driver.must(prepared())
  return driver
}

const postponed = (driver: Driver) =>
  driver.events('task.postponed').map(({ task, behind, times }) => [task, behind, times])

describe('ready work that probably clashes with work under way', () => {
  it('is put behind other work of its priority, which is on record and said', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c', 'd'], 2))
    expect(driver.active()).toEqual(['a', 'c'])
    expect(postponed(driver)).toEqual([[1, `${RUN}/a#1`, 1]])
    expect(taskStatus(driver.run(), 1, driver.now)).toMatchObject({
      word: 'waits',
      why: { kind: 'postponed', behind: `${RUN}/a#1`, file: 'shared.ts', odds: 2 / 3 },
    })
    expect(taskStatus(driver.run(), 3, driver.now).why).toEqual({ kind: 'capacity' })
    const copy = stateFromJson(JSON.parse(JSON.stringify(stateToJson(driver.state))))
    expect(copy.runs.get(RUN)!.tasks.get(1)!.postponed?.times).toBe(1)
    finish(driver, 'c')
    expect(driver.active()).toEqual(['a', 'd'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b', 'd'])
    expect(driver.task('b').postponed).toBeUndefined()
  })

  it('says that it waits for a free agent once who it was put behind is merged', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c', 'd'], 2, { with: { d: { priority: 0 } } }))
    expect(driver.active()).toEqual(['a', 'd'])
    finish(driver, 'd')
    expect(driver.active()).toEqual(['a', 'c'])
    driver.must({ type: 'run.pause', run: RUN })
    finish(driver, 'a')
    driver.must({ type: 'run.continue', run: RUN })
    expect(driver.active()).toEqual(['b', 'c'])
  })

  it('begins where there is nothing else to do, or room for all', () => {
    const alone = go(clashed('a', 'b'), made(['a', 'b'], 2))
    expect([alone.active(), postponed(alone)]).toEqual([['a', 'b'], []])
    const roomy = go(clashed('a', 'b'), made(['a', 'b', 'c'], 3))
    expect([roomy.active(), postponed(roomy)]).toEqual([['a', 'b', 'c'], []])
  })

  it('waits for work that is being merged this very moment, and begins with it', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c'], 2))
    end(driver, 'a', 0)
    finish(driver, 'c')
    expect(driver.active()).toEqual(['a'])
    driver.must(committed(at(driver, 'a')))
    expect(driver.active()).toEqual(['a'])
    driver.must(merged(at(driver, 'a')))
    expect(driver.active()).toEqual(['b'])
  })

  it('does not wait for work whose merge is held up, or that waits to be checked', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c'], 2))
    end(driver, 'a', 0)
    finish(driver, 'c')
    const place = { run: RUN, task: 0, attempt: 1 }
    const away = { error: 'away', remedy: '', permanent: false }
    driver.must({ type: 'report.effect-failed', effect: 'work.commit', ...place, ...away })
    expect(driver.active()).toEqual(['a', 'b'])
    const queueing = go(clashed('a', 'b'), { ...made(['a', 'b', 'c'], 2), merge: mergePolicy(8) })
    end(queueing, 'a', 0)
    queueing.must(committed(at(queueing, 'a')))
    expect(queueing.active()).toEqual(['a', 'b', 'c'])
  })

  it('goes before what is less urgent', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c'], 2, { with: { c: { priority: 4 } } }))
    expect([driver.active(), postponed(driver)]).toEqual([['a', 'b'], []])
  })

  it('is not put behind where its locks keep it apart: it stands in line for them without a slot', () => {
    const same = { a: { writes: ['x/**'] }, b: { writes: ['x/**'] } }
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c', 'd'], 2, { with: same }))
    expect([driver.attempt('b').state, driver.active(), postponed(driver)]).toEqual([
      'BLOCKED',
      ['a', 'b', 'c'],
      [],
    ])
  })

  it.each<[string, Prediction, readonly string[]]>([
    ['switched off', { action: 'warn', reorder: false }, ['a', 'b']],
    ['wanted only for what is likelier', { action: 'warn', reorderFrom: 0.7 }, ['a', 'b']],
    ['wanted from just these odds on', { action: 'none', reorderFrom: 2 / 3 }, ['a', 'c']],
  ])('goes by the policy: %s', (_, prediction, active) => {
    expect(go(clashed('a', 'b'), made(['a', 'b', 'c'], 2), prediction).active()).toEqual(active)
  })

  it('is put behind what another role does', () => {
    const roles = { Worker: {}, Writer: {} }
    const driver = go(clashed('a', 'b'), made(['a', 'b', 'c'], 2, { roles, with: { c: { role: 'Writer' } } }))
    expect([driver.active(), postponed(driver)]).toEqual([['a', 'c'], [[1, `${RUN}/a#1`, 1]]])
  })

  it('is put behind work of a later run', () => {
    const driver = go(clashed('a', 'b'), made(['a', 'x', 'b'], 2, { with: { x: { priority: 0 } } }))
    const other = runId('other')
    driver.start(made(['z'], 2), other)
    driver.must(prepared(other))
    finish(driver, 'x')
    expect([driver.active(), driver.active(other)]).toEqual([['a'], ['z']])
    expect(postponed(driver)).toEqual([[2, `${RUN}/a#1`, 1]])
  })

  it('takes its turn in the end, however much else there is to do', () => {
    const others = Array.from({ length: 3 * MOST_OVERTAKEN }, (_, i) => `t${i}`)
    const driver = go(clashed('a', 'b'), made(['a', 'b', ...others], 2))
    for (const name of others) {
      if (driver.task('b').current !== null) break
      finish(driver, name)
    }
    expect(driver.task('b').current).not.toBeNull()
    expect(postponed(driver).map(([, , times]) => times)).toEqual(
      Array.from({ length: MOST_OVERTAKEN }, (_, i) => i + 1),
    )
  })
})

test('whatever clashed before, every run comes to its end, and nobody is put behind too often', () => {
  check(
    60,
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.uniqueArray(fc.nat(11), { minLength: 2, maxLength: 4 }),
      fc.array(fc.nat(5), { minLength: 12, maxLength: 12 }),
      fc.infiniteStream(fc.nat(63)),
      (count, slots, clashing, priorities, picks) => {
        const names = Array.from({ length: count }, (_, i) => `t${i}`)
        const driver = clashed(...clashing.map((i) => `t${i}`))
        const options = Object.fromEntries(names.map((name, i) => [name, { priority: priorities[i]! }]))
        go(driver, made(names, slots, { with: options }))
        for (let active = driver.active(); active.length > 0; active = driver.active()) {
          expect(active.length).toBe(Math.min(slots, count - driver.events('task.completed').length))
          finish(driver, active[picks.next().value % active.length]!)
        }
        expect(driver.run().status).toBe('completed')
        for (const [, , times] of postponed(driver)) expect(times).toBeLessThanOrEqual(MOST_OVERTAKEN)
      },
    ),
  )
})
