import { describe, expect, test } from 'vitest'
import { roleName, runId } from './ids.ts'
import { DEFAULT_LIMITS } from './project.ts'
import { Driver, RUN } from './testing/driver.ts'
import { plan, tasks } from './testing/plan.ts'
import { fail, finish } from './testing/steps.ts'

const one = { limits: { maxConcurrentAgents: 1 } }
const SECOND = runId('r2')

describe('priority 0 to 5, 0 first', () => {
  test('among what is ready, whatever its place', () => {
    const priorities = Object.fromEntries([5, 3, 0, 4, 1, 2].map((priority, i) => [`t${i}`, { priority }]))
    const driver = Driver.running(
      tasks(['x', ...Object.keys(priorities).map((id) => `${id}: x`)], { ...one, with: priorities }),
    )
    finish(driver, 'x', 't2', 't4', 't5', 't1', 't3', 't0')
    expect(driver.assigned()).toEqual(['x', 't2', 't4', 't5', 't1', 't3', 't0'])
  })

  test('equal priority: the one ready earlier, then the order of the plan', () => {
    const driver = Driver.running(tasks(['y: x', 'x', 'b', 'a'], one))
    finish(driver, 'x', 'b', 'a', 'y')
    expect(driver.assigned()).toEqual(['x', 'b', 'a', 'y'])
  })

  test('across the runs of a project, the earlier run first when equal', () => {
    const driver = Driver.running(tasks(['a', 'b'], one))
    driver.start(tasks(['urgent', 'c'], { ...one, with: { urgent: { priority: 0 } } }), SECOND)
    finish(driver, 'a')
    expect([driver.active(), driver.active(SECOND)]).toEqual([[], ['urgent']])
  })
})

describe('limits on agents at work', () => {
  test('default concurrency is 4', () => {
    expect(DEFAULT_LIMITS.maxConcurrentAgents).toBe(4)
    const driver = Driver.running(tasks(['a', 'b', 'c', 'd', 'e', 'f']))
    expect(driver.active()).toEqual(['a', 'b', 'c', 'd'])
    finish(driver, 'b')
    expect(driver.active()).toEqual(['a', 'c', 'd', 'e'])
  })

  test('concurrency is the project’s, over all its runs', () => {
    const driver = Driver.running(tasks(['a', 'b', 'c']))
    driver.start(tasks(['d', 'e', 'f']), SECOND)
    expect([driver.active(), driver.active(SECOND)]).toEqual([['a', 'b', 'c'], ['d']])
  })

  test('a role does no more at once than its capacity, and does not hold up other roles', () => {
    const roles = { A: { capacity: 1 }, B: {} }
    const driver = Driver.running(tasks(['a', 'b', 'c'], { roles, with: { c: { role: 'B', priority: 5 } } }))
    expect(driver.active()).toEqual(['a', 'c'])
    finish(driver, 'a')
    expect(driver.active()).toEqual(['b', 'c'])
  })

  test('capacity is the role’s, over all runs of the project', () => {
    const driver = Driver.running(tasks(['a'], { roles: { A: { capacity: 1 } } }))
    driver.start(tasks(['b'], { roles: { A: { capacity: 1 } } }), SECOND)
    expect(driver.active(SECOND)).toEqual([])
    finish(driver, 'a')
    expect(driver.active(SECOND)).toEqual(['b'])
  })

  test('a paused run gives its turn to others', () => {
    const driver = Driver.running(tasks(['a', 'b'], one))
    driver.must({ type: 'run.pause', run: RUN })
    driver.start(tasks(['c'], one), SECOND)
    finish(driver, 'a')
    expect([driver.active(), driver.active(SECOND)]).toEqual([[], ['c']])
  })
})

describe('delegation by skill', () => {
  const roles = {
    Front: { skills: ['ts', 'css'] },
    Back: { skills: ['ts', 'sql'] },
    Ops: { skills: ['docker'] },
  }
  const roleFor = (skills: readonly string[], role: string | null = null): string => {
    const driver = Driver.running(tasks(['a'], { roles, with: { a: { role, skills } } }))
    return driver.attempt('a').role
  }

  test.each([
    [['sql'], 'Back'],
    [['ts', 'sql'], 'Back'],
    [['docker'], 'Ops'],
    [['ts'], 'Front'],
    [['css', 'sql'], 'Front'],
    [['docker', 'helm'], 'Ops'],
  ])('%j goes to %s: all skills, else most of them, registry order breaks ties', (skills, role) => {
    expect(roleFor(skills)).toBe(role)
  })

  test('a task that names a role goes to it, whatever its skills', () => {
    expect(roleFor(['sql'], 'Ops')).toBe('Ops')
  })

  test('among equals the least busy with room', () => {
    const both = { Front: { skills: ['ts'] }, Back: { skills: ['ts'], capacity: 1 } }
    const driver = Driver.running(
      tasks(['a', 'b', 'c'], { roles: both, all: { role: null, skills: ['ts'] } }),
    )
    expect(['a', 'b', 'c'].map((id) => driver.attempt(id).role)).toEqual(['Front', 'Back', 'Front'])
  })
})

test('each attempt is assigned once and numbered over all its tries', () => {
  const driver = Driver.running(tasks(['a'], { with: { a: { retry: 2 } } }))
  fail(driver, 'a', 'a', 'a')
  driver.must({ type: 'task.retry', run: RUN, task: 'a' })
  finish(driver, 'a')
  expect(driver.events('task.assigned').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  expect(driver.events('agent.started').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
})

describe('a plan that could never end is refused with its reason', () => {
  const ghost = roleName('Ghost')
  const phases = [{ name: 'P', mode: 'tasks' as const }]
  const good = plan([['a', 'b: a'], ['c']])
  test.each([
    ['no tasks', { ...good, tasks: [] }, 'it has no tasks'],
    ['a loop', tasks(['a: c', 'b: a', 'c: b']), 'a → c → b → a'],
    ['an unknown need', tasks(['a: x']), 'needs x, which does not exist'],
    ['a need of a later phase', plan([['a: b'], ['b']]), 'needs b, which is in a later phase'],
    ['a phase that is not there', { ...good, phases }, 'phase 1, which does not exist'],
    ['two of one id', tasks(['a', 'a']), 'two tasks have the same id'],
    ['an unknown role', tasks(['a'], { with: { a: { role: ghost } } }), 'names the role Ghost'],
    [
      'skills nobody has',
      tasks(['a'], { with: { a: { role: null, skills: ['cobol'] } } }),
      'one of cobol to a role',
    ],
    ['no capacity', tasks(['a'], { roles: { A: { capacity: 0 } } }), 'a capacity of 0'],
    ['no concurrency', tasks(['a'], { limits: { maxConcurrentAgents: 0 } }), 'less than 1'],
  ])('%s', (_, bad, words) => {
    const driver = new Driver()
    const command = { type: 'run.start', project: good.epic, run: RUN, runner: 'docker', plan: bad } as const
    const rejection = driver.send({ ...command, project: [...driver.state.projects.keys()][0]! })
    expect(rejection).toMatchObject({ rejected: 'invalid', reason: expect.stringContaining(words) })
    expect(driver.state.runs.size).toBe(0)
  })
})
