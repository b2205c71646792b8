import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientCommand } from '../commands.ts'
import { actionsFor } from '../conflicts/conflict.ts'
import { openOf } from '../conflicts/raising.ts'
import { needsPerson } from '../metrics.ts'
import { stateFromJson, stateToJson } from '../serialise.ts'
import { anyPlan, anySeed } from '../testing/arbitraries.ts'
import { check } from '../testing/check.ts'
import { Driver, PROJECT, RUN } from '../testing/driver.ts'
import { everyInvariant } from '../testing/invariants.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { addRegistered as add, adding } from '../testing/registered.ts'
import { finish, prepared } from '../testing/steps.ts'
import { MUCH_TROUBLE, randomFrom, World } from '../testing/world.ts'
import { KEPT_ENDED, LEASE_MS, RENEW_MS, type Registered } from './registered.ts'

const ENDPOINTS = 'services/backend/api/endpoints/*.py'
const HOPS = 'services/backend/api/endpoints/hops.py'

const all = (driver: Driver) => driver.state.projects.get(PROJECT)!.registered
const agent = (driver: Driver, id: string): Registered => all(driver)[id]!
const states = (driver: Driver) =>
  Object.fromEntries(Object.values(all(driver)).map((it) => [it.id, it.state]))
const table = (driver: Driver) => driver.state.projects.get(PROJECT)!.locks
const to = <T extends ClientCommand['type']>(type: T, id: string, more: object = {}) =>
  ({ type, project: PROJECT, agent: id, ...more }) as unknown as ClientCommand
const complete = (driver: Driver, id: string) =>
  driver.must(to('registered.complete', id, { commit: null, token: null }))
const stop = (driver: Driver, id: string, force = false) => driver.must(to('registered.stop', id, { force }))
const PROCESS = { pid: 77, start: '1', boot: 'b' }

describe('an agent started by hand', () => {
  it('is counted in its project, holds what it declared, and gives it back when it is done', () => {
    const driver = new Driver()
    expect(add(driver, 'Backend API Agent', [ENDPOINTS], { priority: 1 })).toBe('agent-1')
    expect(add(driver, 'Database Agent', ['alembic/**'], { uses: ['database_schema'] })).toBe('agent-2')
    expect(states(driver)).toEqual({ 'agent-1': 'RUNNING', 'agent-2': 'RUNNING' })
    expect(table(driver).grants.map(({ holder, locks }) => [holder, locks.map(({ on }) => on)])).toEqual([
      ['agent-1', [ENDPOINTS]],
      ['agent-2', ['alembic/**', 'database_schema']],
    ])
    complete(driver, 'agent-1')
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'COMPLETED', endedAt: driver.now })
    expect(table(driver).grants.map(({ holder }) => holder)).toEqual(['agent-2'])
  })

  it('waits while another has its files, and goes on when that one is over, however it ends', () => {
    for (const end of [complete, (driver: Driver, id: string) => stop(driver, id, true)]) {
      const driver = new Driver()
      add(driver, 'one', [ENDPOINTS], { priority: 1 })
      add(driver, 'five', [HOPS], { priority: 5 })
      expect(agent(driver, 'agent-2')).toMatchObject({ state: 'BLOCKED', behind: ['agent-1'] })
      end(driver, 'agent-1')
      expect(agent(driver, 'agent-2')).toMatchObject({ state: 'RUNNING', behind: [] })
    }
  })

  it('gives way to the more urgent of those that wait', () => {
    const driver = new Driver()
    add(driver, 'holder', [HOPS])
    add(driver, 'late', [HOPS], { priority: 5 })
    add(driver, 'urgent', [HOPS], { priority: 1 })
    complete(driver, 'agent-1')
    expect(states(driver)).toMatchObject({ 'agent-2': 'BLOCKED', 'agent-3': 'RUNNING' })
  })

  it('begins after those it comes after, asks for its locks only then, and does not begin when one was terminated', () => {
    const driver = new Driver()
    add(driver, 'Database', ['alembic/**'])
    add(driver, 'API', [HOPS], { after: ['agent-1-database'] })
    add(driver, 'Docs', ['docs/**'], { after: ['api', 'DATABASE'] })
    add(driver, 'Hops', [HOPS])
    expect(states(driver)).toMatchObject({ 'agent-2': 'WAITING', 'agent-3': 'WAITING', 'agent-4': 'RUNNING' })
    complete(driver, 'agent-1')
    expect(agent(driver, 'agent-2').state).toBe('BLOCKED')
    stop(driver, 'agent-2')
    expect(agent(driver, 'agent-3')).toMatchObject({ state: 'TERMINATED', cause: 'cancelled' })
    expect(driver.send(adding('x', [], { after: ['api'] }))).toMatchObject({ rejected: 'not-now' })
    expect(driver.send(adding('x', [], { after: ['nobody'] }))).toMatchObject({ rejected: 'unknown' })
    add(driver, 'x', [], { after: ['api'], waits: false })
    expect(agent(driver, 'agent-5').state).toBe('RUNNING')
  })

  it('that is only declared holds nothing until it is started', () => {
    const driver = new Driver()
    add(driver, 'later', [HOPS], { start: false })
    expect(agent(driver, 'agent-1').state).toBe('REGISTERED')
    expect(table(driver)).toMatchObject({ grants: [], waiters: [] })
    driver.must(to('registered.start', 'later'))
    expect(agent(driver, 'agent-1').state).toBe('RUNNING')
  })

  it('takes turns with agents in containers, both ways round', () => {
    const writes = (glob: string): TaskOptions => ({ workspace: 'repo', writes: [glob] })
    const driver = new Driver()
    add(driver, 'hand', [HOPS])
    driver.start(tasks(['a', 'b'], { with: { a: writes(ENDPOINTS), b: writes('docs/**') } }))
    driver.must(prepared())
    expect([driver.attempt('a').state, driver.attempt('b').state]).toEqual(['BLOCKED', 'WAITING'])
    expect(driver.attempt('a').blockedBy).toEqual(['agent-1'])
    add(driver, 'docs', ['docs/*.md'])
    expect(agent(driver, 'agent-2')).toMatchObject({ state: 'BLOCKED', behind: ['r1/b#1'] })
    complete(driver, 'agent-1')
    finish(driver, 'a', 'b')
    expect(agent(driver, 'agent-2').state).toBe('RUNNING')
    expect(driver.run(RUN).status).toBe('completed')
  })
})

