import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { type PlanOptions, type TaskOptions, tasks } from '../testing/plan.ts'
import { at, exited, finish, start } from '../testing/steps.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../testing/world.ts'
import { choosePorts, type PortRange, portLock, portVariables } from './ports.ts'

const one: TaskOptions = { ports: ['PORT'] }
const running = (names: readonly string[], ports: PortRange, options: PlanOptions): Driver =>
  Driver.running({ ...tasks(names, options), ports }, [everyInvariant()])
const table = (driver: Driver) => driver.state.projects.get(PROJECT)!.locks
const held = (driver: Driver): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(table(driver).grants.map(({ holder, locks }) => [holder, locks.map(({ on }) => on)]))

describe('a port', () => {
  it('is the lowest free one, and free again when its attempt is over', () => {
    const driver = running(
      ['a', 'b', 'c'],
      { from: 40_000, to: 40_009 },
      {
        with: { a: one, b: { ports: ['PORT', 'DB_PORT'] }, c: { ...one, retry: 1 } },
      },
    )
    expect(held(driver)).toEqual({
      'r1/a#1': ['port:40000'],
      'r1/b#1': ['port:40001', 'port:40002'],
      'r1/c#1': ['port:40003'],
    })
    finish(driver, 'a')
    start(driver, 'c')
    driver.must(exited(at(driver, 'c'), 1))
    expect(held(driver)['r1/c#2']).toEqual(['port:40000'])
    const b = driver.attempt('b')
    expect(portVariables(driver.run().plan.tasks[1]!, b.ports)).toEqual({ PORT: '40001', DB_PORT: '40002' })
  })

  it('is waited for where all are taken, the one that the fewest wait for', () => {
    const driver = running(
      ['a', 'b', 'c', 'd', 'e'],
      { from: 1, to: 2 },
      {
        all: one,
        limits: { maxConcurrentAgents: 9 },
      },
    )
    expect(table(driver).waiters.map(({ holder, locks }) => [holder, locks[0]!.on])).toEqual([
      ['r1/c#1', 'port:1'],
      ['r1/d#1', 'port:2'],
      ['r1/e#1', 'port:1'],
    ])
    finish(driver, 'b')
    expect(driver.attempt('d')).toMatchObject({ state: 'WAITING', ports: [2] })
    for (const id of ['a', 'd', 'c', 'e']) finish(driver, id)
    expect(driver.run().status).toBe('completed')
  })

  it('that somebody names is not leased to another', () => {
    const driver = running(
      ['named', 'a'],
      { from: 7, to: 9 },
      {
        with: { named: { uses: [portLock(7)] }, a: one },
      },
    )
    expect(held(driver)['r1/a#1']).toEqual(['port:8'])
  })

  it('cannot be given back by its agent, and is lost like whatever else was declared', () => {
    const driver = running(['a'], { from: 7, to: 9 }, { all: one })
    start(driver, 'a')
    const refused = driver.send({ type: 'agent.unlock', ...at(driver, 'a'), locks: [portLock(7)] })
    expect(refused).toMatchObject({ rejected: 'forbidden' })
    driver.must({ type: 'locks.release', run: RUN, task: 'a' })
    driver.must(exited(at(driver, 'a')))
    expect(driver.task('a').outcome).toBe('cancelled')
  })

  it('is none where the plan has no range', () => {
    expect(choosePorts(table(Driver.running(tasks(['a']))), undefined, 2)).toEqual([])
  })
})

it('no two ever have the same, whatever goes wrong', () => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 10 }),
  )
  check(
    200,
    fc.property(sizes, fc.nat(), ([most, counts], seed) => {
      const names = counts.map((_, i) => `t${i}`)
      const wishes = counts.map((count, i): [string, TaskOptions] => {
        const ports = Array.from({ length: Math.min(count, most) }, (_, n) => `P${n}`)
        return [`t${i}`, { retry: 2, ...(ports.length === 0 ? {} : { ports }) }]
      })
      const options = { with: Object.fromEntries(wishes), limits: { maxConcurrentAgents: 20 } }
      const driver = running(names.length === 0 ? ['t'] : names, { from: 1, to: most }, options)
      const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
      do {
        const taken = [...driver.run().tasks].flatMap(({ current }) =>
          current === null || current.state === 'BLOCKED' ? [] : (current.ports ?? []),
        )
        expect(new Set(taken).size).toBe(taken.length)
      } while (world.step())
      if (driver.run().endedAt !== null) expect(table(driver).grants).toEqual([])
    }),
  )
})
