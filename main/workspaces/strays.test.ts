import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { WatchRequest } from '../engine/ports/strays.ts'
import { createGit } from './git.ts'
import { readIndex } from './gitIndex.ts'
import { openHub } from './hub.ts'
import { openerInside } from './inside.ts'
import { StrayFinder, type StrayLimits } from './strays.ts'
import {
  attempt,
  type Cut,
  cutTask,
  type Files,
  git,
  makeCommit,
  makeWorld,
  type World,
  writeFiles,
} from './testHelpers.ts'

const FILES: Files = {
  '.gitignore': 'dist/\nnode_modules/\n*.tmp\n',
  'src/a.ts': '1',
  'src/api/b.ts': '1',
  'docs/c.md': '1',
  'docs/deep/d.md': '1',
  'run.sh': '#!/bin/sh\n',
}

/** Strays of a clone as `kind path`, sorted. */
async function straysOf(
  world: World,
  cut: Cut,
  writes: readonly string[],
  paths: readonly string[] = [''],
  limits?: StrayLimits,
): Promise<string[]> {
  const hub = (await openHub(createGit(), join(world.dataDir, 'projects', 'demo')))!
  const folder = join(cut.path, '..')
  const tracked = await readIndex(join(folder, 'index'), hub.format)
  const place = { hub, work: cut.path, scratch: folder, tracked, open: await openerInside(cut.path) }
  const { strays, cutShort } = await new StrayFinder(place, limits).look(paths, writes)
  return [
    ...strays.map(({ kind, path }) => `${kind} ${path}`),
    ...cutShort.map((path) => `cut short ${path}`),
  ].sort()
}

async function straysAfter(
  edit: (work: string, world: World) => void,
  writes: readonly string[] = ['src/**'],
  paths?: readonly string[],
): Promise<string[]> {
  using world = makeWorld()
  makeCommit(world.root, FILES)
  const cut = await cutTask(world, 'one')
  edit(cut.path, world)
  return await straysOf(world, cut, writes, paths)
}