describe('a lease', () => {
  it('ends 10 minutes after the last sign of life, and what was held goes to who waits', () => {
    const driver = new Driver()
    add(driver, 'silent', [HOPS], { process: PROCESS })
    add(driver, 'next', [HOPS])
    driver.advance(LEASE_MS / 2)
    driver.must(to('registered.heartbeat', 'agent-1', { process: null }))
    driver.advance(LEASE_MS)
    expect(agent(driver, 'agent-1').state).toBe('RUNNING')
    driver.advance(RENEW_MS)
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'TERMINATED', cause: 'lost', signal: 'SIGTERM' })
    expect(agent(driver, 'agent-2').state).toBe('RUNNING')
    expect(driver.send(to('registered.heartbeat', 'agent-1', { process: null }))).toMatchObject({
      rejected: 'stale',
    })
  })

  it('is recorded once a minute at most, and is seen to be over by who asks, timer or not', () => {
    const driver = new Driver()
    add(driver, 'silent', [HOPS])
    driver.now += RENEW_MS - 1
    driver.must(to('registered.heartbeat', 'agent-1', { process: null }))
    expect(driver.events('registered.renewed')).toEqual([])
    driver.now += LEASE_MS + 1
    add(driver, 'next', [HOPS])
    expect(states(driver)).toEqual({ 'agent-1': 'TERMINATED', 'agent-2': 'RUNNING' })
  })

  it('is kept by a process that lives, and ends with it', () => {
    const driver = new Driver()
    add(driver, 'a', [HOPS], { process: PROCESS })
    for (let i = 0; i < 30; i++) {
      driver.advance(RENEW_MS)
      driver.must({ type: 'report.registered-alive', project: PROJECT, agent: 'agent-1' })
    }
    expect(agent(driver, 'agent-1').state).toBe('RUNNING')
    driver.must({ type: 'report.registered-gone', project: PROJECT, agent: 'agent-1' })
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'TERMINATED', cause: 'lost', signal: null })
  })

  it('a time limit ends what is at work for longer', () => {
    const driver = new Driver()
    add(driver, 'a', [HOPS], { limitMs: 1_000, process: PROCESS })
    driver.advance(1_000)
    expect(driver.events('registered.timed-out')).toHaveLength(1)
    expect(agent(driver, 'agent-1')).toMatchObject({
      state: 'TERMINATED',
      cause: 'timeout',
      signal: 'SIGTERM',
    })
  })
})

describe('an end', () => {
  it('is asked for politely, or comes at once with a signal to the process', () => {
    const driver = new Driver()
    add(driver, 'a', [HOPS], { process: PROCESS })
    add(driver, 'b', [HOPS])
    stop(driver, 'b')
    expect(agent(driver, 'agent-2')).toMatchObject({
      state: 'TERMINATED',
      detail: 'stopped by ann before it began',
    })
    stop(driver, 'a')
    stop(driver, 'a')
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'RUNNING', stopAskedBy: 'ann' })
    stop(driver, 'a', true)
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'TERMINATED', signal: 'SIGKILL' })
    driver.must({ type: 'report.registered-signalled', project: PROJECT, agent: 'agent-1' })
    expect(agent(driver, 'agent-1').signal).toBeNull()
  })

  it('comes with the loss of its locks, and a commit under an old token completes nothing', () => {
    const driver = new Driver()
    add(driver, 'a', [HOPS])
    expect(driver.send(to('registered.complete', 'a', { commit: 'c', token: 9 }))).toMatchObject({
      rejected: 'stale',
    })
    driver.must(to('registered.release', 'agent-1'))
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'TERMINATED', detail: 'its locks were taken' })
    expect(driver.send(to('registered.complete', 'agent-1', { commit: null, token: 1 }))).toMatchObject({
      rejected: 'stale',
      reason: 'agent-1 (a) was terminated: its locks were taken',
    })
  })

  it('comes to all with a reset, and to nobody else', () => {
    const driver = Driver.running(
      tasks(['t'], { all: { uses: [{ kind: 'resource', on: 'x', mode: 'exclusive' }] } }),
    )
    add(driver, 'a', [HOPS])
    add(driver, 'b', [HOPS])
    driver.must({ type: 'registered.reset', project: PROJECT })
    expect(states(driver)).toEqual({ 'agent-1': 'TERMINATED', 'agent-2': 'TERMINATED' })
    expect(table(driver)).toMatchObject({ grants: [{ holder: 'r1/t#1' }], waiters: [] })
    expect(add(driver, 'c', [HOPS])).toBe('agent-3')
  })
})

