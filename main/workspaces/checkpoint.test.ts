import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommitId } from '../domain/ids.ts'
import { taskId } from '../domain/ids.ts'
import type { CheckpointRequest } from '../engine/ports/workspaces.ts'
import { checkpoint } from './checkpoint.ts'
import { createGit } from './git.ts'
import { type Hub, openHub } from './hub.ts'
import {
  attempt,
  type Cut,
  commitTask,
  cutTask,
  git,
  makeCommit,
  makeWorld,
  show,
  treeOf,
  type World,
  writeFiles,
} from './testHelpers.ts'

const REF = 'refs/amphitheatre/runs/run-1/checkpoints/one/1'

function request(world: World, cut: CommitId, more: Partial<CheckpointRequest> = {}): CheckpointRequest {
  const { run } = world
  const base = {
    attempt: attempt(world, 'one'),
    task: taskId('one'),
    role: 'BuildMaster',
    cut,
    writes: ['**'],
  }
  return { ...run, ...base, count: 1, time: 1_700_000_000_000, ...more }
}

const keep = (world: World, cut: CommitId, more: Partial<CheckpointRequest> = {}): Promise<CommitId | null> =>
  world.workspaces.checkpoint(request(world, cut, more))

test('what was done so far is one commit on the cut, and the next takes its place', async () => {
  using world = makeWorld()
  makeCommit(world.root, { '.gitignore': 'dist/\n', 'src/a': '1', 'src/gone': '1', 'docs/b': '1' })
  const { path, commit: cut } = await cutTask(world, 'one')
  expect(await keep(world, cut)).toBeNull()
  writeFiles(path, { 'src/a': '2', 'src/new': 'n', 'docs/b': '2', 'dist/built': 'x' })
  rmSync(join(path, 'src/gone'))
  const first = await keep(world, cut, { writes: ['src/**'] })
  expect(Object.keys(treeOf(world, first!))).toEqual(['.gitignore', 'docs/b', 'src/a', 'src/new'])
  expect([show(world, first!, 'src/a'), show(world, first!, 'docs/b')]).toEqual(['2', '1'])
  expect(git(world.hub, 'log', '-1', '--format=%an|%at|%P|%s', REF)).toBe(
    `BuildMaster|1700000000|${cut}|checkpoint(BuildMaster): one 1`,
  )
  writeFiles(path, { 'src/a': '3' })
  const second = await keep(world, cut, { count: 2, time: 1_700_000_009_000 })
  expect(git(world.hub, 'rev-parse', REF)).toBe(second)
  expect(git(world.hub, 'rev-parse', `${second}^`)).toBe(cut)
})

test('the same request again is the same checkpoint, whatever the agent wrote meanwhile', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1' })
  const { path, commit: cut } = await cutTask(world, 'one')
  writeFiles(path, { a: '2' })
  const first = await keep(world, cut)
  writeFiles(path, { a: '3' })
  expect(await keep(world, cut)).toBe(first)
  const next = await keep(world, cut, { count: 2 })
  expect(show(world, next!, 'a')).toBe('3')
})

test('the task’s own commit is made from the cut, as if there had been none; discarding forgets them', async () => {
  using world = makeWorld()
  makeCommit(world.root, { a: '1', b: '1' })
  const { path, commit: cut } = await cutTask(world, 'one')
  writeFiles(path, { a: '2', temporary: 'x' })
  await keep(world, cut)
  rmSync(join(path, 'temporary'))
  const { commit } = await commitTask(world, 'one', cut)
  expect(git(world.hub, 'log', '--format=%s', `${cut}..${commit}`)).toBe('feat(BuildMaster): do one')
  expect(Object.keys(treeOf(world, commit!))).toEqual(['a', 'b'])
  await world.workspaces.discard(world.run)
  expect(git(world.hub, 'for-each-ref', 'refs/amphitheatre/runs/run-1/')).toBe('')
})

test('an attempt that has no clone, or another cut, is refused', async () => {
  using world = makeWorld()
  const head = makeCommit(world.root, { a: '1' })
  await world.workspaces.prepareRun(world.run)
  await expect(keep(world, head)).rejects.toMatchObject({ kind: 'permanent' })
  await cutTask(world, 'one')
  makeCommit(world.root, { a: '2' })
  const other = git(world.root, 'rev-parse', 'HEAD') as CommitId
  await expect(keep(world, other)).rejects.toThrow(/was cut from/)
})

/** A hub that lets something happen in the clone just before one of git's commands runs. */
function meanwhile(hub: Hub, command: string, act: () => void): Hub {
  return {
    ...hub,
    git: async (call) => {
      if (call.args.includes(command)) act()
      return hub.git(call)
    },
  }
}

