import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCgroups, ranOutOfMemory, settings } from './cgroup.ts'
import { searchPath } from './environment.ts'
import { launchOf } from './launch.ts'
import { excessOf } from './limitWatch.ts'
import { makePassage } from './passage.ts'
import { lookAt, parsePs, parseStat } from './processes.ts'
import { familyOf } from './tree.ts'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'amphi-pure-')))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('reading processes', () => {
  it('reads a line of /proc, whatever the name in it', () => {
    const rest = `S 7 42 40 0 -1 0 0 0 0 0 150 50 20 30 20 0 1 0 98765 1000 250 ${'0 '.repeat(28)}`
    for (const name of ['sh', 'a b', ') S 1 1 1', 'x) (y']) {
      expect(parseStat(42, `42 (${name}) ${rest}`)).toEqual({
        pid: 42,
        start: '98765',
        parent: 7,
        group: 42,
        session: 40,
        stopped: false,
        blocked: false,
        dead: false,
        cpuMs: 2_500,
        memoryBytes: 250 * 4096,
      })
    }
  })

  it('reads the lines of ps', () => {
    const line = '  812   1   812      0 T     1-02:03:04.50  20480 Sat Nov 21 06:43:26 2026'
    const expected = {
      pid: 812,
      start: 'Sat Nov 21 06:43:26 2026',
      parent: 1,
      group: 812,
      stopped: true,
      dead: false,
    }
    expect(parsePs(`${line}\n\nnonsense\n`)).toMatchObject([
      { ...expected, cpuMs: 93_784_500, memoryBytes: 20480 * 1024 },
    ])
  })

  it('knows itself, and nobody by an id that is not given', () => {
    expect(lookAt(process.pid)).toMatchObject({ pid: process.pid, parent: process.ppid, dead: false })
    expect(lookAt(2 ** 22 + 5)).toBeUndefined()
  })

  it('finds a family by parents, group and session', () => {
    const one = (pid: number, parent: number, group: number, session: number) => ({
      ...parseStat(pid, `${pid} (x) S ${parent} ${group} ${session} ${'0 '.repeat(40)}`),
    })
    const all = [
      one(10, 1, 10, 10),
      one(11, 10, 11, 11),
      one(12, 11, 12, 12),
      one(13, 1, 13, 10),
      one(14, 1, 14, 14),
    ]
    expect(
      familyOf(10, all)
        .map(({ pid }) => pid)
        .sort(),
    ).toEqual([10, 11, 12, 13])
  })
})

describe('limits', () => {
  it('ends an agent for what is over its limit only', () => {
    const family = [{ memoryBytes: 60 }, { memoryBytes: 50 }]
    expect(excessOf(family, { memoryBytes: 110, processes: 2 })).toBeUndefined()
    expect(excessOf(family, { memoryBytes: 109, processes: null })).toEqual({ oomKilled: true, error: null })
    expect(excessOf(family, { memoryBytes: null, processes: 1 })).toMatchObject({ oomKilled: false })
    expect(excessOf(family, { memoryBytes: null, processes: null })).toBeUndefined()
  })

  it('writes control group settings for the controllers there are', () => {
    const limits = { cpus: 1.5, memoryBytes: 1024, pids: 7 }
    expect(settings(['cpu', 'pids'], limits)).toEqual([
      ['cpu.max', '150000 100000'],
      ['pids.max', '7'],
    ])
    expect(settings(['memory'], limits)).toEqual([
      ['memory.max', '1024'],
      ['memory.swap.max', '0'],
    ])
  })

  it('makes no control groups where there are none, and tells an end for want of memory', () => {
    writeFileSync(join(folder, 'self'), '0::/user.slice/app\n')
    const none = openCgroups('x', join(folder, 'nothing'), join(folder, 'self'))
    expect(none.make('k', { cpus: 1, memoryBytes: 1, pids: 1 })).toBeNull()
    expect(none.controllers).toEqual([])
    expect(ranOutOfMemory(folder)).toBe(false)
    writeFileSync(join(folder, 'memory.events'), 'low 0\noom 2\noom_kill 1\n')
    expect(ranOutOfMemory(folder)).toBe(true)
  })
})

describe('launching', () => {
  const plain = {
    shell: '/bin/sh',
    command: 'a "b"',
    cgroup: null,
    owner: null,
    cover: [],
    setpriv: undefined,
    unshare: undefined,
  }

  it('hands the command on as an argument, whatever is around it', () => {
    expect(launchOf(plain)).toEqual({ file: '/bin/sh', args: ['-c', 'a "b"'] })
    const all = {
      ...plain,
      cgroup: '/c',
      owner: { uid: 5, gid: 6 },
      cover: ['/w', '/mnt', '--'],
      setpriv: 'sp',
      unshare: 'un',
    }
    const { file, args } = launchOf(all)
    const words = [file, ...args]
    expect(words.slice(-3)).toEqual(['/bin/sh', '-c', 'a "b"'])
    const order = ['/c', 'un', '/w', '5', 'sp', '--reuid=5', '--regid=6', '--no-new-privs'].map((word) =>
      words.indexOf(word),
    )
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(order).not.toContain(-1)
  })

  it('puts the program’s Node first and leaves out what npm adds', () => {
    const PATH = ['/p/node_modules/.bin', 'relative', '', '/usr/bin', '/opt/tools', '/x/node-gyp-bin'].join(
      ':',
    )
    expect(searchPath('/n/bin/node', { PATH })).toBe('/n/bin:/usr/bin:/opt/tools:/usr/local/bin:/bin')
  })
})

describe.runIf(process.getuid?.() === 0)('the way to an agent’s files, where the engine is root', () => {
  const owner = { uid: 12345, gid: 12345 }

  it('is as it is where every folder may be passed', () => {
    const open = join(folder, 'open/work')
    mkdirSync(open, { recursive: true })
    chmodSync(folder, 0o711)
    expect(makePassage([{ path: open, access: 'rw' }], open, owner, folder, true)).toEqual({ cover: [] })
    chmodSync(folder, 0o700)
  })

  it('is a view of its own where the system allows it', () => {
    const work = join(folder, 'open/work')
    const { cover } = makePassage([{ path: work, access: 'rw' }], work, owner, folder, true)
    expect(cover).toEqual([work, '/mnt', 'over', folder, 'rw', work, 'done', folder, '--'])
  })

  it('is opened to the agent’s group where it is the program’s own, and refused where it is not', () => {
    const ours = join(folder, 'ours')
    const work = join(ours, 'work')
    mkdirSync(work, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o711)
    makePassage([{ path: work, access: 'rw' }], work, owner, ours, false)
    expect(statSync(ours)).toMatchObject({ gid: 12345 })
    expect(statSync(ours).mode & 0o777).toBe(0o710)
    chmodSync(folder, 0o700)
    expect(() => makePassage([{ path: work, access: 'rw' }], work, owner, ours, false)).toThrow(
      `Agents run as user 12345, who may not enter ${folder}.`,
    )
  })
})