describe('what counts as written outside what an agent may write', () => {
  test('a file that was settled to belong to another, in a folder that is declared as a whole', async () => {
    const edit = (work: string): void => {
      writeFiles(work, { 'src/a.ts': '2', 'src/api/b.ts': '2', 'src/api/new.ts': '2' })
    }
    expect(await straysAfter(edit, ['src/**', '!src/a.ts'])).toEqual(['changed src/a.ts'])
    expect(await straysAfter(edit, ['src/**', '!src/api/**'])).toEqual([
      'changed src/api/b.ts',
      'new src/api/new.ts',
    ])
    expect(await straysAfter(edit, ['**', '!src/api/b.ts'])).toEqual(['changed src/api/b.ts'])
  })

  test('changed, new and gone files; not what it declared', async () => {
    const found = await straysAfter((work) => {
      writeFiles(work, {
        'src/a.ts': '2',
        'src/new/x.ts': '1',
        'docs/c.md': '2',
        'more/deep/y': '1',
        top: '1',
      })
      rmSync(join(work, 'docs/deep'), { recursive: true })
    })
    expect(found).toEqual(['changed docs/c.md', 'gone docs/deep/d.md', 'new more/deep/y', 'new top'])
  })

  test('not what is touched only, written with the same bytes, git-ignored or a by-product', async () => {
    const found = await straysAfter((work) => {
      utimesSync(join(work, 'docs/c.md'), 1, 1)
      writeFileSync(join(work, 'docs/deep/d.md'), '1')
      const free = { 'dist/x': '1', 'docs/node_modules/p/i.js': '1', 'new/dist/y': '1', 'z.tmp': '1' }
      writeFiles(work, { ...free, 'debug.log': '1', 'agent-notes/n.md': '1', 'cache.sqlite': '1' })
      mkdirSync(join(work, 'empty/folder'), { recursive: true })
    })
    expect(found).toEqual([])
  })

  test('by the ignore rules of the cut, not of the agent', async () => {
    expect(await straysAfter((work) => writeFiles(work, { '.gitignore': '*\n', 'docs/x': '1' }))).toEqual([
      'changed .gitignore',
      'new docs/x',
    ])
  })

  test('a mode, a link, a file in place of a folder and a folder in place of a file', async () => {
    const found = await straysAfter((work) => {
      chmodSync(join(work, 'run.sh'), 0o755)
      rmSync(join(work, 'docs'), { recursive: true })
      symlinkSync('/etc', join(work, 'docs'))
      rmSync(join(work, '.gitignore'))
      writeFiles(work, { '.gitignore/x': '1' })
    })
    expect(found).toEqual([
      'changed run.sh',
      'gone .gitignore',
      'gone docs/c.md',
      'gone docs/deep/d.md',
      'new .gitignore/x',
      'new docs',
    ])
  })

  test('only at the paths asked for, and below them', async () => {
    const edit = (work: string): void => {
      writeFiles(work, { 'docs/c.md': '2', 'more/x': '1', top: '1' })
      rmSync(join(work, 'docs/deep'), { recursive: true })
    }
    expect(await straysAfter(edit, [], ['more'])).toEqual(['new more/x'])
    expect(await straysAfter(edit, [], ['docs/deep/d.md', 'docs/c.md', 'nothing/here'])).toEqual([
      'changed docs/c.md',
      'gone docs/deep/d.md',
    ])
    expect(await straysAfter(edit, [], ['docs/deep'])).toEqual(['gone docs/deep/d.md'])
  })

  test('special files, repositories in the files, names that are no text and links to the host tell nothing', async () => {
    const found = await straysAfter((work, world) => {
      mkdirSync(join(world.folder, 'host'))
      writeFileSync(join(world.folder, 'host', 'secret'), 'x')
      execFileSync(
        'bash',
        ['-c', `mkfifo pipe .gitattributes; mkdir -p d/.git; : > d/.git/config; : > $'\\xff'`],
        { cwd: work },
      )
      renameSync(join(work, 'docs/deep'), join(work, 'src/deep'))
      symlinkSync(join(world.folder, 'host'), join(work, 'docs/deep'))
    })
    expect(found).toEqual(['gone docs/deep/d.md', 'new docs/deep'])
  })

  test('a tree that is too deep or holds too much is named and not looked into', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'deep/a/b/c/d/e': '1', 'wide/1': '1', 'wide/2': '1', 'wide/3': '1' })
    expect(await straysOf(world, cut, [], [''], { maxDepth: 2, maxEntries: 100 })).toEqual([
      'cut short deep/a',
      'new wide/1',
      'new wide/2',
      'new wide/3',
    ])
    expect(await straysOf(world, cut, [], ['wide'], { maxDepth: 9, maxEntries: 2 })).toEqual([
      'cut short wide',
    ])
  })
})

/** A watch whose reports can be waited for. */
async function watching(world: World, cut: Cut, writes: () => readonly string[] = () => ['src/**']) {
  const told: string[][] = []
  const waiters: (() => void)[] = []
  const troubles: string[] = []
  const request: WatchRequest = {
    ...world.run,
    attempt: attempt(world, 'one'),
    cut: cut.commit,
    writes,
    found: (paths) => {
      told.push([...paths])
      for (const wake of waiters.splice(0)) wake()
    },
    trouble: (message) => troubles.push(message),
  }
  const watch = await world.workspaces.watch(request)
  return {
    told,
    troubles,
    watch,
    next: async (): Promise<string[]> => {
      if (told.length === 0) await new Promise<void>((resolve) => waiters.push(resolve))
      return told.shift()!
    },
    [Symbol.dispose]: () => watch.close(),
  }
}

