import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CommitId } from '../domain/ids.ts'
import {
  doTask,
  fingerprint,
  git,
  initRepository,
  makeCommit,
  makeWorld,
  mergeTask,
  type World,
  writeFiles,
} from './testHelpers.ts'

const asRoot = process.getuid?.() === 0

/** A run with one finished and merged task; resolves to its tip. */
async function finishedRun(
  world: World,
  files: Record<string, string> = { 'a.txt': 'agent\n', 'new/é': 'n\n' },
): Promise<CommitId> {
  const { commit } = await doTask(world, 'one', files)
  const merged = await mergeTask(world, 'one', commit!)
  if (merged.status !== 'merged') throw new Error('conflict')
  return merged.tip
}

const head = (root: string, ref = 'HEAD'): string => git(root, 'rev-parse', ref)
const status = (root: string): string => git(root, 'status', '--porcelain')

test('the branch and the checkout move to the run, hooks stay silent, and again is already', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n', other: '1\n' })
  const canary = join(world.folder, 'canary')
  for (const hook of ['post-merge', 'reference-transaction', 'post-checkout']) {
    writeFileSync(join(world.root, '.git/hooks', hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 })
  }
  const tip = await finishedRun(world)
  writeFileSync(join(world.root, 'other'), 'mine, uncommitted\n')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'applied',
    branch: 'main',
    commit: tip,
  })
  expect(head(world.root)).toBe(tip)
  expect(status(world.root)).toBe(' M other')
  expect(readFileSync(join(world.root, 'a.txt'), 'utf8')).toBe('agent\n')
  expect(existsSync(canary)).toBe(false)
  expect(existsSync(join(world.root, '.git/FETCH_HEAD'))).toBe(false)
  const before = fingerprint(world.root)
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'already',
    branch: 'main',
    commit: tip,
  })
  expect(fingerprint(world.root)).toEqual(before)
  expect(git(world.root, 'fsck', '--no-dangling')).toBe('')
})

test('uncommitted changes in the way: refused by name, nothing changed', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  await finishedRun(world)
  writeFileSync(join(world.root, 'a.txt'), 'mine\n')
  writeFiles(world.root, { 'new/é': 'mine' })
  const before = [head(world.root), status(world.root), fingerprint(join(world.root, 'new'))]
  const result = await world.workspaces.apply(world.run)
  expect(result).toMatchObject({ status: 'refused', reason: expect.stringContaining('a.txt') })
  expect([head(world.root), status(world.root), fingerprint(join(world.root, 'new'))]).toEqual(before)
  git(world.root, 'checkout', '-q', 'a.txt')
  rmSync(join(world.root, 'new'), { recursive: true })
  expect((await world.workspaces.apply(world.run)).status).toBe('applied')
})

test('a branch that moved on is merged with; the same merge when asked again', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  const tip = await finishedRun(world)
  const mine = makeCommit(world.root, { mine: '1\n' })
  const result = await world.workspaces.apply(world.run)
  if (result.status !== 'applied') throw new Error(JSON.stringify(result))
  expect(git(world.root, 'log', '-1', '--format=%P')).toBe(`${mine} ${tip}`)
  expect(status(world.root)).toBe('')
  expect(git(world.hub, 'rev-parse', 'refs/amphitheatre/runs/run-1/before-apply')).toBe(mine)
  expect(result.before).toBe(mine)
  git(world.root, 'reset', '-q', '--hard', mine)
  expect(await world.workspaces.apply(world.run)).toMatchObject(result)
})

test('a branch that moved on and conflicts is left alone', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  await finishedRun(world)
  makeCommit(world.root, { 'a.txt': 'mine\n' })
  const before = fingerprint(world.root)
  const result = await world.workspaces.apply(world.run)
  expect(result).toMatchObject({ status: 'refused', reason: expect.stringContaining('a.txt') })
  expect(fingerprint(world.root)).toEqual(before)
})

test('a branch checked out in another worktree is moved there; one checked out nowhere just moves', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  const tip = await finishedRun(world)
  git(world.root, 'checkout', '-q', '-b', 'else')
  const linked = join(world.folder, 'linked tree')
  git(world.root, 'worktree', 'add', '-q', linked, 'main')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'applied',
    branch: 'main',
    commit: tip,
  })
  expect([head(linked), status(linked), status(world.root)]).toEqual([tip, '', ''])
  git(linked, 'reset', '-q', '--hard', 'else')
  rmSync(linked, { recursive: true })
  expect((await world.workspaces.apply(world.run)).status).toBe('applied')
  expect([head(world.root, 'main'), head(world.root, 'else')]).toEqual([tip, head(world.root)])
})

test('a detached HEAD or a branch that is gone: the run gets a branch of its own', async () => {
  using world = makeWorld()
  const base = makeCommit(world.root, { 'a.txt': '1\n' })
  git(world.root, 'checkout', '-q', '--detach')
  const tip = await finishedRun(world)
  const result = { status: 'applied', branch: 'amphitheatre/run-1', commit: tip }
  expect(await world.workspaces.apply(world.run)).toMatchObject(result)
  expect([head(world.root), head(world.root, 'amphitheatre/run-1')]).toEqual([base, tip])
  expect(await world.workspaces.apply(world.run)).toMatchObject({ ...result, status: 'already' })
  using gone = makeWorld()
  makeCommit(gone.root, { 'a.txt': '1\n' })
  await finishedRun(gone)
  git(gone.root, 'branch', '-m', 'main', 'trunk')
  expect(await gone.workspaces.apply(gone.run)).toMatchObject({
    status: 'applied',
    branch: 'amphitheatre/run-1',
  })
})

