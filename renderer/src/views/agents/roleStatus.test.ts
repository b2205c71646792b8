import { describe, expect, it } from 'vitest'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { type PlanOptions, plan } from '../../../../main/domain/testing/plan.ts'
import { at, exited, started } from '../../../../main/domain/testing/steps.ts'
import { agentRows, foldedAtFirst } from './agentRows.ts'
import { followBusy } from './followBusy.ts'
import { groupOf, inOrder, isMonitoring, roleStatuses } from './roleStatus.ts'

const ROLES: NonNullable<PlanOptions['roles']> = {
  Builder: {},
  Tester: {},
  Watcher: { title: 'Observability', skills: ['grafana'] },
  Spare: {},
}

function run(lines: readonly (readonly string[])[], more: PlanOptions = {}) {
  const driver = Driver.running(plan(lines, { roles: ROLES, ...more }))
  const activity = (role: string) =>
    roleStatuses(driver.run(RUN)).find((status) => status.role === role)?.activity
  return { driver, activity, begin: (task: string) => driver.send(started(at(driver, task))) }
}

describe('what a role does', () => {
  it('is busy with as many agents as are at work, and idle without tasks', () => {
    const { begin, activity } = run([['a', 'b']])
    begin('a')
    begin('b')
    expect(activity('Builder')).toEqual({ kind: 'busy', agents: 2 })
    expect(activity('Spare')).toEqual({ kind: 'idle' })
  })

  it('waits for the first need of its first task', () => {
    const { begin, activity } = run([['a', 't: a']], { with: { t: { role: 'Tester' } } })
    begin('a')
    expect(activity('Tester')).toEqual({
      kind: 'waiting',
      why: { kind: 'needs', tasks: [0] },
      needsPerson: false,
    })
  })

  it('needs somebody while a question of one of its tasks is open, and comes first', () => {
    const { driver, begin } = run([['t', 'a']], { with: { t: { role: 'Tester' } } })
    begin('t')
    begin('a')
    driver.send(exited(at(driver, 'a'), 1))
    const asked = driver.run(RUN).attention.filter((item) => item.choices.length > 0)
    expect(asked.map((item) => item.task)).toEqual([1])
    expect(groupOf(driver.run(RUN), 1)).toBe('needs-you')
    const [first] = roleStatuses(driver.run(RUN))
    expect(first).toMatchObject({ mark: 'needs-you', tasks: [1] })
  })

  it('is scheduled while all it has to do is to be tried again', () => {
    const { driver, begin, activity } = run([['a']], { all: { retry: { retries: 1, delayMs: 30_000 } } })
    begin('a')
    driver.send(exited(at(driver, 'a'), 1))
    expect(activity('Builder')).toEqual({ kind: 'scheduled', at: driver.run(RUN).tasks.get(0)!.next!.at })
  })

  it('monitors with a check of a role that watches, and not otherwise', () => {
    const { begin, activity } = run([['a', 'c', 'w']], {
      with: { c: { kind: 'check' }, w: { kind: 'check', role: 'Watcher' } },
    })
    begin('c')
    begin('w')
    expect(activity('Watcher')).toEqual({ kind: 'monitoring' })
    expect(activity('Builder')).toEqual({ kind: 'busy', agents: 1 })
  })

  it.each([
    ['MonitoringSentinel', '', [], true],
    ['Sentinel', 'Observability', [], true],
    ['Sentinel', 'Guard', ['prometheus'], true],
    ['BuildMaster', 'Build & Compilation', ['vite'], false],
  ])('%s, %s, %j watches: %s', (name, title, skills, watches) => {
    expect(isMonitoring({ name: name as never, title, skills })).toBe(watches)
  })

  it('puts the roles at work before those that wait, and those before the idle', () => {
    const { driver, begin } = run([['t: a', 'a']], { with: { t: { role: 'Tester' } } })
    begin('a')
    const names = roleStatuses(driver.run(RUN)).map(({ role }) => role)
    expect(names).toEqual(['Builder', 'Tester', 'Watcher', 'Spare'])
  })
})

describe('the list', () => {
  it('has those at work first, then those that wait, then those that ended, newest first', () => {
    const { driver, begin } = run([['a', 'b', 'c', 'd: c']])
    begin('a')
    begin('b')
    begin('c')
    driver.send(exited(at(driver, 'a')))
    driver.advance(1_000)
    driver.send(exited(at(driver, 'b')))
    const order = inOrder(driver.run(RUN), [0, 1, 2, 3])
    expect(order).toEqual([2, 3, 1, 0])
    expect(order.map((index) => groupOf(driver.run(RUN), index))).toEqual([
      'work',
      'waiting',
      'ended',
      'ended',
    ])
  })

  it('is filtered by role, id and title, and a filter opens what is folded', () => {
    const { driver } = run([['alpha', 'beta']], { with: { beta: { role: 'Tester' } } })
    const rows = agentRows(driver.run(RUN), 'role', 'test', new Set(['role Tester']))
    expect(rows.map(({ id }) => id)).toEqual(['role Tester', 'beta'])
    expect(agentRows(driver.run(RUN), 'state', 'nothing', new Set())).toEqual([])
  })

  it('keeps who is at work in sight where a role is folded', () => {
    const names = Array.from({ length: 40 }, (_, n) => `t${n}`)
    const { driver, begin } = run([names], { limits: { maxConcurrentAgents: 1 } })
    begin('t0')
    const folded = foldedAtFirst(driver.run(RUN))
    const rows = agentRows(driver.run(RUN), 'role', '', folded)
    expect(rows.filter(({ kind }) => kind === 'agent').map(({ id }) => id)).toEqual(['t0'])
    expect(agentRows(driver.run(RUN), 'role', '', new Set())).toHaveLength(40 + 4)
  })
})

describe('following the busy', () => {
  const NONE: ReadonlySet<string> = new Set()

  function busy(count: number) {
    const names = Array.from({ length: count }, (_, n) => `t${n}`)
    const made = run([names], { limits: { maxConcurrentAgents: count } })
    for (const name of names) {
      made.begin(name)
      made.driver.advance(10)
    }
    return made
  }

  it('opens up to four, the longest at work first', () => {
    const { driver } = busy(6)
    const steps = followBusy(driver.run(RUN), [], NONE)
    expect(steps.map(({ task }) => task)).toEqual(['t0', 't1', 't2', 't3'])
  })

  it('puts the next in the place of one that was opened by itself and is over', () => {
    const { driver } = busy(5)
    driver.send(exited(at(driver, 't1')))
    const open = ['t0', 't1', 't2', 't3'].map((task) => ({ task, auto: task !== 't0' }))
    expect(followBusy(driver.run(RUN), open, NONE)).toEqual([{ task: 't4', instead: 't1' }])
  })

  it('leaves closed what a person closed', () => {
    const { driver } = busy(2)
    const steps = followBusy(driver.run(RUN), [], new Set([`${RUN}/t0#1`]))
    expect(steps.map(({ task }) => task)).toEqual(['t1'])
  })
})