describe('a watched clone', () => {
  test('tells of what was written before the watch and of each path once, until it is clean again', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'docs/c.md': '2' })
    using w = await watching(world, cut)
    expect(await w.next()).toEqual(['docs/c.md'])
    writeFiles(cut.path, { 'docs/c.md': '3', 'src/api/new.ts': '1', 'other/new': '1' })
    expect(await w.next()).toEqual(['other/new'])
    writeFiles(cut.path, { 'docs/c.md': '1' })
    rmSync(join(cut.path, 'other'), { recursive: true })
    writeFiles(cut.path, { 'docs/e': '1' })
    expect(await w.next()).toEqual(['docs/e'])
    writeFiles(cut.path, { 'docs/c.md': '4' })
    expect(await w.next()).toEqual(['docs/c.md'])
    expect([w.told, w.troubles]).toEqual([[], []])
  })

  test('sees into folders made, moved and made anew while it watches', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    using w = await watching(world, cut, () => ['src/*.ts'])
    writeFiles(cut.path, { mark: '1' })
    expect(await w.next()).toEqual(['mark'])
    mkdirSync(join(cut.path, 'new/a/b'), { recursive: true })
    writeFiles(cut.path, { mark2: '1' })
    expect(await w.next()).toEqual(['mark2'])
    writeFiles(cut.path, { 'new/a/b/file': '1' })
    expect(await w.next()).toEqual(['new/a/b/file'])
    renameSync(join(cut.path, 'new'), join(cut.path, 'newer'))
    expect(await w.next()).toEqual(['newer/a/b/file'])
    writeFiles(cut.path, { 'newer/a/b/second': '1' })
    expect(await w.next()).toEqual(['newer/a/b/second'])
    rmSync(join(cut.path, 'newer'), { recursive: true })
    writeFiles(cut.path, { 'newer/a/third': '1' })
    expect(await w.next()).toEqual(['newer/a/third'])
  })

  test('takes no notice of files that come and go, or are written through a temporary one', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    using w = await watching(world, cut, () => ['src/*.ts'])
    for (let i = 0; i < 20; i++) {
      writeFiles(cut.path, { [`docs/.c.md.${i}`]: '1', [`src/t${i}`]: 'x' })
      renameSync(join(cut.path, `docs/.c.md.${i}`), join(cut.path, 'docs/c.md'))
      renameSync(join(cut.path, `src/t${i}`), join(cut.path, 'src/a.ts'))
      await sleep(15)
    }
    writeFiles(cut.path, { mark: '1' })
    expect(await w.next()).toEqual(['mark'])
  })

  test('what it may write can grow meanwhile', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    let writes = ['src/**']
    using w = await watching(world, cut, () => writes)
    writes = ['src/**', 'docs/c.md']
    writeFiles(cut.path, { 'docs/c.md': '2', 'docs/x': '1' })
    expect(await w.next()).toEqual(['docs/x'])
  })

  test('a flood of events costs little, and what it hides is found', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    using w = await watching(world, cut, () => ['docs/*', 'mark'])
    writeFiles(cut.path, { first: '1' })
    expect(await w.next()).toEqual(['first'])
    const before = process.cpuUsage()
    const script = `const fs=require('fs');const a=fs.openSync('docs/f1','w'),b=fs.openSync('docs/f2','w');const end=Date.now()+2000;let n=0;while(Date.now()<end){fs.writeSync(a,'x');fs.writeSync(b,'x');n+=2};fs.writeFileSync('run.sh','2');console.log(n)`
    const { promisify } = await import('node:util')
    const { execFile } = await import('node:child_process')
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: cut.path })
    const used = process.cpuUsage(before)
    console.log(
      `${stdout.trim()} writes in 2 s cost ${Math.round((used.user + used.system) / 1000)} ms of the engine`,
    )
    expect(await w.next()).toEqual(['run.sh'])
  })

  test('ten thousand files are watched, and what it costs is told', async () => {
    using world = makeWorld()
    git(world.root, 'config', 'gc.auto', '0')
    const files: Record<string, string> = { '.gitignore': 'node_modules/\n' }
    for (let i = 0; i < 10_000; i++) files[`src/m${i % 50}/d${i % 500}/f${i}.ts`] = `${i}`
    makeCommit(world.root, files)
    const cut = await cutTask(world, 'one')
    const cpu = process.cpuUsage()
    const began = performance.now()
    using w = await watching(world, cut, () => ['src/*/d1/*'])
    writeFiles(cut.path, { 'src/m0/mark': '1' })
    expect(await w.next()).toEqual(['src/m0/mark'])
    const first = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    const again = performance.now()
    writeFiles(cut.path, { 'src/m1/d51/f51.ts': 'changed' })
    expect(await w.next()).toEqual(['src/m1/d51/f51.ts'])
    const seen = Math.round(performance.now() - again)
    const ignored = process.cpuUsage()
    for (let i = 0; i < 2_000; i++) writeFiles(cut.path, { [`node_modules/p${i % 100}/f${i}.js`]: '1' })
    await sleep(300)
    const spent = process.cpuUsage(ignored)
    console.log(
      `10,000 files: first look and a stray in ${Math.round(first)} ms (${Math.round((user + system) / 1000)} ms of CPU), ` +
        `a later one in ${seen} ms; 2,000 git-ignored files written and watched: ${Math.round((spent.user + spent.system) / 1000)} ms of CPU`,
    )
    expect(w.told).toEqual([])
  })

  test('a closed watch tells nothing', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    const w = await watching(world, cut)
    w.watch.close()
    w.watch.close()
    writeFiles(cut.path, { mark: '1' })
    await sleep(400)
    expect(w.told).toEqual([])
  })
})

