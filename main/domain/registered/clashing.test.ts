import { describe, expect, it } from 'vitest'
import type { Conflict } from '../conflicts/conflict.ts'
import { openOf } from '../conflicts/raising.ts'
import { Driver, PROJECT } from '../testing/driver.ts'
import { type TaskOptions, tasks } from '../testing/plan.ts'
import { addRegistered as add } from '../testing/registered.ts'
import { prepared, start } from '../testing/steps.ts'

const HOPS = 'services/backend/api/endpoints/hops.py'
const open = (driver: Driver): readonly Conflict[] => openOf(driver.state.projects.get(PROJECT)!)
const texts = (driver: Driver): readonly string[] => open(driver).map(({ text }) => text)
const agent = (driver: Driver, id: string) => driver.state.projects.get(PROJECT)!.registered[id]!
const resolve = (driver: Driver, keep: string, conflict = 'c1') =>
  driver.send({ type: 'conflict.resolve', project: PROJECT, conflict, action: 'terminate', keep })
const wrote = (driver: Driver, id: string, ...files: string[]) =>
  driver.must({ type: 'registered.wrote', project: PROJECT, agent: id, files })

/** Four that do not meet, and a fifth that wants one of the files of the first. */
function session(): Driver {
  const driver = new Driver()
  add(driver, 'Backend API Agent', ['services/backend/api/endpoints/*.py'], { priority: 1 })
  add(driver, 'Database Agent', ['alembic.ini', 'alembic/**'], { priority: 1 })
  add(driver, 'Docs Agent', ['docs/**'], { priority: 3 })
  add(driver, 'Test Agent', ['tests/**'], { priority: 4 })
  expect(open(driver)).toEqual([])
  add(driver, 'Hops Agent', [HOPS], { priority: 5 })
  return driver
}

describe('claims of agents started by hand', () => {
  it('are compared when one comes, and the better claim is to go on', () => {
    const driver = session()
    expect(open(driver)).toMatchObject([
      {
        id: 'c1',
        cause: 'overlap',
        parties: ['agent-1', 'agent-5'],
        files: [HOPS],
        text: 'agent-1 and agent-5 both modifying hops.py',
        recommendation: { action: 'wait', keep: 'agent-1', reasons: ['agent-1 has priority 1, agent-5 5'] },
      },
    ])
    expect(agent(driver, 'agent-5').state).toBe('BLOCKED')
  })

  it('are settled by ending one: the other has the files', () => {
    const loser = session()
    expect(resolve(loser, 'agent-1')).toBeUndefined()
    expect(agent(loser, 'agent-5')).toMatchObject({ state: 'TERMINATED', cause: 'conflict' })
    expect(agent(loser, 'agent-1').state).toBe('RUNNING')
    expect(open(loser)).toEqual([])

    const winner = session()
    expect(resolve(winner, 'agent-5')).toBeUndefined()
    expect([agent(winner, 'agent-1').state, agent(winner, 'agent-5').state]).toEqual([
      'TERMINATED',
      'RUNNING',
    ])
    expect(resolve(winner, 'agent-5')).toMatchObject({ rejected: 'stale' })
  })

  it('meet no more when one is over, or one comes after the other', () => {
    const driver = session()
    driver.must({
      type: 'registered.complete',
      project: PROJECT,
      agent: 'agent-1',
      commit: null,
      token: null,
    })
    expect(open(driver)).toEqual([])
    add(driver, 'Beer Agent', [HOPS], { after: ['agent-5'] })
    add(driver, 'Last Agent', [HOPS], { after: ['beer-agent'] })
    expect(open(driver)).toEqual([])
  })

  it('are duplicates where the name or all files are the same', () => {
    const driver = new Driver()
    add(driver, 'Docs Agent', ['docs/**'])
    add(driver, 'docs agent', ['README.md'])
    add(driver, 'Other', ['docs/**'])
    expect(open(driver).map(({ cause, parties }) => [cause, parties])).toEqual([
      ['duplicate', ['agent-1', 'agent-2']],
      ['duplicate', ['agent-1', 'agent-3']],
    ])
    expect(texts(driver)).toEqual([
      'agent-1 and agent-2 both do docs agent',
      'agent-1 and agent-3 both modifying docs/**',
    ])
    expect(open(driver)[0]!.recommendation).toMatchObject({ action: 'terminate', keep: 'agent-1' })
  })

  it('meet those of agents in containers, and end with either', () => {
    const writes: TaskOptions = { workspace: 'repo', writes: ['src/**'], priority: 4 }
    const driver = Driver.running(tasks(['web'], { all: writes }))
    driver.must(prepared())
    start(driver, 'web')
    add(driver, 'hand', ['src/api.ts'], { priority: 1 })
    expect(texts(driver)).toEqual(['web and agent-1 both modifying api.ts'])
    expect(open(driver)[0]!.parties).toEqual(['agent-1', 'r1/web#1'])
    expect(resolve(driver, 'agent-1')).toBeUndefined()
    expect(driver.attempt('web').stopping).toMatchObject({ cause: 'conflict' })
    expect(agent(driver, 'agent-1').state).toBe('RUNNING')
  })
})

