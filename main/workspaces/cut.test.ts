import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  agentUser,
  attempt,
  cutTask,
  doTask,
  fingerprint,
  git,
  initRepository,
  makeCommit,
  makeWorld,
  mergeTask,
  tryCut,
  writeFiles,
} from './testHelpers.ts'

const asRoot = process.getuid?.() === 0

/** git as the agent would run it: inside its clone, as its user. */
function agentGit(work: string, ...args: string[]): string {
  const [uid, gid] = agentUser()
  const user = asRoot ? { uid, gid } : {}
  return execFileSync('git', args, {
    cwd: work,
    ...user,
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  })
    .toString()
    .trimEnd()
}

test('the clone holds the files, owned by the agent, shares nothing writable, and git is clean in it', async () => {
  using world = makeWorld({ root: 'Prøjekt mit Leerzeichen' })
  makeCommit(world.root, { 'a b/é.txt': 'x', 'crlf.txt': '1\r\n2\r\n' })
  const head = makeCommit(world.root, { '.gitattributes': '* text=auto\n' })
  const cut = await cutTask(world, 'one')
  expect(cut.commit).toBe(head)
  expect(readFileSync(join(cut.path, 'crlf.txt'), 'utf8')).toBe('1\r\n2\r\n')
  expect(statSync(join(cut.path, 'a b/é.txt')).uid).toBe(agentUser()[0])
  expect(statSync(join(cut.path, '..')).mode & 0o777).toBe(0o700)
  expect(cut.mounts).toEqual([join(world.hub, 'objects')])
  for (const mount of cut.mounts) expect(statSync(mount).mode & 0o005).toBe(0o005)
  if (asRoot)
    for (const path of [world.dataDir, join(world.dataDir, 'projects')])
      execFileSync('chmod', ['-R', 'a+rX', path])
  expect(agentGit(cut.path, 'status', '--porcelain', '--branch')).toBe('## amphitheatre/one')
  expect(agentGit(cut.path, 'log', '-1', '--format=%H')).toBe(head)
  writeFileSync(join(cut.path, 'a b/é.txt'), 'y')
  agentGit(cut.path, 'commit', '-qam', 'mine')
  expect(agentGit(cut.path, 'status', '--porcelain')).toBe('')
})

test('a sha256 repository and an empty one can be cut', async () => {
  using world = makeWorld({ init: false })
  initRepository(world.root, '--object-format=sha256')
  makeCommit(world.root, { a: '1' })
  const result = await doTask(world, 'one', { b: '2' })
  expect(result.commit).toHaveLength(64)
  using empty = makeWorld()
  expect((await doTask(empty, 'one', { 'first.txt': '1' })).changed).toBe(1)
})

test('inputs are merged in order, ancestors skipped, and the same inputs give the same commit', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1\n', b: '1\n', c: '1\n' })
  const one = (await doTask(world, 'one', { a: '2\n' })).commit!
  const two = (await doTask(world, 'two', { b: '2\n' })).commit!
  const three = (await doTask(world, 'three', { c: '2\n' }, { from: [one] })).commit!
  expect((await cutTask(world, 'ff', { from: [one, three] })).commit).toBe(three)
  const merged = await cutTask(world, 'm', { from: [one, two, three] })
  expect(['a', 'b', 'c'].map((name) => readFileSync(join(merged.path, name), 'utf8'))).toEqual([
    '2\n',
    '2\n',
    '2\n',
  ])
  expect((await cutTask(world, 'm2.lock', { from: [one, two, three] })).commit).not.toBe(merged.commit)
  await world.workspaces.remove(world.run, attempt(world, 'm'))
  expect((await cutTask(world, 'm', { from: [one, two, three] })).commit).toBe(merged.commit)
})

test('inputs that conflict are named and nothing is made', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'é a': '1\n', '.gitattributes': '* merge=union\n' })
  const one = (await doTask(world, 'one', { 'é a': '2\n' })).commit!
  const two = (await doTask(world, 'two', { 'é a': '3\n' })).commit!
  const result = await tryCut(world, 'three', { from: [one, two] })
  expect(result).toEqual({ status: 'conflict', files: ['é a'] })
  expect(await world.workspaces.list(world.run.project)).toEqual([
    attempt(world, 'one'),
    attempt(world, 'two'),
  ])
})