test('an empty repository gets its branch and its files; one that has begun meanwhile is left alone', async () => {
  using world = makeWorld()
  const tip = await finishedRun(world)
  writeFileSync(join(world.root, 'mine'), '1')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'applied',
    branch: 'main',
    commit: tip,
  })
  expect([head(world.root), status(world.root)]).toEqual([tip, '?? mine'])
  using begun = makeWorld()
  await finishedRun(begun)
  const mine = makeCommit(begun.root, { mine: '1' })
  expect(await begun.workspaces.apply(begun.run)).toMatchObject({ status: 'refused' })
  expect(head(begun.root)).toBe(mine)
})

test('a bare repository, a shallow clone', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '0\n' })
  makeCommit(world.root, { 'a.txt': '1\n' })
  for (const [name, ...how] of [
    ['bare', '--bare'],
    ['shallow', '--depth=1'],
  ] as const) {
    const root = join(world.folder, name)
    git(world.folder, 'clone', '-q', ...how, `file://${world.root}`, root)
    const side: World = { ...world, root, run: { ...world.run, root, run: `run-${name}` as never } }
    const tip = await finishedRun(side)
    expect(await side.workspaces.apply(side.run)).toMatchObject({
      status: 'applied',
      branch: 'main',
      commit: tip,
    })
    expect(head(root, 'main')).toBe(tip)
    expect(git(root, 'fsck', '--no-dangling')).toBe('')
  }
})

test('the branch is being rebased, or another git is at work: refused, and said why', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  const tip = await finishedRun(world)
  writeFileSync(join(world.root, '.git/index.lock'), '')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('index.lock'),
  })
  rmSync(join(world.root, '.git/index.lock'))
  mkdirSync(join(world.root, '.git/rebase-merge'))
  writeFileSync(join(world.root, '.git/rebase-merge/head-name'), 'refs/heads/main\n')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('rebase'),
  })
  rmSync(join(world.root, '.git/rebase-merge'), { recursive: true })
  expect(await world.workspaces.apply(world.run)).toMatchObject({ status: 'applied', commit: tip })
})

/** What a fast-forward killed half way leaves: some files new, one torn, one removed and not yet written, a lock. */
function leaveHalfDone(world: World, from: string, tip: string, lockAge: string): void {
  const journal = join(world.dataDir, 'projects/demo/runs/run-1/apply.json')
  writeFileSync(journal, JSON.stringify({ checkout: world.root, from, to: tip }))
  writeFiles(world.root, { done: 'new\n', 'fresh/done': 'new\n', torn: 'a much' })
  rmSync(join(world.root, 'pending'))
  rmSync(join(world.root, 'removed'))
  symlinkSync('done', join(world.root, 'link'))
  const lock = join(world.root, '.git/index.lock')
  writeFileSync(lock, '')
  execFileSync('touch', ['-d', lockAge, lock])
}

test('killed in the middle: the next apply finishes it, and spares what a person changed', async () => {
  using world = makeWorld()
  const old = { done: 'o\n', torn: 'o\n', pending: 'o\n', removed: 'o\n', untouched: 'o\n' }
  const from = makeCommit(world.root, old)
  const { commit } = await doTask(world, 'one', (work) => {
    writeFiles(work, {
      done: 'new\n',
      torn: 'a much longer text\n',
      pending: 'new\n',
      untouched: 'new\n',
      'fresh/done': 'new\n',
    })
    rmSync(join(work, 'removed'))
    symlinkSync('done', join(work, 'link'))
  })
  const tip = commit!
  await mergeTask(world, 'one', tip)
  leaveHalfDone(world, from, tip, 'now')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'refused',
    remedy: expect.stringContaining('Wait'),
  })
  execFileSync('touch', ['-d', '1 minute ago', join(world.root, '.git/index.lock')])
  writeFileSync(join(world.root, 'untouched'), 'mine\n')
  expect(await world.workspaces.apply(world.run)).toMatchObject({
    status: 'refused',
    reason: expect.stringContaining('untouched'),
  })
  expect(readFileSync(join(world.root, 'untouched'), 'utf8')).toBe('mine\n')
  writeFileSync(join(world.root, 'untouched'), 'o\n')
  expect(await world.workspaces.apply(world.run)).toMatchObject({ status: 'applied', commit: tip })
  expect([head(world.root), status(world.root)]).toEqual([tip, ''])
})

test('a line-end conversion and a filter of the user are applied to their checkout', async () => {
  using world = makeWorld()
  git(world.root, 'config', 'core.autocrlf', 'true')
  makeCommit(world.root, { 'a.txt': '1\r\n' })
  await finishedRun(world, { 'a.txt': '2\n' })
  expect((await world.workspaces.apply(world.run)).status).toBe('applied')
  expect([readFileSync(join(world.root, 'a.txt'), 'utf8'), status(world.root)]).toEqual(['2\r\n', ''])
})

test.runIf(asRoot)('what is written in another user’s repository belongs to them', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'a.txt': '1\n' })
  execFileSync('chown', ['-R', '1000:1000', world.root])
  await finishedRun(world)
  expect((await world.workspaces.apply(world.run)).status).toBe('applied')
  const foreign = execFileSync('find', [world.root, '!', '-uid', '1000']).toString()
  expect(foreign).toBe('')
  expect(statSync(join(world.root, 'new/é')).uid).toBe(1000)
})

test('a run that was discarded has nothing to apply', async () => {
  using world = makeWorld()
  initRepository(world.root)
  makeCommit(world.root, { a: '1' })
  await finishedRun(world)
  await world.workspaces.discard(world.run)
  await expect(world.workspaces.apply(world.run)).rejects.toThrow(/nothing to apply/)
})
