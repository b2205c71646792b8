import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  attempt,
  commitTask,
  cutTask,
  doTask,
  git,
  initRepository,
  makeCommit,
  makeWorld,
  mergeTask,
  show,
  treeOf,
  writeFiles,
} from './testHelpers.ts'

test('one commit with role, trailers and the time given; the same files give the same commit', async () => {
  using world = makeWorld()
  const head = makeCommit(world.root, { 'src/a': '1', 'src/gone': '1', 'src/run': '1' })
  const { path, commit: cut } = await cutTask(world, 'compile')
  writeFiles(path, { 'src/a': '2', 'src/new é': 'n' })
  rmSync(join(path, 'src/gone'))
  chmodSync(join(path, 'src/run'), 0o755)
  const more = { title: 'Compile\n\nRun: forged', writes: ['src/**'] }
  const result = await commitTask(world, 'compile', cut, more)
  expect(result).toMatchObject({ changed: 4, undeclared: [], refused: [], artifacts: null })
  const format = '%an|%ae|%cn|%at|%ct|%P%n%B'
  expect(git(world.hub, 'log', '-1', `--format=${format}`, result.commit!).split('\n')).toEqual([
    `BuildMaster|BuildMaster@amphitheatre.invalid|Amphitheatre|1700000000|1700000000|${head}`,
    'feat(BuildMaster): Compile Run: forged',
    '',
    'Agent: BuildMaster/compile#1',
    'Task: compile',
    'Run: run-1',
  ])
  const trailers = git(world.hub, 'log', '-1', '--format=%(trailers:key=Run,valueonly)', result.commit!)
  expect(trailers.trim()).toBe('run-1')
  expect(Object.keys(treeOf(world, result.commit!))).toEqual(['src/a', 'src/new é', 'src/run'])
  expect(treeOf(world, result.commit!)['src/run']).toMatch(/^100755/)
  // Once more without the stored answer, as after a crash just before it was stored.
  git(world.hub, 'update-ref', '-d', 'refs/amphitheatre/runs/run-1/results/compile/1')
  expect(await commitTask(world, 'compile', cut, more)).toEqual(result)
  // And with it, the clone long gone.
  await world.workspaces.remove(world.run, attempt(world, 'compile'))
  expect(await commitTask(world, 'compile', cut, more)).toEqual(result)
  await expect(commitTask(world, 'compile', cut, { ...more, time: 1 })).rejects.toThrow(
    /no workspace to commit/,
  )
})

test('what somebody wants to be told about is named, also what is gone', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'package.json': '1', 'a.yml': '1', 'src/x': '1' })
  const { path, commit: cut } = await cutTask(world, 'compile')
  writeFiles(path, { 'package.json': '2', 'src/x': '2' })
  rmSync(join(path, 'a.yml'))
  const watched = ['*.yml', 'docs/**', 'package.json', 'src/y']
  const result = await commitTask(world, 'compile', cut, { writes: ['**'], watched })
  expect(result.touched).toEqual(['*.yml', 'package.json'])
})

test('only what `writes` names is committed; the rest is reported; a touched file is no change', async () => {
  using world = makeWorld()
  makeCommit(world.root, { 'src/a': '1', 'docs/b': '1', 'docs/c': '1', 'docs/gone': '1', same: '1' })
  const result = await doTask(
    world,
    'one',
    (work) => {
      writeFiles(work, { 'src/a': '2', 'docs/b': '2', 'docs/new': '1', 'more/deep/x': '1' })
      rmSync(join(work, 'docs/gone'))
      utimesSync(join(work, 'same'), 1, 1)
      writeFileSync(join(work, 'docs/c'), '1')
    },
    { writes: ['src/*'] },
  )
  expect(result).toMatchObject({ changed: 1, undeclared: ['docs/b', 'docs/gone', 'docs/new', 'more/'] })
  expect(show(world, result.commit!, 'docs/b')).toBe('1')
})

test('without `writes` nothing is committed; without changes neither', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  expect(await doTask(world, 'one', { a: '2' }, { writes: [] })).toMatchObject({
    commit: null,
    undeclared: ['a'],
  })
  expect(await doTask(world, 'two', { a: '1' })).toEqual({
    commit: null,
    changed: 0,
    undeclared: [],
    patch: null,
    refused: [],
    artifacts: null,
  })
})

test('a change that keeps size and modification time is seen', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const { path, commit } = await cutTask(world, 'one')
  execFileSync('sh', ['-c', 'touch -r a ref && printf 2 > a && touch -r ref a && rm ref'], { cwd: path })
  expect((await commitTask(world, 'one', commit)).changed).toBe(1)
})