test('cutting again changes nothing in a whole clone and remakes a half-made one', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const cut = await cutTask(world, 'one')
  writeFiles(cut.path, { a: 'the agent was here' })
  const before = fingerprint(cut.path)
  expect(await cutTask(world, 'one')).toEqual(cut)
  expect(fingerprint(cut.path)).toEqual(before)
  rmSync(join(cut.path, '../cut.json'))
  rmSync(join(cut.path, 'a'))
  // A try that died, whose git may still be writing.
  mkdirSync(join(cut.path, '../../.making-one-1-dead/work'), { recursive: true })
  expect(await cutTask(world, 'one')).toEqual(cut)
  expect(readFileSync(join(cut.path, 'a'), 'utf8')).toBe('1')
  expect(readdirSync(join(cut.path, '../..')).sort()).toEqual(['one-1', 'run.json'])
})

test('links that stay inside are made, links that leave are refused by name', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'd/e/f': '1' })
  symlinkSync('../d/e/f', join(world.root, 'd/inside'))
  makeCommit(world.root, {})
  const cut = await cutTask(world, 'one')
  expect(readlinkSync(join(cut.path, 'd/inside'))).toBe('../d/e/f')
  expect(lstatSync(join(cut.path, 'd/inside')).isSymbolicLink()).toBe(true)

  using bad = makeWorld()
  mkdirSync(join(bad.root, 'd/e'), { recursive: true })
  symlinkSync('../..', join(bad.root, 'd/e/up'))
  symlinkSync('d/e/up/../../etc', join(bad.root, 'sneaky'))
  makeCommit(bad.root, {})
  await expect(cutTask(bad, 'one')).rejects.toMatchObject({
    kind: 'permanent',
    message: expect.stringContaining('link leaves the workspace: sneaky'),
  })
  expect(existsSync(join(bad.dataDir, 'projects/demo/runs/run-1/one-1'))).toBe(false)
})

test('artifacts of a task are placed for its dependents, and not handed on twice', async () => {
  using world = makeWorld()
  makeCommit(world.root, { '.gitignore': 'dist/\nnode_modules/\n', 'src/a': '1' })
  const built = await doTask(
    world,
    'build',
    (work) => {
      writeFiles(work, {
        'dist/é out.js': 'js',
        'dist/run.sh': 'sh',
        'node_modules/p/cli.js': 'x',
        'other/dist': 'y',
      })
      execFileSync('chmod', ['755', join(work, 'dist/run.sh')])
      mkdirSync(join(work, 'node_modules/.bin'))
      symlinkSync('../p/cli.js', join(work, 'node_modules/.bin/cli'))
      symlinkSync('/etc/passwd', join(work, 'node_modules/.bin/pw'))
    },
    { writes: ['dist/**', 'node_modules/**'] },
  )
  expect(built).toMatchObject({ commit: null, changed: 0, undeclared: ['other/'] })
  expect(built.refused).toEqual(['link leaves the workspace: node_modules/.bin/pw'])
  const cut = await cutTask(world, 'use', { artifacts: [built.artifacts!] })
  expect(readFileSync(join(cut.path, 'dist/é out.js'), 'utf8')).toBe('js')
  expect(statSync(join(cut.path, 'dist/run.sh')).mode & 0o777).toBe(0o755)
  expect(statSync(join(cut.path, 'dist/run.sh')).uid).toBe(agentUser()[0])
  expect(readFileSync(join(cut.path, 'node_modules/.bin/cli'), 'utf8')).toBe('x')
  const used = await doTask(
    world,
    'use',
    { 'dist/more.js': '1' },
    { writes: ['dist/**'], artifacts: [built.artifacts!] },
  )
  const manifest = JSON.parse(
    readFileSync(join(world.dataDir, 'projects/demo/artifacts', used.artifacts!), 'utf8'),
  )
  expect(manifest.files.map((file: { path: string }) => file.path)).toEqual(['dist/more.js'])
})

test('an artifact is never placed over a file, through a link, or where git does not ignore it', async () => {
  using world = makeWorld()
  makeCommit(world.root, { '.gitignore': 'out/\nfree\n', 'real/keep': '1' })
  const built = await doTask(world, 'build', { 'out/keep': 'evil', 'out/x': 'evil', free: '1' })
  const moved = await doTask(world, 'move', (work) => {
    writeFiles(work, { '.gitignore': 'out\n' })
    symlinkSync('real', join(work, 'linked'))
  })
  const cut = await cutTask(world, 'use', { from: [moved.commit!], artifacts: [built.artifacts!] })
  expect(cut.leftOut).toEqual(['artifact not placed, git does not ignore it here: free'])
  using other = makeWorld()
  makeCommit(other.root, { '.gitignore': 'out\n', 'real/keep': '1' })
  symlinkSync('real', join(other.root, 'out'))
  makeCommit(other.root, {})
  const store = 'projects/demo/artifacts'
  await cutTask(other, 'warm-up')
  execFileSync('cp', ['-r', join(world.dataDir, store), join(other.dataDir, store)])
  const kept = await cutTask(other, 'use', { artifacts: [built.artifacts!] })
  expect(kept.leftOut).toHaveLength(3)
  expect(readFileSync(join(kept.path, 'real/keep'), 'utf8')).toBe('1')
})

