import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runId } from '../domain/ids.ts'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { createGitWorkspaces } from './createGitWorkspaces.ts'
import { agentUser, fingerprint, git, initRepository, makeCommit, makeWorld } from './testHelpers.ts'

const asRoot = process.getuid?.() === 0

async function failure(promise: Promise<unknown>): Promise<WorkspaceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(WorkspaceError)
  return error as WorkspaceError
}

test('the base is the commit checked out; the user repository stays byte for byte as it was', async () => {
  using world = makeWorld()
  const head = makeCommit(world.root, { 'a.txt': 'a', 'b/c.txt': 'c' })
  writeFileSync(join(world.root, 'a.txt'), 'uncommitted')
  writeFileSync(join(world.root, 'new.txt'), 'untracked')
  // Stat-dirty only: a git that refreshed the index would write it.
  execFileSync('touch', ['-d', '2001-01-01', join(world.root, 'b/c.txt')])
  const before = fingerprint(world.root)
  const prepared = await world.workspaces.prepareRun(world.run)
  expect(prepared).toMatchObject({ base: head, branch: 'main', tip: head })
  expect(prepared.warnings).toEqual([expect.stringMatching(/^2 uncommitted changes/)])
  expect(fingerprint(world.root)).toEqual(before)
})

test('a second call keeps the first base, although the user moved on', async () => {
  using world = makeWorld()
  const first = makeCommit(world.root, { a: '1' })
  const prepared = await world.workspaces.prepareRun(world.run)
  makeCommit(world.root, { a: '2' })
  git(world.root, 'checkout', '-q', '-b', 'other')
  expect(await world.workspaces.prepareRun(world.run)).toEqual(prepared)
  expect(prepared.base).toBe(first)
})

test('a call that died before its record was written is done again', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const prepared = await world.workspaces.prepareRun(world.run)
  rmSync(join(world.dataDir, 'projects/demo/runs/run-1/run.json'))
  expect(await world.workspaces.prepareRun(world.run)).toEqual(prepared)
})

test('half-written files of an earlier life are removed once they are old', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  await world.workspaces.prepareRun(world.run)
  const [old, young] = ['.pack-old', '.pack-young'].map((name) => join(world.dataDir, 'projects/demo', name))
  for (const path of [old!, young!]) writeFileSync(path, '')
  execFileSync('touch', ['-d', '2 hours ago', old!])
  const reborn = createGitWorkspaces({ dataDir: world.dataDir, uid: agentUser()[0], gid: agentUser()[1] })
  await reborn.prepareRun(world.run)
  expect([existsSync(old!), existsSync(young!)]).toEqual([false, true])
})

test('a half-made hub is made again', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  mkdirSync(join(world.dataDir, 'projects/demo/.hub.git.new/objects'), { recursive: true })
  await world.workspaces.prepareRun(world.run)
  expect(git(world.hub, 'fsck', '--connectivity-only')).toBe('')
})

test('the next run brings only what is new', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  await world.workspaces.prepareRun(world.run)
  await world.workspaces.discard(world.run)
  const next = makeCommit(world.root, { a: '2' })
  const again = { ...world.run, run: runId('run-2') }
  expect((await world.workspaces.prepareRun(again)).base).toBe(next)
  expect(git(world.hub, 'count-objects')).toMatch(/^6 objects/)
  expect(
    readdirSync(join(world.dataDir, 'projects/demo')).filter((name) => name.startsWith('.pack')),
  ).toEqual([])
})

test('commits that arrived without their history are brought again', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  await world.workspaces.prepareRun(world.run)
  const head = makeCommit(world.root, { a: '2' })
  // As if a transfer had died after its first object.
  const id = head.replace(/^(..)/, '$1/')
  mkdirSync(join(world.hub, 'objects', id.slice(0, 2)), { recursive: true })
  writeFileSync(join(world.hub, 'objects', id), readFileSync(join(world.root, '.git/objects', id)))
  await world.workspaces.prepareRun({ ...world.run, run: runId('run-2') })
  expect(git(world.hub, 'fsck')).toBe('')
})

test('an empty repository starts from an empty root commit', async () => {
  using world = makeWorld()
  const prepared = await world.workspaces.prepareRun(world.run)
  expect(prepared).toMatchObject({ base: null, branch: 'main', warnings: [] })
  expect(git(world.hub, 'ls-tree', prepared.tip)).toBe('')
  expect(await world.workspaces.prepareRun(world.run)).toEqual(prepared)
})

test('a subfolder, a linked worktree, a detached HEAD, a path with spaces and letters of all kinds', async () => {
  using world = makeWorld({ root: 'mein Prøjekt “ä” 字' })
  const head = makeCommit(world.root, { 'sub dir/é.txt': 'x' })
  const from = (root: string, run: string) =>
    world.workspaces.prepareRun({ ...world.run, root, run: runId(run) })
  expect(await from(join(world.root, 'sub dir'), 'r1')).toMatchObject({ base: head, branch: 'main' })
  const linked = join(world.folder, 'linked tree')
  git(world.root, 'worktree', 'add', '-q', '-b', 'side', linked)
  expect(await from(linked, 'r2')).toMatchObject({ base: head, branch: 'side', warnings: [] })
  git(linked, 'checkout', '-q', '--detach')
  expect(await from(linked, 'r3')).toMatchObject({ base: head, branch: null })
})