test('git-ignored files are never committed, by the rules of the cut and not of the agent', async () => {
  using world = makeWorld()
  makeCommit(world.root, { '.gitignore': '/dist/\n', 'sub/.gitignore': '*.tmp\n', 'dist/tracked': '1' })
  const result = await doTask(world, 'one', {
    '.gitignore': '',
    'dist/tracked': '2',
    'dist/new': '1',
    'sub/x.tmp': '1',
    'x.tmp': '1',
    'sub/:(top)x': '1',
    'sub/*?[a]': '1',
  })
  expect(Object.keys(treeOf(world, result.commit!)).sort()).toEqual(
    ['.gitignore', 'dist/tracked', 'sub/*?[a]', 'sub/.gitignore', 'x.tmp'].sort(),
  )
  expect(result.artifacts).toMatch(/^[0-9a-f]{64}$/)
})

test('by-products are committed only where `writes` names them', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const files = {
    'x.log': '1',
    'd/y.db': '1',
    'z.sqlite': '1',
    '.env.local': '1',
    'agent-7/notes': '1',
    ok: '1',
  }
  const vague = await doTask(world, 'vague', files, { writes: ['**', 'd/*'] })
  expect(Object.keys(treeOf(world, vague.commit!))).toEqual(['a', 'ok'])
  expect(vague.refused).toHaveLength(5)
  const named = await doTask(world, 'named', files, {
    writes: ['*.log', '**/*.db', 'z.sqlite', '.env.local', 'agent-7/**'],
  })
  expect(named).toMatchObject({ changed: 5, refused: [] })
})

test('files and folders may take each other’s place, within what `writes` allows', async () => {
  using world = makeWorld()
  makeCommit(world.root, { file: '1', 'folder/x': '1', 'folder/y': '1' })
  const swap = (work: string): void => {
    renameSync(join(work, 'file'), join(work, 'tmp'))
    renameSync(join(work, 'folder'), join(work, 'file'))
    renameSync(join(work, 'tmp'), join(work, 'folder'))
  }
  const all = await doTask(world, 'all', swap)
  expect(Object.keys(treeOf(world, all.commit!))).toEqual(['file/x', 'file/y', 'folder'])
  const some = await doTask(world, 'some', swap, { writes: ['folder', 'file/*'] })
  expect(some.commit).toBeNull()
  expect(some.refused).toEqual([
    'file is in its way and may not be removed: file/x',
    'file is in its way and may not be removed: file/y',
    'files below it are in its way and may not be removed: folder',
  ])
})

test('submodules are frozen', async () => {
  using world = makeWorld()
  const module = join(world.folder, 'module')
  mkdirSync(module)
  initRepository(module)
  makeCommit(module, { x: 'x' })
  git(world.root, 'submodule', '--quiet', 'add', module, 'vendor/mod')
  git(world.root, 'commit', '-qm', 'add')
  const before = await cutTask(world, 'probe')
  const result = await doTask(world, 'one', (work) => {
    writeFiles(work, { 'vendor/mod/evil': '1', '.gitmodules': '[submodule "x"]\n\turl = -evil\n', ok: '1' })
  })
  expect(result.refused).toEqual(['submodules are frozen: .gitmodules'])
  expect(result.undeclared).toEqual(['vendor/mod/'])
  expect(treeOf(world, result.commit!)['vendor/mod']).toBe(treeOf(world, before.commit)['vendor/mod'])
  const replaced = await doTask(world, 'two', (work) => {
    rmSync(join(work, 'vendor/mod'), { recursive: true })
    symlinkSync('../ok', join(work, 'vendor/mod'))
  })
  expect(replaced).toMatchObject({ commit: null, refused: ['submodules are frozen: vendor/mod'] })
})

test('kinds of tasks have their commit types, and a task’s commits merge into the run', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  for (const [kind, type] of [
    ['deploy', 'chore'],
    ['check', 'test'],
    ['work', 'feat'],
  ] as const) {
    const { commit } = await doTask(world, kind, { [kind]: '1' }, { kind })
    expect(git(world.hub, 'log', '-1', '--format=%s', commit!)).toBe(`${type}(BuildMaster): do ${kind}`)
    expect((await mergeTask(world, kind, commit!)).status).toBe('merged')
  }
  expect(git(world.hub, 'ls-tree', '--name-only', 'refs/amphitheatre/runs/run-1/tip').split('\n')).toEqual([
    'a',
    'check',
    'deploy',
    'work',
  ])
})
