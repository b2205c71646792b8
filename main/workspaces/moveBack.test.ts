import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyPointKey, pointRef } from '../domain/points/point.ts'
import type { MoveBackRequest, MoveBackResult } from '../engine/ports/pointCommits.ts'
import { createPointCommits } from './pointCommits.ts'
import {
  doTask,
  fingerprint,
  git,
  makeCommit,
  makeWorld,
  mergeTask,
  type World,
  writeFiles,
} from './testHelpers.ts'

const head = (root: string, ref = 'HEAD'): string => git(root, 'rev-parse', ref)
const status = (root: string): string => git(root, 'status', '--porcelain')

/** A run was applied to `main`; what it takes to go back. */
async function applied(world: World): Promise<MoveBackRequest> {
  const to = makeCommit(world.root, { 'a.txt': '1\n', gone: 'old\n', other: '1\n' })
  const { commit } = await doTask(world, 'one', { 'a.txt': '2\n', 'new/file': 'n\n' })
  await mergeTask(world, 'one', commit!)
  const result = await world.workspaces.apply(world.run)
  if (result.status !== 'applied') throw new Error(JSON.stringify(result))
  const { project, root } = world.run
  const key = applyPointKey(world.run.run)
  return { project, root, key, branch: 'main', from: result.commit, to, keepAs: 'rollback/p1' }
}

const moveBack = (world: World, request: MoveBackRequest): Promise<MoveBackResult> =>
  createPointCommits(world).moveBack(request)

test('an applied run is taken back; its commits stay on a branch; again changes nothing', async () => {
  using world = makeWorld()
  const request = await applied(world)
  expect(git(world.hub, 'rev-parse', pointRef(request.key))).toBe(request.to)
  const canary = join(world.folder, 'canary')
  for (const hook of ['post-checkout', 'reference-transaction', 'post-rewrite'])
    writeFileSync(join(world.root, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 })
  expect(await moveBack(world, request)).toEqual({ status: 'moved', kept: 'rollback/p1' })
  expect([head(world.root), head(world.root, 'rollback/p1')]).toEqual([request.to, request.from])
  expect(status(world.root)).toBe('')
  expect(readFileSync(join(world.root, 'a.txt'), 'utf8')).toBe('1\n')
  expect(existsSync(join(world.root, 'new/file'))).toBe(false)
  expect(existsSync(canary)).toBe(false)
  const before = fingerprint(world.root)
  expect(await moveBack(world, request)).toEqual({ status: 'already', kept: 'rollback/p1' })
  expect(fingerprint(world.root)).toEqual(before)
  // And the rollback is rolled back.
  git(world.root, 'merge', '-q', '--ff-only', 'rollback/p1')
  expect(head(world.root)).toBe(request.from)
})

test('a branch somebody moved since, uncommitted changes, files in the way: refused, nothing changed', async () => {
  using world = makeWorld()
  const request = await applied(world)
  const refused = async (reason: string): Promise<void> => {
    const before = [head(world.root), status(world.root)]
    expect(await moveBack(world, request)).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining(reason),
    })
    expect([head(world.root), status(world.root)]).toEqual(before)
  }
  writeFileSync(join(world.root, 'other'), 'mine\n')
  await refused('uncommitted changes')
  git(world.root, 'checkout', '-q', 'other')
  makeCommit(world.root, { mine: '1\n' })
  await refused('is at')
  git(world.root, 'reset', '-q', '--hard', request.from)
  git(world.root, 'rebase', '-q', '--onto', request.from, request.from)
  git(world.root, 'branch', '-m', 'main', 'elsewhere')
  expect(await moveBack(world, request)).toMatchObject({ reason: 'the branch main is gone' })
})

test('a new file where an old one comes back is not written over', async () => {
  using world = makeWorld()
  const request = await applied(world)
  git(world.root, 'rm', '-q', 'gone')
  git(world.root, 'commit', '-qm', 'remove')
  writeFiles(world.root, { gone: 'mine, never committed\n' })
  const from = head(world.root) as MoveBackRequest['from']
  expect(await moveBack(world, { ...request, from })).toMatchObject({ status: 'refused' })
  expect(head(world.root)).toBe(from)
  expect(readFileSync(join(world.root, 'gone'), 'utf8')).toBe('mine, never committed\n')
})