describe('setting aside', () => {
  const request = (world: World, cut: Cut, more: object = {}) => ({
    ...world.run,
    attempt: attempt(world, 'one'),
    cut: cut.commit,
    writes: ['src/**'],
    count: 1,
    restore: true,
    time: 1_700_000_000_000,
    ...more,
  })
  const read = (cut: Cut, path: string): string => readFileSync(join(cut.path, path), 'utf8')

  function stray(work: string): void {
    writeFiles(work, { 'src/a.ts': 'mine', 'docs/c.md': '2\n', 'more/deep/y': 'y', top: 't' })
    rmSync(join(work, 'docs/deep'), { recursive: true })
    symlinkSync('../run.sh', join(work, 'more/link'))
    chmodSync(join(work, 'run.sh'), 0o755)
  }

  test('its diff keeps no credentials, what is put back is whole', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { '.env': 'PORT=1\nDB_PASSWORD=hunter2hunter2\n' })
    const aside = await world.workspaces.setAside(request(world, cut))
    const patch = readFileSync(
      (await world.workspaces.artifactPath(world.run.project, aside.patch!))!,
      'utf8',
    )
    expect(patch).toContain('+PORT=1\n+DB_PASSWORD=[redacted]\n')
    await world.workspaces.putBack(request(world, cut))
    expect(read(cut, '.env')).toBe('PORT=1\nDB_PASSWORD=hunter2hunter2\n')
  })

  test('keeps all of it with a diff, puts the files back, and gives them again', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    stray(cut.path)
    const aside = await world.workspaces.setAside(request(world, cut))
    expect(aside.left).toEqual([])
    expect(aside.paths).toEqual(['docs/c.md', 'docs/deep/d.md', 'more/deep/y', 'more/link', 'run.sh', 'top'])
    const patch = readFileSync(
      (await world.workspaces.artifactPath(world.run.project, aside.patch!))!,
      'utf8',
    )
    expect(patch).toContain(
      '--- a/docs/c.md\n+++ b/docs/c.md\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+2\n',
    )
    expect(await straysOf(world, cut, ['src/**'])).toEqual([])
    expect([read(cut, 'src/a.ts'), read(cut, 'docs/c.md'), read(cut, 'docs/deep/d.md')]).toEqual([
      'mine',
      '1',
      '1',
    ])
    expect(execFileSync('ls', ['-A', cut.path]).toString().split('\n').filter(Boolean)).not.toContain('more')

    expect(await world.workspaces.setAside(request(world, cut))).toEqual(aside)
    await world.workspaces.putBack(request(world, cut))
    await world.workspaces.putBack(request(world, cut))
    expect(await straysOf(world, cut, ['src/**'])).toEqual([
      'changed docs/c.md',
      'changed run.sh',
      'gone docs/deep/d.md',
      'new more/deep/y',
      'new more/link',
      'new top',
    ])
    expect(read(cut, 'docs/c.md')).toBe('2\n')
  })

  test('what is left is what is too much, what cannot be named, and what nobody can read', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'a:b': '1', big: Buffer.alloc(17 * 1024 * 1024), fine: '1' })
    const aside = await world.workspaces.setAside(request(world, cut))
    expect(aside.paths).toEqual(['fine'])
    expect(aside.left).toEqual([
      { path: 'a:b', reason: 'colon in the name (a stream on Windows)' },
      { path: 'big', reason: 'too much to be kept' },
    ])
    expect(await straysOf(world, cut, [])).toEqual(['new a:b', 'new big'])
  })

  test('nothing is put back where the agent works on', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'docs/c.md': '2' })
    const aside = await world.workspaces.setAside(request(world, cut, { restore: false }))
    expect(aside).toMatchObject({ paths: ['docs/c.md'], left: [] })
    expect(read(cut, 'docs/c.md')).toBe('2')
  })

  test('nothing at all is nothing', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    expect(await world.workspaces.setAside(request(world, cut))).toEqual({
      commit: null,
      patch: null,
      paths: [],
      left: [],
    })
    await world.workspaces.putBack(request(world, cut))
  })

  test('after a crash in the middle: what was put back stays so, what changed since is left', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    writeFiles(cut.path, { 'docs/c.md': '2', 'docs/x': 'x', top: 't' })
    const kept = await world.workspaces.setAside(request(world, cut, { restore: false }))
    rmSync(join(cut.path, 'docs/x'))
    writeFiles(cut.path, { top: 'later' })
    const again = await world.workspaces.setAside(request(world, cut))
    expect(again).toMatchObject({
      commit: kept.commit,
      left: [{ path: 'top', reason: 'it was changed once more' }],
    })
    expect(read(cut, 'docs/c.md')).toBe('1')
    expect(read(cut, 'top')).toBe('later')
  })

  test('links the agent puts in the way lead nowhere', async () => {
    using world = makeWorld()
    makeCommit(world.root, FILES)
    const cut = await cutTask(world, 'one')
    mkdirSync(join(world.folder, 'host/deep'), { recursive: true })
    writeFiles(world.folder, { 'host/c.md': 'of the host', 'host/deep/d.md': 'of the host' })
    rmSync(join(cut.path, 'docs'), { recursive: true })
    symlinkSync(join(world.folder, 'host'), join(cut.path, 'docs'))
    const aside = await world.workspaces.setAside(request(world, cut))
    expect(aside.paths).toEqual(['docs', 'docs/c.md', 'docs/deep/d.md'])
    expect([read(cut, 'docs/c.md'), readFileSync(join(world.folder, 'host/c.md'), 'utf8')]).toEqual([
      '1',
      'of the host',
    ])
    // Once more while it is to be given back: the host's folder is still not touched.
    rmSync(join(cut.path, 'docs'), { recursive: true })
    symlinkSync(join(world.folder, 'host'), join(cut.path, 'docs'))
    await world.workspaces.putBack(request(world, cut))
    expect(readFileSync(join(world.folder, 'host/deep/d.md'), 'utf8')).toBe('of the host')
  })
})