test('missing or damaged artifacts, unknown commits: errors that say so', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  await expect(cutTask(world, 'one', { artifacts: ['0'.repeat(64)] })).rejects.toThrow(
    /artifacts 0+ are missing/,
  )
  await expect(cutTask(world, 'two', { from: ['1'.repeat(40) as never] })).rejects.toThrow(
    /is not in the project/,
  )
})

test('merge keeps every commit in the history, answers the same again, and leaves a rollback point', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1\n', b: '1\n' })
  const one = (await doTask(world, 'one', { a: '2\n' })).commit!
  const two = (await doTask(world, 'two', { b: '2\n' })).commit!
  expect(await mergeTask(world, 'one', one)).toEqual({ status: 'merged', tip: one })
  const merged = await mergeTask(world, 'two', two)
  expect(await mergeTask(world, 'two', two)).toEqual(merged)
  expect(await mergeTask(world, 'one', one)).toEqual(merged)
  if (merged.status !== 'merged') throw new Error('conflict')
  expect(git(world.hub, 'log', '-1', '--format=%P', merged.tip)).toBe(`${one} ${two}`)
  expect(git(world.hub, 'log', '-1', '--format=%(trailers:key=Run,valueonly)', merged.tip)).toContain('run-1')
  expect(git(world.hub, 'rev-parse', `refs/amphitheatre/runs/run-1/before/two/${two}`)).toBe(one)
  // The same again from the start gives the very same commit: a crash before the ref moved costs nothing.
  git(world.hub, 'update-ref', 'refs/amphitheatre/runs/run-1/tip', one)
  expect(await mergeTask(world, 'two', two)).toEqual(merged)
  expect(await world.workspaces.diff(world.run)).toContain('+2')
})

test('a merge that conflicts names the files and leaves the tip', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1\n' })
  const one = (await doTask(world, 'one', { a: '2\n' })).commit!
  const two = (await doTask(world, 'two', { a: '3\n' })).commit!
  await mergeTask(world, 'one', one)
  expect(await mergeTask(world, 'two', two)).toEqual({ status: 'conflict', files: ['a'] })
  expect(git(world.hub, 'rev-parse', 'refs/amphitheatre/runs/run-1/tip')).toBe(one)
})

test('a lock left by a git that was killed is removed once it is old', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1\n' })
  const one = (await doTask(world, 'one', { a: '2\n' })).commit!
  const lock = join(world.hub, 'refs/amphitheatre/runs/run-1/tip.lock')
  writeFileSync(lock, '')
  await expect(mergeTask(world, 'one', one)).rejects.toMatchObject({ kind: 'transient' })
  execFileSync('touch', ['-d', '1 minute ago', lock])
  expect(await mergeTask(world, 'one', one)).toEqual({ status: 'merged', tip: one })
})

test('remove and discard are idempotent and forget the clones, not the user repository', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const cut = await cutTask(world, 'a-1')
  await cutTask(world, 'b.lock')
  mkdirSync(join(cut.path, 'locked/deep'), { recursive: true })
  execFileSync('chmod', ['000', join(cut.path, 'locked')])
  const before = fingerprint(world.root)
  expect(await world.workspaces.list(world.run.project)).toEqual([
    attempt(world, 'a-1'),
    attempt(world, 'b.lock'),
  ])
  await world.workspaces.remove(world.run, attempt(world, 'a-1'))
  await world.workspaces.remove(world.run, attempt(world, 'a-1'))
  expect(await world.workspaces.list(world.run.project)).toEqual([attempt(world, 'b.lock')])
  await world.workspaces.discard(world.run)
  await world.workspaces.discard(world.run)
  expect(await world.workspaces.list(world.run.project)).toEqual([])
  expect(git(world.hub, 'for-each-ref', 'refs/amphitheatre/runs')).toBe('')
  expect(fingerprint(world.root)).toEqual(before)
})