test('a name that keeps something else is left alone', async () => {
  using world = makeWorld()
  const request = await applied(world)
  git(world.root, 'branch', 'rollback/p1', request.to)
  expect(await moveBack(world, request)).toEqual({ status: 'moved', kept: 'rollback/p1-2' })
})

test('a branch that is not checked out just moves', async () => {
  using world = makeWorld()
  const request = await applied(world)
  git(world.root, 'checkout', '-q', '-b', 'else')
  expect(await moveBack(world, request)).toMatchObject({ status: 'moved' })
  expect([head(world.root, 'main'), head(world.root, 'else')]).toEqual([request.to, request.from])
})

test('a move that was killed between its first file and its last is finished', async () => {
  using world = makeWorld()
  const request = await applied(world)
  const { root, branch, from, to, project } = request
  const journal = join(world.dataDir, 'projects', project, 'move-back.json')
  // As git leaves it: one file written, one not, its lock still there.
  writeFileSync(journal, JSON.stringify({ root, branch, from, to }))
  writeFileSync(join(root, 'a.txt'), '1\n')
  writeFileSync(join(root, '.git/index.lock'), '')
  execFileSync('touch', ['-d', '1 minute ago', join(root, '.git/index.lock')])
  expect(await moveBack(world, request)).toMatchObject({ status: 'moved' })
  expect([head(root), status(root)]).toEqual([to, ''])
  expect(existsSync(journal)).toBe(false)
})

test('a commit the repository has lost comes back from the hub', async () => {
  using world = makeWorld()
  const request = await applied(world)
  git(world.root, 'checkout', '-q', '--orphan', 'fresh')
  git(world.root, 'commit', '-q', '-m', 'all in one')
  const from = head(world.root) as MoveBackRequest['from']
  git(world.root, 'branch', '-D', 'main')
  git(world.root, 'branch', '-m', 'main')
  for (const ref of ['ORIG_HEAD']) rmSync(join(world.root, '.git', ref), { force: true })
  git(world.root, 'reflog', 'expire', '--expire=now', '--all')
  git(world.root, 'gc', '-q', '--prune=now')
  expect(() => git(world.root, 'cat-file', '-e', request.to)).toThrow()
  expect(await moveBack(world, { ...request, from })).toMatchObject({ status: 'moved' })
  expect(head(world.root)).toBe(request.to)
  expect(git(world.root, 'fsck', '--no-dangling')).toBe('')
})

test('what is kept and what is let go', async () => {
  using world = makeWorld()
  const commits = createPointCommits(world)
  const commit = makeCommit(world.root, { 'a.txt': '1\n' })
  const { project, root } = world.run
  await commits.keepCommit({ project, root, key: 'r1/save#1', commit })
  const later = makeCommit(world.root, { 'a.txt': '2\n' }, 'second')
  await commits.keepCommit({ project, root, key: 'r1/save#2', commit: later })
  expect(git(world.hub, 'rev-parse', pointRef('r1/save#1'))).toBe(commit)
  await commits.releaseCommits(project, () => null)
  expect(git(world.hub, 'rev-parse', pointRef('r1/save#1'))).toBe(commit)
  await commits.releaseCommits(project, () => ['r1/save#2'])
  expect(git(world.hub, 'for-each-ref', '--format=%(refname)', 'refs/amphitheatre/points')).toBe(
    pointRef('r1/save#2'),
  )
  const seen = await commits.lookAt({ project, root, commits: [commit, 'f'.repeat(40)], branch: null })
  expect(seen).toMatchObject({ branch: 'main', commit: later, uncommitted: 0 })
  expect(Object.keys(seen.held)).toEqual([commit])
  expect(seen.held[commit]).toMatchObject([{ commit: later, subject: 'second', author: 'User' }])
})
