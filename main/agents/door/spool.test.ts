import { execFileSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attemptId, projectId, runId, taskId } from '../../domain/ids.ts'
import { answer, type Door, type DoorReply, type DoorRequest, type DoorService, refuse } from './door.ts'
import { serveSpool } from './spool.ts'

/** Agents are another user where the tests run as root. */
const UID = 12345
const owner = process.getuid?.() === 0 ? { uid: UID, gid: UID } : null

let folder: string
let exchange: string
let doorFolder: string
let calls: DoorRequest[]
let uploads: { name: string; type: string | null; bytes: number; id: string | null }[]
let reply: (request: DoorRequest) => Promise<DoorReply> | DoorReply
let lines: string[]
/** Calls that large requests count as besides. */
let admitted: number[]
let stop: (() => Promise<void>) | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphi-spool-'))
  exchange = join(folder, 'exchange')
  doorFolder = join(folder, 'door')
  mkdirSync(exchange)
  mkdirSync(join(doorFolder, 'replies'), { recursive: true })
  if (owner !== null) chownSync(exchange, UID, UID)
  calls = []
  uploads = []
  lines = []
  admitted = []
  reply = ({ args }) => answer({ message: 1, recipients: ['a'], args })
})
afterEach(async () => {
  await stop?.()
  stop = undefined
  rmSync(folder, { recursive: true, force: true })
})

const service: DoorService = {
  admit: (_door, count = 1) => {
    admitted.push(count)
    return count > 10 ? refuse('too-many', 'large', 'Wait.', 1) : undefined
  },
  call: async (_door, request) => {
    calls.push(request)
    return reply(request)
  },
  upload: async (_door, { data, name, type, requestId }) => {
    let bytes = 0
    for await (const piece of data) bytes += piece.length
    uploads.push({ name, type, bytes, id: requestId })
    return answer({ path: name, type: 'code', hash: 'ab', bytes })
  },
}

async function open(more: { pollMs?: number; keepMs?: number } = {}): Promise<void> {
  const run = runId('run-1')
  const id = attemptId(run, taskId('a'), 1)
  const of = { project: projectId('p'), run, task: 0, attempt: 1, id, exchange, onHost: false }
  const door: Door = { of, folder: doorFolder, context: folder, closed: new AbortController().signal }
  const opened = await serveSpool({ owner, log: (line) => lines.push(line), pollMs: 50, ...more })(
    door,
    service,
  )
  stop = async () => {
    stop = undefined
    await opened.close()
  }
}

const requests = (): string => join(exchange, 'requests')
const at = (id: string, kind = 'json'): string => join(doorFolder, 'replies', `${id}.${kind}`)

function own(path: string): void {
  if (owner !== null) chownSync(path, UID, UID)
}

function ask(id: string, request: unknown): void {
  const file = join(requests(), `${id}.json`)
  writeFileSync(`${file}.tmp`, typeof request === 'string' ? request : JSON.stringify(request))
  own(`${file}.tmp`)
  renameSync(`${file}.tmp`, file)
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); await delay(5)) {
    if (Date.now() > end) throw new Error(`never: ${condition}`)
  }
}

async function replyTo(id: string): Promise<{ status: number; body: Record<string, unknown> }> {
  await until(() => existsSync(at(id)))
  return JSON.parse(readFileSync(at(id), 'utf8')) as { status: number; body: Record<string, unknown> }
}