test('a bare repository and one of sha256 objects', async () => {
  using world = makeWorld({ init: false })
  initRepository(world.root, '--object-format=sha256')
  const head = makeCommit(world.root, { a: '1' })
  expect(head).toHaveLength(64)
  expect(await world.workspaces.prepareRun(world.run)).toMatchObject({ base: head })
  const bare = join(world.folder, 'bare.git')
  git(world.folder, 'clone', '-q', '--bare', world.root, bare)
  const run = { ...world.run, root: bare, run: runId('r2') }
  expect(await world.workspaces.prepareRun(run)).toMatchObject({ base: head, branch: 'main', warnings: [] })
})

test('shallow clones work and are named; later ones with the history too', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  makeCommit(world.root, { a: '2' })
  const shallow = join(world.folder, 'shallow')
  git(world.folder, 'clone', '-q', '--depth=1', `file://${world.root}`, shallow)
  const prepared = await world.workspaces.prepareRun({ ...world.run, root: shallow })
  expect(prepared.warnings).toEqual([expect.stringContaining('shallow clone')])
  expect(git(world.hub, 'rev-list', '--count', prepared.tip)).toBe('1')
  expect(git(world.hub, 'fsck')).toBe('')
})

test('submodules, LFS pointers and escaping links are named', async () => {
  using world = makeWorld()
  const module = join(world.folder, 'module')
  mkdirSync(module)
  initRepository(module)
  makeCommit(module, { x: 'x' })
  git(world.root, 'submodule', '--quiet', 'add', module, 'vendor/mod')
  symlinkSync('/etc/passwd', join(world.root, 'pw'))
  makeCommit(world.root, {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
  })
  const { warnings } = await world.workspaces.prepareRun(world.run)
  expect(warnings).toEqual([
    expect.stringMatching(/^1 submodule .*: vendor\/mod\.$/),
    expect.stringMatching(/^1 LFS file .*: big\.bin\.$/),
    expect.stringMatching(/leave the repository.*: pw\.$/),
  ])
})

test('what cannot be read is said plainly, with a remedy', async () => {
  using world = makeWorld({ init: false })
  const none = await failure(world.workspaces.prepareRun(world.run))
  expect(none).toMatchObject({
    kind: 'permanent',
    message: expect.stringContaining('not in a git repository'),
  })
  expect(none.remedy).toContain('git init')
  const missing = await failure(
    world.workspaces.prepareRun({ ...world.run, root: join(world.folder, 'nowhere') }),
  )
  expect(missing.message).toContain('nowhere')
})

test('a damaged repository is an error that names it, and no run comes of it', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1', b: '2' })
  const blob = git(world.root, 'rev-parse', 'HEAD:a')
  const path = join(world.root, '.git/objects', blob.slice(0, 2), blob.slice(2))
  rmSync(path)
  const gone = await failure(world.workspaces.prepareRun(world.run))
  expect(gone).toMatchObject({
    kind: 'permanent',
    message: expect.stringContaining('cannot be read completely'),
  })
  writeFileSync(path, 'garbage')
  expect((await failure(world.workspaces.prepareRun(world.run))).kind).toBe('permanent')
  const head = git(world.root, 'rev-parse', 'HEAD')
  rmSync(join(world.root, '.git/objects', head.slice(0, 2), head.slice(2)))
  expect((await failure(world.workspaces.prepareRun(world.run))).message).toContain('missing or damaged')
})

test.runIf(asRoot)('a repository of another user is read as that user', async () => {
  using world = makeWorld()
  const head = makeCommit(world.root, { a: '1' })
  git(world.root, 'config', 'filter.evil.clean', `touch ${world.folder}/canary; cat`)
  writeFileSync(join(world.root, '.git/info/attributes'), '* filter=evil\n')
  writeFileSync(join(world.root, 'a'), '2')
  execFileSync('chown', ['-R', '1000:1000', world.root])
  const before = fingerprint(world.root)
  expect(await world.workspaces.prepareRun(world.run)).toMatchObject({ base: head })
  expect(fingerprint(world.root)).toEqual(before)
  expect(existsSync(join(world.folder, 'canary'))).toBe(false)
  chmodSync(world.folder, 0o700)
  const locked = await failure(world.workspaces.prepareRun({ ...world.run, run: runId('r2') }))
  expect(locked.message).toContain('by its owner')
})

test('names that could climb out of the data folder are refused', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const error = await failure(world.workspaces.prepareRun({ ...world.run, run: runId('../../x') }))
  expect(error.message).toContain('cannot name a folder')
})
