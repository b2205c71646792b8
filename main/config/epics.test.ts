import { describe, expect, it } from 'vitest'
import { load, withTask, withTasks } from './testing.ts'

const tasksOf = (text: string) => load(text).epics[0]!.tasks
const only = (fields: string) => tasksOf(withTask(fields))[0]!
const needs = (text: string) =>
  Object.fromEntries(tasksOf(text).map((task) => [task.id, task.needs.map((need) => need.task)]))

describe('a task', () => {
  it.each([
    ['retry: 0', { retry: { retries: 0, delayMs: 0, maxDelayMs: 60_000, jitter: 0 } }],
    [
      'retry: {retries: 2, delay: 1s, max_delay: 5s, jitter: 0.2}',
      { retry: { retries: 2, delayMs: 1_000, maxDelayMs: 5_000, jitter: 0.2 } },
    ],
    [
      'retry: {retries: 2, delay: 2 minutes}',
      { retry: { retries: 2, delayMs: 120_000, maxDelayMs: 120_000, jitter: 0 } },
    ],
    ['image: {build: images/big}', { image: { build: 'images/big' } }],
    ['image: alpine:3', { image: { ref: 'alpine:3' } }],
    [
      'resources: {cpus: 0.5, memory: 2GiB, pids: 100}',
      { resources: { cpus: 0.5, memoryBytes: 2_147_483_648, pids: 100 } },
    ],
    ['resources: {cpus: 2}', { resources: { cpus: 2, memoryBytes: null, pids: null } }],
    ['env: {A: x, VERSION: 1.10, N: 3, B: true}', { env: { A: 'x', VERSION: '1.10', N: '3', B: 'true' } }],
    [
      'network: internet, workspace: none, on_lost: retry',
      { network: 'internet', workspace: 'none', onLost: 'retry' },
    ],
    ['kind: check', { kind: 'check', onLost: 'ask' }],
    ['irreversible: mails every customer', { irreversible: 'mails every customer' }],
    ['allow_failure: true, title: Look, points: 0.5', { allowFailure: true, title: 'Look', points: 0.5 }],
    ['priority: 0, due: 24h, timeout: 90s', { priority: 0, dueMs: 86_400_000, timeoutMs: 90_000 }],
  ])('%s', (fields, expected) => {
    expect(only(fields)).toMatchObject(expected)
  })
})

describe('needs', () => {
  const task = (id: string, more = '') => `{id: ${id}, agent: BuildMaster, run: x${more}}`

  it('are implied by a sequential list, without repeating what is written', () => {
    const list = withTasks(task('a'), task('b', ', needs: [{task: a, timeout: 5s}]'), task('c')).replace(
      'tasks:',
      'sequential:',
    )
    expect(needs(list)).toEqual({ a: [], b: ['a'], c: ['b'] })
    expect(tasksOf(list)[1]!.needs).toEqual([{ task: 'a', timeoutMs: 5_000 }])
  })

  it('are not added between phases', () => {
    expect(needs(`${withTasks(task('a'))}      - {name: Two, tasks: [${task('b')}]}\n`)).toEqual({
      a: [],
      b: [],
    })
  })

  it('mean every one of a counted task', () => {
    const list = withTasks(
      task('a', ', count: 2'),
      task('b', ', needs: [a]'),
      task('c', ', needs: [a-2], needs_soft: [a]'),
    )
    expect(needs(list)).toEqual({ 'a-1': [], 'a-2': [], b: ['a-1', 'a-2'], c: ['a-2'] })
    expect(tasksOf(list)[3]!.needsSoft.map((need) => need.task)).toEqual(['a-1', 'a-2'])
  })

  it('make waves of counted tasks in a sequential list', () => {
    const list = withTasks(task('one', ', count: 2'), task('two', ', count: 2')).replace(
      'tasks:',
      'sequential:',
    )
    expect(needs(list)).toEqual({
      'one-1': [],
      'one-2': [],
      'two-1': ['one-1', 'one-2'],
      'two-2': ['one-1', 'one-2'],
    })
    expect(tasksOf(list)[1]).toMatchObject({
      title: 'one (2 of 2)',
      env: { AMPHITHEATRE_INDEX: '2', AMPHITHEATRE_COUNT: '2' },
    })
  })

  it('come with anchors and merge keys', () => {
    const text = `x-task: &task {agent: BuildMaster, run: x, retry: 1}\n${withTasks('{<<: *task, id: a}', '{<<: *task, id: b, run: y, needs: [a]}')}`
    expect(tasksOf(text)).toMatchObject([
      { id: 'a', role: 'BuildMaster', run: 'x', retry: { retries: 1 } },
      { id: 'b', run: 'y', needs: [{ task: 'a' }] },
    ])
  })
})
