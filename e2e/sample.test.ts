import { afterEach, expect, test } from 'vitest'
import { amphi, jsonLines } from './support/amphi.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { fingerprint, git, type Playground } from './support/repository.ts'
import { bookshelf } from './support/sample.ts'

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

test('the sample ships: fourteen tasks, commits with trailers, nothing of the user touched until apply', async () => {
  place = bookshelf()
  const { root, data } = place
  const before = fingerprint(root)
  const ran = await amphi(['run', 'ship', '--project', root, '--data', data, '--json'])
  expect(ran.stderr, ran.stdout.slice(-2_000)).toBe('')
  expect(ran.code).toBe(0)
  const lines = jsonLines(ran.stdout)
  const summary = lines.at(-1)!
  expect(summary).toMatchObject({
    type: 'summary',
    status: 'completed',
    tasks: { total: 14, completed: 14, failed: 0 },
  })
  expect(Object.keys(summary)).toEqual(
    expect.arrayContaining(['run', 'wall_ms', 'busy_ms', 'utilization', 'overhead', 'efficiency']),
  )
  expect(lines.slice(0, -1).every((line) => typeof line.seq === 'number')).toBe(true)
  expect(fingerprint(root)).toBe(before)
  expect(await leftovers(data)).toEqual([])

  const head = git(root, 'rev-parse', 'HEAD').trim()
  const applied = await amphi(['apply', 'latest', '--data', data], { cwd: root })
  expect(applied.code, applied.stderr).toBe(0)
  const log = git(
    root,
    'log',
    '--no-merges',
    '--format=%s%x09%(trailers:key=Agent,valueonly,separator=)%x09%(trailers:key=Run,valueonly,separator=)',
    `${head}..main`,
  )
  const commits = log
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  expect(commits.length).toBeGreaterThanOrEqual(5)
  for (const [subject, agent, run] of commits) {
    expect(subject).toMatch(/^(feat|chore|test)\([A-Z][A-Za-z]+\): /)
    expect(agent).toMatch(/^[A-Za-z]+\/[a-z0-9-]+#\d+$/)
    expect(run).toBe(summary.run)
  }
  expect(git(root, 'status', '--porcelain')).toBe('')
  const again = await amphi(['apply', 'latest', '--data', data], { cwd: root })
  expect(again.code, again.stderr).toBe(0)
  expect(git(root, 'fsck', '--strict', '--no-progress')).toBe('')
}, 300_000)

test('the twelve tasks of the database scenario complete', async () => {
  place = bookshelf()
  const { root, data } = place
  const ran = await amphi(['run', 'optimize-database', '--project', root, '--data', data, '--json'])
  expect(ran.code, ran.stderr).toBe(0)
  expect(jsonLines(ran.stdout).at(-1)).toMatchObject({
    status: 'completed',
    tasks: { total: 12, completed: 12 },
  })
  const before = fingerprint(root)
  const discarded = await amphi(['discard', 'latest', '--data', data], { cwd: root })
  expect(discarded.code, discarded.stderr).toBe(0)
  expect(fingerprint(root)).toBe(before)
}, 300_000)
