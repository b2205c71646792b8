import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommitId } from '../../domain/ids.ts'
import type { Foresight, LiveWorkRef, Outlook, WorkInSight } from '../../engine/ports/foresight.ts'
import {
  attempt,
  commitTask,
  cutTask,
  fingerprint,
  git,
  makeCommit,
  makeWorld,
  mergeTask,
  type World,
  writeFiles,
} from '../testHelpers.ts'
import { createForesight } from './createForesight.ts'

const LINES = Array.from({ length: 12 }, (_, n) => `line ${n}`)
const TEXT = `${LINES.join('\n')}\n`
const withLine = (n: number, text: string): string => `${LINES.with(n, text).join('\n')}\n`

function live(world: World, task: string, cut: CommitId, more: Partial<LiveWorkRef> = {}): LiveWorkRef {
  return { ...world.run, kind: 'live', id: attempt(world, task), cut, writes: ['**'], touched: true, ...more }
}

/** All pairs, with time enough. */
function look(foresight: Foresight, world: World, works: readonly WorkInSight[]): Promise<Outlook> {
  const pairs = works.flatMap((_, a) => works.slice(a + 1).map((_, b) => [a, a + 1 + b] as const))
  return foresight.look({ project: world.run.project, works, pairs, budgetMs: 60_000 })
}

describe('agents at work', () => {
  test('a conflict appears while both write, and goes when one takes its change back', async () => {
    using world = makeWorld()
    makeCommit(world.root, { 'src/a.ts': TEXT, 'src/b.ts': TEXT })
    const foresight = createForesight({ dataDir: world.dataDir })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    const works = [live(world, 'one', one.commit), live(world, 'two', two.commit)]
    expect((await look(foresight, world, works)).conflicts).toEqual([])
    writeFiles(one.path, { 'src/a.ts': withLine(3, 'mine') })
    writeFiles(two.path, { 'src/a.ts': withLine(9, 'yours') })
    expect((await look(foresight, world, works)).conflicts).toEqual([])
    writeFiles(two.path, { 'src/a.ts': withLine(3, 'yours') })
    const seen = await look(foresight, world, works)
    expect(seen.conflicts).toEqual([{ pair: [0, 1], files: ['src/a.ts'] }])
    expect((await look(foresight, world, works)).conflicts).toEqual(seen.conflicts)
    writeFiles(two.path, { 'src/a.ts': TEXT })
    expect((await look(foresight, world, works)).conflicts).toEqual([])
  })

  test('nothing of it touches clones, refs or the hub', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    writeFiles(one.path, { a: withLine(1, 'mine') })
    writeFiles(two.path, { a: withLine(1, 'yours'), new: 'x' })
    const before = [fingerprint(one.path), fingerprint(two.path), fingerprint(world.hub)]
    const foresight = createForesight({ dataDir: world.dataDir })
    await look(foresight, world, [live(world, 'one', one.commit), live(world, 'two', two.commit)])
    expect([fingerprint(one.path), fingerprint(two.path), fingerprint(world.hub)]).toEqual(before)
    await foresight.forget(world.run.project)
    expect(existsSync(join(world.dataDir, 'projects', 'demo', 'foresight'))).toBe(false)
  })

  test('only what a task declares to write counts', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    writeFiles(one.path, { a: withLine(1, 'mine') })
    writeFiles(two.path, { a: withLine(1, 'yours') })
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = [live(world, 'one', one.commit), live(world, 'two', two.commit, { writes: ['docs/**'] })]
    expect((await look(foresight, world, works)).conflicts).toEqual([])
  })

  test('what it read once it reads again only when it was touched, or is said to have been', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    writeFiles(one.path, { a: withLine(1, 'mine') })
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = (touched: boolean): LiveWorkRef[] => [
      live(world, 'one', one.commit),
      live(world, 'two', two.commit, { touched }),
    ]
    await look(foresight, world, works(true))
    writeFiles(two.path, { a: withLine(1, 'yours') })
    expect((await look(foresight, world, works(false))).cost).toMatchObject({ known: 1, merged: 0 })
    expect((await look(foresight, world, works(true))).conflicts).toHaveLength(1)
  })

  test('a folder moved by one and added to by the other is a conflict before either is done', async () => {
    using world = makeWorld()
    makeCommit(world.root, { 'src/a': TEXT, 'src/b': `b${TEXT}`, 'src/c': `c${TEXT}` })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    renameSync(join(one.path, 'src'), join(one.path, 'lib'))
    writeFiles(two.path, { 'src/new': 'x' })
    const foresight = createForesight({ dataDir: world.dataDir })
    const seen = await look(foresight, world, [
      live(world, 'one', one.commit),
      live(world, 'two', two.commit),
    ])
    expect(seen.conflicts.map(({ pair }) => pair)).toEqual([[0, 1]])
  })

  test('a file where the other makes a folder is called by its name, and both patches show it', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    writeFiles(one.path, { shared: 'file' })
    writeFiles(two.path, { 'shared/deep': 'folder' })
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = [live(world, 'one', one.commit), live(world, 'two', two.commit)]
    expect((await look(foresight, world, works)).conflicts).toEqual([{ pair: [0, 1], files: ['shared'] }])
    for (const [task, line] of [
      ['one', '+file'],
      ['two', '+folder'],
    ] as const) {
      const stored = await foresight.evidence(world.run.project, attempt(world, task), ['shared'])
      const path = await world.workspaces.artifactPath(world.run.project, stored!.hash)
      expect(readFileSync(path!, 'utf8')).toContain(line)
    }
  })

  test('links, pipes and files of the host are left alone', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT, 'd/b': TEXT })
    const { path, commit } = await cutTask(world, 'one')
    const other = await cutTask(world, 'two')
    rmSync(join(path, 'd'), { recursive: true })
    symlinkSync('/etc', join(path, 'd'))
    writeFiles(path, { a: withLine(1, 'mine') })
    git(path, 'config', 'core.fsmonitor', 'touch /tmp/never-run')
    writeFiles(other.path, { a: withLine(1, 'yours'), secret: 'x' })
    chmodSync(join(other.path, 'secret'), 0)
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = [live(world, 'one', commit), live(world, 'two', other.commit)]
    expect((await look(foresight, world, works)).conflicts).toEqual([{ pair: [0, 1], files: ['a'] }])
  })

  test('a clone that is gone says nothing about the others', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two, three] = [
      await cutTask(world, 'one'),
      await cutTask(world, 'two'),
      await cutTask(world, 'three'),
    ]
    for (const { path } of [one, two]) writeFiles(path, { a: withLine(1, path) })
    await world.workspaces.remove(world.run, attempt(world, 'three'))
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = [
      ['one', one],
      ['two', two],
      ['three', three],
    ] as const
    const seen = await look(
      foresight,
      world,
      works.map(([name, cut]) => live(world, name, cut.commit)),
    )
    expect(seen.conflicts.map(({ pair }) => pair)).toEqual([[0, 1]])
    expect(seen.unknown).toEqual([
      [0, 2],
      [1, 2],
    ])
    expect(seen.unread).toEqual([
      { id: attempt(world, 'three'), why: expect.stringContaining('run-1/three#1') },
    ])
  })
})