describe('requests by file', () => {
  it('are answered with their name as the Request-Id, and the answer goes with the request', async () => {
    await open()
    ask('one', { verb: 'send', args: { to: 'b' } })
    expect(await replyTo('one')).toEqual({
      status: 200,
      body: { ok: true, message: 1, recipients: ['a'], args: { to: 'b' } },
    })
    expect(calls).toMatchObject([{ verb: 'send', args: { to: 'b' }, requestId: 'one' }])
    expect(statSync(at('one')).mode & 0o777).toBe(0o400)
    if (owner !== null) expect(statSync(at('one')).uid).toBe(UID)
    rmSync(join(requests(), 'one.json'))
    await until(() => !existsSync(at('one')))
    expect(readdirSync(join(doorFolder, 'replies'))).toEqual([])
  })

  it('are answered in words where these are asked for', async () => {
    await open()
    ask('words', { verb: 'send', args: {}, accept: 'text/plain' })
    await until(() => existsSync(at('words', 'txt')))
    expect(readFileSync(at('words', 'txt'), 'utf8')).toBe('200\nm1 to a\n')
  })

  it('bring bytes, and get them', async () => {
    await open()
    writeFileSync(join(folder, 'stored'), 'bytes')
    reply = () => ({ ...answer({ hash: 'h' }), file: { path: join(folder, 'stored'), bytes: 5, hash: 'h' } })
    ask('get', { verb: 'artifact-get', args: { hash: 'h' } })
    await replyTo('get')
    expect(readFileSync(at('get', 'data'), 'utf8')).toBe('bytes')
    writeFileSync(join(requests(), 'up.data'), Buffer.alloc(100_000))
    own(join(requests(), 'up.data'))
    ask('up', { upload: { name: 'a/b.bin', type: 'code' } })
    expect(await replyTo('up')).toMatchObject({ status: 200, body: { bytes: 100_000 } })
    expect(uploads).toEqual([{ name: 'a/b.bin', type: 'code', bytes: 100_000, id: 'up' }])
  })

  it('are left for the next engine when this one stops, and answered once', async () => {
    await open()
    reply = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(refuse('unavailable', 'stopping', 'Again.', 1)))
      })
    ask('long', { verb: 'inbox', args: { wait: 50 } })
    await until(() => calls.length === 1)
    await stop!()
    expect(readdirSync(join(doorFolder, 'replies'))).toEqual([])
    reply = () => answer()
    await open()
    expect((await replyTo('long')).status).toBe(200)
    expect(calls.map(({ requestId }) => requestId)).toEqual(['long', 'long'])
    await stop!()
    await open()
    ask('next', { verb: 'hello' })
    await replyTo('next')
    expect(calls.map(({ requestId }) => requestId)).toEqual(['long', 'long', 'next'])
  })

  it('are tried again when the engine is busy, and told nothing of it', async () => {
    await open()
    let busy = 1
    reply = () => (busy-- > 0 ? refuse('unavailable', 'busy', 'Again.', 0.05) : answer())
    ask('busy', { verb: 'progress' })
    expect((await replyTo('busy')).status).toBe(200)
    expect(calls).toHaveLength(2)
  })

  it('that nobody waits for any more are given up', async () => {
    await open()
    const aborted = new Promise<void>((resolve) => {
      reply = ({ signal }) =>
        new Promise((done) => {
          signal.addEventListener('abort', () => {
            resolve()
            done(refuse('unavailable', 'stopping', 'Again.'))
          })
        })
    })
    ask('given-up', { verb: 'inbox' })
    await until(() => calls.length === 1)
    rmSync(join(requests(), 'given-up.json'))
    await aborted
    await stop!()
    expect(readdirSync(join(doorFolder, 'replies'))).toEqual([])
  })

  it('whose answer nobody fetches go after a while', async () => {
    await open({ keepMs: 100 })
    ask('old', { verb: 'hello' })
    await replyTo('old')
    await until(() => !existsSync(at('old')) && !existsSync(join(requests(), 'old.json')))
  })
})

