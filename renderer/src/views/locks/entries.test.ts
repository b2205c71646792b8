import { expect, test } from 'vitest'
import type { Lock } from '../../../../main/domain/locks/lock.ts'
import { Driver, PROJECT, RUN } from '../../../../main/domain/testing/driver.ts'
import { type TaskOptions, tasks } from '../../../../main/domain/testing/plan.ts'
import { at, prepared, start } from '../../../../main/domain/testing/steps.ts'
import { blockersOf, entriesOf, locksOf } from './entries.ts'
import { agentOfRow, type LockFilter, type LockRow, lockRows, matches, placeOf } from './lockRows.ts'
import { allWaits, lockWaits } from './waits.ts'

const writes = (...globs: string[]): TaskOptions => ({ workspace: 'repo', writes: globs })

/** Tasks that write so; those that can begin do, in this order. */
function table(wishes: Readonly<Record<string, TaskOptions>>, more: (driver: Driver) => void = () => {}) {
  const plan = tasks(Object.keys(wishes), { with: wishes, limits: { maxConcurrentAgents: 50 } })
  const driver = Driver.running(plan)
  if (driver.run().status === 'preparing') driver.must(prepared())
  for (const id of Object.keys(wishes)) if (driver.attempt(id).state === 'WAITING') start(driver, id)
  more(driver)
  return driver.state.projects.get(PROJECT)!.locks
}

const holder = (task: string): string => `${RUN}/${task}#1`
const lock = (on: string, mode: Lock['mode'] = 'exclusive'): Lock => ({ kind: 'files', on, mode })

test('a waiter stands at what it wants, and at whatever is in its way', () => {
  const locks = table({
    a: writes('src/api/*'),
    b: writes('docs/**'),
    c: writes('src/**/*.ts'),
    d: writes('src/**/*.ts'),
  })
  const entries = entriesOf(locks)
  const line = (on: string) =>
    entries
      .find((entry) => entry.on === on)
      ?.waiters.map(({ holder, place, wants }) => [holder, place, wants.on])
  expect(line('src/api/*')).toEqual([
    [holder('c'), 1, 'src/**/*.ts'],
    [holder('d'), 2, 'src/**/*.ts'],
  ])
  expect(line('src/**/*.ts')).toEqual(line('src/api/*'))
  expect(line('docs/**')).toEqual([])
  expect(entries.find(({ on }) => on === 'src/**/*.ts')?.holders).toEqual([])
  expect(entriesOf(locks)).toBe(entries)
  expect(blockersOf(locks, locks.waiters[1]!).map(({ holder, holds }) => [holder, holds])).toEqual([
    [holder('a'), true],
    [holder('c'), false],
  ])
})

test('what is shared has several holders, and those who read it do not wait for each other', () => {
  const reads: TaskOptions = { workspace: 'repo', reads: ['schema.sql'], writes: [] }
  const locks = table({ a: reads, b: reads, c: writes('schema.sql') })
  const [entry] = entriesOf(locks)
  expect(entry?.holders.map(({ holder, lock }) => [holder, lock.mode])).toEqual([
    [holder('a'), 'shared'],
    [holder('b'), 'shared'],
  ])
  expect(entry?.waiters.map(({ holder }) => holder)).toEqual([holder('c')])
  expect(lockRows(entriesOf(locks), new Set()).map(({ kind }) => kind)).toEqual([
    'section',
    'lock',
    'holder',
    'holder',
    'waiter',
  ])
})

test('an agent at work that asks for more is in the line once, and known by what it holds and wants', () => {
  const locks = table({ a: writes('src/**'), b: writes('docs/**') }, (driver) => {
    driver.must({
      type: 'agent.lock',
      ...at(driver, 'b'),
      locks: [lock('src/x.ts'), lock('src/y.ts')],
      wait: true,
    })
  })
  expect(entriesOf(locks).find(({ on }) => on === 'src/**')?.waiters).toMatchObject([
    { holder: holder('b'), begun: true, behind: [holder('a')] },
  ])
  expect(locksOf(locks, holder('b'))).toMatchObject({
    grant: { locks: [lock('docs/**')] },
    waiter: { locks: [lock('src/x.ts'), lock('src/y.ts')] },
  })
  expect(locksOf(locks, holder('x'))).toBeUndefined()
})

test('a queue is drawn as a line, each behind the one before it', () => {
  const locks = table({ a: writes('x/a'), b: writes('x/**'), c: writes('x/**'), d: writes('x/**') })
  const { agents, edges } = lockWaits(locks)
  const named = edges.map(({ from, to, holds }) => [agents[from]!.holder, agents[to]!.holder, holds])
  expect(named).toEqual([
    [holder('a'), holder('b'), true],
    [holder('b'), holder('c'), false],
    [holder('c'), holder('d'), false],
  ])
})