describe('what is already merged', () => {
  test('an agent cut before it is seen to clash with the branch of its run; the patches of both are kept', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const [one, two] = [await cutTask(world, 'one'), await cutTask(world, 'two')]
    writeFiles(one.path, { a: withLine(1, 'merged') })
    const { commit } = await commitTask(world, 'one', one.commit)
    const merged = await mergeTask(world, 'one', commit!)
    if (merged.status !== 'merged') throw new Error('not merged')
    writeFiles(two.path, { a: withLine(1, 'late') })
    const foresight = createForesight({ dataDir: world.dataDir })
    const works = [live(world, 'two', two.commit), { kind: 'fixed', id: 'tip', commit: merged.tip } as const]
    expect((await look(foresight, world, works)).conflicts).toEqual([{ pair: [0, 1], files: ['a'] }])
    const read = async (work: string): Promise<string> => {
      const stored = await foresight.evidence(world.run.project, work, ['a'])
      return readFileSync((await world.workspaces.artifactPath(world.run.project, stored!.hash))!, 'utf8')
    }
    expect(await read(attempt(world, 'two'))).toContain('+late')
    expect(await read('tip')).toContain('+merged')
    expect(await foresight.evidence(world.run.project, 'nobody', ['a'])).toBeNull()
  })

  test('what an earlier process left is begun anew', async () => {
    using world = makeWorld()
    makeCommit(world.root, { a: TEXT })
    const one = await cutTask(world, 'one')
    const left = join(world.dataDir, 'projects', 'demo', 'foresight', 'left')
    writeFiles(left, { over: 'x' })
    await look(createForesight({ dataDir: world.dataDir }), world, [live(world, 'one', one.commit)])
    expect(readdirSync(join(left, '..'))).toEqual(['objects'])
  })
})