describe('an agent', () => {
  it('gets a reason for what is not a request', async () => {
    await open()
    const cases: readonly (readonly [id: string, text: string, status: number])[] = [
      ['broken', '{"verb":', 400],
      ['list', '[1]', 400],
      ['null', 'null', 400],
      ['odd', '{"upload": {"name": 1}}', 400],
      ['no-data', '{"upload": {"name": "x"}}', 400],
      ['deep', `{"verb":"x","args":${'['.repeat(200)}${']'.repeat(200)}}`, 400],
      ['large', JSON.stringify({ verb: 'x', args: 'y'.repeat(1024 * 1024) }), 413],
    ]
    for (const [id, text] of cases) ask(id, text)
    for (const [id, , status] of cases) {
      const { body, ...rest } = await replyTo(id)
      expect([id, rest.status]).toEqual([id, status])
      expect(body).toMatchObject({ ok: false, reason: expect.any(String), remedy: expect.any(String) })
    }
    expect(calls).toEqual([])
  })

  it.runIf(process.platform === 'linux')(
    'cannot have links, pipes, devices or others’ files read',
    async () => {
      await open()
      const secret = join(folder, 'secret')
      writeFileSync(secret, JSON.stringify({ verb: 'secret' }))
      const place = (id: string): string => join(requests(), `${id}.json`)
      symlinkSync(secret, place('link'))
      symlinkSync('/dev/zero', place('zero'))
      symlinkSync(place('loop'), place('loop'))
      execFileSync('mkfifo', [place('pipe')])
      mkdirSync(place('folder'))
      linkSync(secret, place('second'))
      if (owner !== null) {
        writeFileSync(place('roots'), JSON.stringify({ verb: 'roots' }))
        execFileSync('mknod', [place('device'), 'c', '1', '5'])
      }
      symlinkSync(secret, join(requests(), 'up.data'))
      ask('up', { upload: { name: 'x' } })
      const odd = ['link', 'zero', 'loop', 'pipe', 'folder', 'second', 'up']
      for (const id of [...odd, ...(owner === null ? [] : ['roots', 'device'])]) {
        expect([id, (await replyTo(id)).status]).toEqual([id, 400])
      }
      expect([calls, uploads]).toEqual([[], []])
      ask('fine', { verb: 'hello' })
      expect((await replyTo('fine')).status).toBe(200)
    },
  )

  it.runIf(process.platform === 'linux')(
    'cannot lead us to another folder, and may make its own anew',
    async () => {
      const elsewhere = join(folder, 'elsewhere')
      mkdirSync(elsewhere)
      writeFileSync(join(elsewhere, 'theirs.json'), JSON.stringify({ verb: 'theirs' }))
      own(join(elsewhere, 'theirs.json'))
      symlinkSync(elsewhere, requests())
      await open({ keepMs: 1 })
      await delay(200)
      expect(calls).toEqual([])
      expect(readdirSync(elsewhere)).toEqual(['theirs.json'])
      rmSync(requests())
      writeFileSync(requests(), 'a file')
      await delay(100)
      rmSync(requests())
      mkdirSync(requests())
      own(requests())
      ask('back', { verb: 'hello' })
      await until(() => calls.length === 1)
      renameSync(requests(), join(exchange, 'aside'))
      mkdirSync(requests())
      own(requests())
      ask('anew', { verb: 'hello' })
      await until(() => calls.some(({ requestId }) => requestId === 'anew'))
      expect(lines).toEqual([])
    },
  )

  it('counts as more calls when it is large', async () => {
    await open()
    ask('small', { verb: 'send' })
    ask('large', { verb: 'send', args: 'x'.repeat(200 * 1024) })
    ask('larger', { verb: 'send', args: 'x'.repeat(900 * 1024) })
    expect((await replyTo('large')).status).toBe(200)
    expect((await replyTo('larger')).status).toBe(429)
    await replyTo('small')
    expect(admitted.toSorted((a, b) => a - b)).toEqual([3, 14])
  })

  it('gets four files at once, also where more are asked for together', async () => {
    writeFileSync(join(folder, 'stored'), Buffer.alloc(1024 * 1024))
    reply = () => ({ ...answer(), file: { path: join(folder, 'stored'), bytes: 1024 * 1024, hash: 'h' } })
    const ids = Array.from({ length: 10 }, (_, i) => `get-${i}`)
    await open()
    for (const id of ids) ask(id, { verb: 'artifact-get' })
    const statuses = await Promise.all(ids.map(async (id) => (await replyTo(id)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(4)
    expect(readdirSync(join(doorFolder, 'replies')).filter((name) => name.endsWith('.data'))).toHaveLength(4)
  })

  it('has names that are none of ours passed over', async () => {
    await open()
    for (const name of [
      'a b.json',
      'new\nline.json',
      '.json',
      `${'x'.repeat(65)}.json`,
      'x.json.tmp',
      '..json',
      'ü.json',
    ]) {
      writeFileSync(join(requests(), name), JSON.stringify({ verb: 'odd' }))
    }
    ask('fine', { verb: 'hello' })
    await replyTo('fine')
    expect(calls.map(({ verb }) => verb)).toEqual(['hello'])
  })

  it('with huge files and thousands of them gets its answers all the same', async () => {
    await open()
    const huge = join(requests(), 'huge.json')
    writeFileSync(huge, '')
    truncateSync(huge, 50 * 1024 ** 3)
    own(huge)
    for (let i = 0; i < 12_000; i++) writeFileSync(join(requests(), `junk ${i}`), '')
    expect((await replyTo('huge')).status).toBe(413)
    rmSync(huge)
    await until(() => !existsSync(at('huge')))
  })

  it('that fetches nothing gets no more than so many answers, and all of them in the end', async () => {
    await open()
    const ids = Array.from({ length: 200 }, (_, i) => `n${i}`)
    for (const id of ids) ask(id, { verb: 'hello' })
    await until(
      () => readdirSync(join(doorFolder, 'replies')).filter((name) => !name.startsWith('.')).length >= 64,
    )
    await delay(150)
    expect(calls.length).toBeLessThan(64 + 17)
    const seen = new Set<string>()
    await until(() => {
      for (const name of readdirSync(join(doorFolder, 'replies')).filter((one) => !one.startsWith('.'))) {
        seen.add(name)
        rmSync(join(requests(), name), { force: true })
      }
      return seen.size === ids.length
    })
    expect(calls).toHaveLength(ids.length)
  })
})