it('nobody at work stands still for one that has not begun', () => {
  const writes: TaskOptions = { workspace: 'repo', writes: ['**'] }
  const driver = Driver.running(tasks(['web'], { all: writes }))
  driver.must(prepared())
  start(driver, 'web')
  add(driver, 'declared', ['src/**'], { priority: 1, start: false })
  const wait = {
    type: 'conflict.resolve',
    project: PROJECT,
    conflict: 'c1',
    action: 'wait',
    keep: 'agent-1',
  } as const
  expect(driver.send(wait)).toMatchObject({ rejected: 'not-now' })
})

describe('what one started by hand wrote', () => {
  it('is its own where it holds it, or had found it so', () => {
    const driver = new Driver()
    add(driver, 'a', ['src/**'], { dirty: ['notes.txt'] })
    wrote(driver, 'agent-1', 'src/a.ts', 'notes.txt')
    expect(open(driver)).toEqual([])
  })

  it('is a conflict with who holds it, and with nobody where nobody does', () => {
    const driver = session()
    wrote(driver, 'agent-5', HOPS, 'stray.py')
    wrote(driver, 'agent-5', HOPS, 'stray.py')
    expect(open(driver).slice(1)).toMatchObject([
      { cause: 'undeclared-write', parties: ['agent-1', 'agent-5'], files: [HOPS] },
      { cause: 'undeclared-write', parties: ['agent-5'], files: ['stray.py'] },
    ])
    expect(texts(driver).slice(1)).toEqual([
      'agent-1 and agent-5 both modifying hops.py',
      'agent-5 changed stray.py without having declared it',
    ])
  })

  it('puts the one that wrote it in CONFLICT until that is settled, however urgent it is', () => {
    const driver = session()
    wrote(driver, 'agent-1', 'docs/api.md')
    expect(open(driver)[1]).toMatchObject({
      parties: ['agent-3', 'agent-1'],
      recommendation: { action: 'discard', keep: 'agent-3' },
    })
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'CONFLICT', conflict: 'c2' })
    const complete = {
      type: 'registered.complete',
      project: PROJECT,
      agent: 'agent-1',
      commit: null,
      token: null,
    } as const
    expect(driver.send(complete)).toMatchObject({ rejected: 'not-now' })
    driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c2', action: 'discard' })
    expect(agent(driver, 'agent-1')).toMatchObject({ state: 'RUNNING', conflict: null })
    expect(driver.send(complete)).toBeUndefined()
  })

  it('ends whom the person names: the one that wrote it, or the one whose files it wrote', () => {
    const held = (): Driver => {
      const driver = session()
      wrote(driver, 'agent-1', 'docs/api.md')
      return driver
    }
    const writerEnds = held()
    expect(resolve(writerEnds, 'agent-3', 'c2')).toBeUndefined()
    expect(agent(writerEnds, 'agent-1').state).toBe('TERMINATED')
    expect(agent(writerEnds, 'agent-3').state).toBe('RUNNING')
    const writerStays = held()
    expect(resolve(writerStays, 'agent-1', 'c2')).toBeUndefined()
    expect(agent(writerStays, 'agent-3').state).toBe('TERMINATED')
    expect(agent(writerStays, 'agent-1')).toMatchObject({ state: 'RUNNING', conflict: null })
  })

  it('is told once where somebody let it be', () => {
    const driver = session()
    wrote(driver, 'agent-3', 'stray.py')
    driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c2', action: 'allow' })
    wrote(driver, 'agent-3', 'stray.py')
    expect(open(driver).map(({ id }) => id)).toEqual(['c1'])
  })
})

it('a reset leaves no conflict open', () => {
  const driver = session()
  wrote(driver, 'agent-5', 'stray.py')
  driver.must({ type: 'registered.reset', project: PROJECT })
  expect(open(driver)).toEqual([])
})