it('live state keeps the newest that are over', () => {
  const driver = new Driver()
  add(driver, 'first', [])
  for (let i = 0; i < KEPT_ENDED + 10; i++) complete(driver, add(driver, `n${i}`, []))
  expect(Object.keys(all(driver))).toHaveLength(KEPT_ENDED + 1)
  expect(agent(driver, 'agent-1').state).toBe('RUNNING')
})

const glob = fc.constantFrom('**', 'src/**', 'src/api/*.ts', 'docs/*', '**/*.md', 'lib/x')
const few = fc.array(glob, { maxLength: 2 })
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('add' as const),
      files: few,
      reads: few,
      priority: fc.integer({ min: 1, max: 5 }),
      after: fc.nat(8),
      start: fc.boolean(),
    }),
  },
  fc.record({
    type: fc.constantFrom(
      'complete' as const,
      'stop' as const,
      'kill' as const,
      'release' as const,
      'start' as const,
      'alive' as const,
      'gone' as const,
    ),
    who: fc.nat(12),
  }),
  fc.record({
    type: fc.constantFrom('wrote' as const, 'settle' as const),
    who: fc.nat(12),
    choice: fc.nat(20),
  }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(RENEW_MS, LEASE_MS) }),
)

function perform(driver: Driver, step: typeof act extends fc.Arbitrary<infer T> ? T : never): void {
  if (step.type === 'wait') {
    driver.advance(step.ms)
    return
  }
  if (step.type === 'add') {
    const { files, reads, priority, after, start } = step
    const before = Object.keys(all(driver))[after]
    const name = `n${Object.keys(all(driver)).length % 7}`
    driver.send(adding(name, files, { reads, priority, start, after: before === undefined ? [] : [before] }))
    return
  }
  const id = `agent-${1 + step.who}`
  if (step.type === 'settle') {
    settleOne(driver, step.who, step.choice)
    return
  }
  if (step.type === 'wrote') {
    const file = ['src/a.ts', 'src/api/b.ts', 'README.md', 'lib/x'][step.choice % 4]!
    driver.send({ type: 'registered.wrote', project: PROJECT, agent: id, files: [file] })
    return
  }
  if (step.type === 'kill') driver.send(to('registered.stop', id, { force: true }))
  else if (step.type === 'stop') driver.send(to('registered.stop', id, { force: false }))
  else if (step.type === 'gone' || step.type === 'alive')
    driver.send({ type: `report.registered-${step.type}`, project: PROJECT, agent: id })
  else if (step.type === 'complete') driver.send(to('registered.complete', id, { commit: null, token: null }))
  else driver.send(to(`registered.${step.type}`, id))
}

/** A person settles any of the open conflicts, in any way. */
function settleOne(driver: Driver, which: number, choice: number): void {
  const open = openOf(driver.state.projects.get(PROJECT)!)
  const conflict = open[which % Math.max(1, open.length)]
  if (conflict === undefined) return
  const actions = actionsFor(conflict.cause)
  const action = actions[choice % actions.length]!
  const keep = conflict.parties[choice % conflict.parties.length]!
  driver.send({ type: 'conflict.resolve', project: PROJECT, conflict: conflict.id, action, keep })
}

it('whatever anybody does, nobody holds what another holds, and when all are over nothing is held', () => {
  check(
    200,
    fc.property(anyPlan, anySeed, fc.array(act, { maxLength: 40 }), (plan, seed, steps) => {
      const driver = Driver.running(plan, [everyInvariant()])
      const world = new World(driver, randomFrom(seed), MUCH_TROUBLE)
      for (const step of steps) {
        perform(driver, step)
        world.step()
      }
      expect(stateFromJson(JSON.parse(JSON.stringify(stateToJson(driver.state))))).toEqual(driver.state)
      // Those that have begun end with their leases, and those after them have their turn; only a person may be waited for.
      for (const { id } of Object.values(all(driver))) driver.send(to('registered.start', id))
      world.settle()
      const run = driver.run()
      if (run.endedAt === null) expect([needsPerson(run), run.attention.length > 0]).toEqual([true, true])
      else {
        for (const state of Object.values(states(driver)))
          expect(['COMPLETED', 'TERMINATED']).toContain(state)
        expect(table(driver)).toMatchObject({ grants: [], waiters: [] })
      }
    }),
  )
})