test('who is in the way for another reason is drawn too', () => {
  const locks = table({ a: writes('x', 'y'), b: writes('x'), c: writes('x', 'y') })
  const { agents, edges } = lockWaits(locks)
  expect(edges.map(({ from, to }) => [agents[from]!.holder, agents[to]!.holder])).toEqual([
    [holder('a'), holder('b')],
    [holder('a'), holder('c')],
    [holder('b'), holder('c')],
  ])
})

test('who waits for an answer or the end of another stands among those who wait for locks', () => {
  const locks = table({ a: writes('x'), b: writes('x') })
  const wait = { kind: 'answer', about: 'm1', text: 'which port?', since: 7, until: 60 } as const
  const others = [{ ...wait, holder: holder('c'), whom: holder('b') }]
  const { agents, edges } = allWaits(locks, others)
  expect(edges.map(({ from, to }) => [agents[from]!.holder, agents[to]!.holder])).toEqual([
    [holder('a'), holder('b')],
    [holder('b'), holder('c')],
  ])
  expect(agents[2]).toMatchObject({ holder: holder('c'), holds: [], wants: [], since: 7 })
  expect(allWaits(locks, [])).toBe(lockWaits(locks))
})

test.each([
  ['src/api/*.ts', ['src', 'api'], '*.ts'],
  ['README.md', [], 'README.md'],
  ['src/index.ts', ['src'], 'index.ts'],
  ['**', [], '**'],
  ['{a,b}/c/*', [], '{a,b}/c/*'],
  ['a/b', ['a'], 'b'],
])('%s stands in %j as %s', (on, folders, name) => {
  expect(placeOf(on)).toEqual({ folders, name })
})

const text = (row: LockRow): string =>
  row.kind === 'section' ? row.id : 'name' in row ? `${'  '.repeat(row.depth)}${row.name}` : row.kind

test('the map is the repository: folders first, those with nothing else in them in one row', () => {
  const locks = table({
    a: writes('src/api/v1/*'),
    b: writes('src/web/index.ts', 'README.md'),
    c: { uses: [{ kind: 'resource', on: 'port:5432', mode: 'exclusive' }] },
    d: writes('src/web/*.css'),
  })
  const entries = entriesOf(locks)
  expect(lockRows(entries, new Set()).map(text)).toEqual([
    'files',
    'src',
    '  api/v1/*',
    '  web',
    '    *.css',
    '    index.ts',
    'README.md',
    'resources',
    'port:5432',
  ])
  expect(lockRows(entries, new Set(['src/', 'resources'])).map(text)).toEqual([
    'files',
    'src',
    'README.md',
    'resources',
  ])
  const rows = lockRows(entries, new Set())
  expect(rows.find((row) => row.kind === 'folder')).toMatchObject({ id: 'src/', held: 3, waiting: 0 })
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  expect(rows.map(agentOfRow)[2]).toBe(holder('a'))
})

test('a filter finds by path, by agent and by what is known of it, and what is waited for', () => {
  const locks = table({ a: writes('src/**'), b: writes('src/x'), c: writes('docs/**') })
  const found = (filter: Partial<LockFilter>): readonly string[] =>
    entriesOf(locks)
      .filter((entry) =>
        matches(entry, { text: '', contested: false, ...filter }, (h) => (h === holder('c') ? 'Writer' : '')),
      )
      .map(({ on }) => on)
  expect(found({ text: 'DOCS' })).toEqual(['docs/**'])
  expect(found({ text: 'writer' })).toEqual(['docs/**'])
  expect(found({ text: 'b#1' })).toEqual(['src/**', 'src/x'])
  expect(found({ contested: true })).toEqual(['src/**', 'src/x'])
})

test('a thousand locks and a hundred that wait are no work', () => {
  const grants = Array.from({ length: 1_000 }, (_, i) => ({
    holder: `r/h${i}#1`,
    locks: [lock(`services/s${i % 40}/part${i}/**`)],
    token: i + 1,
    since: 0,
  }))
  const waiters = Array.from({ length: 100 }, (_, i) => ({
    holder: `r/w${i}#1`,
    locks: [lock(`services/s${i % 40}/**`)],
    priority: 3,
    since: 0,
    begun: false,
    overtaken: 0,
  }))
  const many = { grants, waiters, lastToken: 1_000, folded: false }
  const rows = lockRows(entriesOf(many), new Set())
  expect(rows.filter(({ kind }) => kind === 'lock')).toHaveLength(1_040)
  expect(lockWaits(many).agents).toHaveLength(1_100)
})