describe('the agent works on while its files are read', () => {
  const sh = (cwd: string, script: string): void => {
    execFileSync('bash', ['-c', script], { cwd, stdio: 'pipe' })
  }

  /** Takes a checkpoint during which `act` happens: after the files were looked at, before they are read. */
  async function during(
    world: World,
    { path, commit }: Cut,
    act: (work: string) => void,
  ): Promise<CommitId | null> {
    const hub = (await openHub(createGit(), join(world.dataDir, 'projects', 'demo')))!
    const limits = { maxFileBytes: 1e9, maxEntries: 1e6 }
    const context = { dataDir: world.dataDir, limits, hub: meanwhile(hub, 'fast-import', () => act(path)) }
    return checkpoint(context, request(world, commit))
  }

  const ACTS: Readonly<Record<string, (work: string, world: World) => void>> = {
    'a file grows': (work) => sh(work, 'echo more >> d/f'),
    'a file shrinks': (work) => sh(work, ': > d/f'),
    'a file vanishes': (work) => rmSync(join(work, 'd/f')),
    'a file becomes a FIFO': (work) => sh(work, 'rm d/f; mkfifo d/f'),
    'a file becomes a link to the host': (work, { folder }) => sh(work, `ln -sf ${folder}/host/f d/f`),
    'a folder becomes a link to the host': (work, { folder }) => {
      renameSync(join(work, 'd'), join(work, 'was'))
      symlinkSync(join(folder, 'host'), join(work, 'd'))
    },
    'a folder becomes a link and holds the very file': (work, { folder }) => {
      renameSync(join(work, 'd'), join(folder, 'host', 'd'))
      symlinkSync(join(folder, 'host', 'd'), join(work, 'd'))
    },
    'a folder vanishes': (work) => rmSync(join(work, 'd'), { recursive: true }),
  }

  test.each(Object.keys(ACTS))('%s: it is left as it was in the cut', async (name) => {
    using world = makeWorld()
    makeCommit(world.root, { 'd/f': 'as cut\n', still: '1' })
    mkdirSync(join(world.folder, 'host'))
    writeFileSync(join(world.folder, 'host', 'f'), 'secret of the host\n')
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'd/f': 'by the agent\n', still: '2' })
    const made = await during(world, cut, (work) => ACTS[name]!(work, world))
    expect([show(world, made!, 'd/f'), show(world, made!, 'still')]).toEqual(['as cut', '2'])
    expect(git(world.hub, 'fsck', '--no-dangling')).toBe('')
  })

  test('FIFOs, sockets and links in place of files and folders neither hang nor lead it out', async () => {
    using world = makeWorld()
    makeCommit(world.root, { 'd/f': '1', e: '1', still: '1' })
    mkdirSync(join(world.folder, 'host'))
    writeFileSync(join(world.folder, 'host', 'f'), 'secret of the host\n')
    const { path, commit } = await cutTask(world, 'one')
    sh(
      path,
      `rm -r d e; ln -s ${world.folder}/host d; mkfifo e new .gitignore; echo 2 > still; ln -s /etc etc`,
    )
    const made = await keep(world, commit)
    expect(Object.keys(treeOf(world, made!)).sort()).toEqual(['d/f', 'e', 'still'])
    expect(show(world, made!, 'd/f')).toBe('1')
  })

  test('permissions taken away stay taken: a file that cannot be read is left as it was', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: '1', b: '1' })
    const { path, commit } = await cutTask(world, 'one')
    writeFiles(path, { a: '2', b: '2' })
    chmodSync(join(path, 'a'), 0)
    const made = await keep(world, commit)
    // Root reads everything.
    expect(show(world, made!, 'a')).toBe(process.getuid?.() === 0 ? '2' : '1')
    expect(show(world, made!, 'b')).toBe('2')
    expect(execFileSync('stat', ['-c', '%a', join(path, 'a')], { encoding: 'utf8' }).trim()).toBe('0')
  })

  test('a whole tree in motion: every checkpoint holds only what some moment held', async () => {
    using world = makeWorld()
    makeCommit(
      world.root,
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d${i % 4}/f${i}`, 'cut'])),
    )
    mkdirSync(join(world.folder, 'host'))
    for (let i = 0; i < 40; i++) writeFileSync(join(world.folder, 'host', `f${i}`), 'secret')
    const { path, commit } = await cutTask(world, 'one')
    const script = `trap 'exit 0' TERM; while :; do
      for i in 0 1 2 3; do mv d$i x; ln -s ${world.folder}/host d$i; rm d$i; mv x d$i; done
      for f in d*/f*; do printf agent > $f.new && mv $f.new $f; done 2>/dev/null
    done`
    const agent = spawn('bash', ['-c', script], { cwd: path, stdio: 'ignore' })
    const ended = once(agent, 'close')
    try {
      for (let n = 1; n <= 6; n++) {
        const made = await keep(world, commit, { count: n })
        if (made !== null) expect(git(world.hub, 'grep', '-h', '', made)).not.toContain('secret')
      }
    } finally {
      agent.kill()
      await ended
    }
  }, 30_000)
})
