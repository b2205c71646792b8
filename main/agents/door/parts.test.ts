import type { IncomingMessage } from 'node:http'
import { Duplex, Readable } from 'node:stream'
import { setImmediate as soon } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { readJson } from './bodies.ts'
import { refuse } from './door.ts'
import { createHttpDoor } from './httpDoor.ts'
import { parseJson } from './json.ts'
import { DOOR_LIMITS, TokenBucket } from './limits.ts'
import { pathProblem } from './safePath.ts'

const LIMITS = { jsonDepth: 5, jsonValues: 10 }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each([
  ['[[[[[[1]]]]]]', 'levels'],
  ['['.repeat(1_000_000), 'levels'],
  [JSON.stringify(Array.from({ length: 12 }, () => 0)), 'values'],
  ['{"a":', 'too early'],
  ['{"a":1}}', 'not JSON'],
])('JSON that is too much or none is refused: %#', (text, reason) => {
  expect(parseJson(bytes(text), LIMITS)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) })
})

test('bytes that are no UTF-8 are refused, an empty body is no arguments', () => {
  expect(parseJson(new Uint8Array([0x22, 0xff, 0x22]), LIMITS)).toMatchObject({ ok: false })
  expect(parseJson(bytes(' '), LIMITS)).toEqual({ ok: true, value: {} })
})

test('what JSON.parse takes within the limits is taken as it is; brackets in texts do not count', () => {
  expect(parseJson(bytes('{"a":"[[[[[[[[,,,,,,,,,,,\\"{"}'), LIMITS).ok).toBe(true)
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      const parsed = parseJson(bytes(text), { jsonDepth: 64, jsonValues: 50_000 })
      expect(parsed).toEqual({ ok: true, value: JSON.parse(text) as unknown })
    }),
  )
})

test('strings with quotes and backslashes end where JSON says', () => {
  const parsed = fc.property(
    fc.array(fc.string({ unit: fc.constantFrom('"', '\\', '[', 'a', ',') })),
    (texts) => {
      expect(parseJson(bytes(JSON.stringify([texts])), { jsonDepth: 2, jsonValues: 10 }).ok).toBe(true)
    },
  )
  fc.assert(parsed)
})

test('a bucket lets the burst through, then the rate', () => {
  const bucket = new TokenBucket(50, 200, 0)
  const taken = (now: number): number => {
    let count = 0
    while (bucket.take(now)) count++
    return count
  }
  expect([taken(0), taken(0), taken(100), taken(1_100), taken(1_000), taken(60_000)]).toEqual([
    200, 0, 5, 50, 0, 200,
  ])
})

test.each([
  '',
  '/etc/passwd',
  '../a',
  'a/../../b',
  'a//b',
  './a',
  'a/.',
  'a\\b',
  'C:/x',
  'a\0b',
  'a\nb',
  'x'.repeat(1_001),
])('no path of ours: %j', (path) => {
  expect(pathProblem(path)).not.toBeNull()
})

test.each(['a', 'a/b.txt', '..a', 'agents/x y/ü.yaml'])('a path of ours: %s', (path) => {
  expect(pathProblem(path)).toBeNull()
})

test('a body counts while it comes, and is not read on where it is too much', async () => {
  let came = 0
  const pieces = function* (): Generator<Buffer> {
    for (; came < 20; came++) yield Buffer.alloc(DOOR_LIMITS.bytesPerCall, 0x20)
  }
  const request = Object.assign(Readable.from(pieces(), { highWaterMark: 1 }), { headers: {} })
  let left = 3
  const tooMany = refuse('too-many', 'too many', 'Wait.')
  const body = await readJson(request as unknown as IncomingMessage, (calls) => {
    left -= calls
    return left < 0 ? tooMany : undefined
  })
  expect(body).toEqual({ ok: false, reply: tooMany })
  expect(came).toBeLessThan(8)
})

test('who only knocks, however briefly, is a flood as well', async () => {
  // All of it within one moment, however slow the machine.
  vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  let floods = 0
  const server = createHttpDoor({
    service: { admit: () => undefined, call: () => Promise.reject(), upload: () => Promise.reject() },
    doorOf: () => refuse('unknown', 'nobody', 'None.'),
    connections: 16,
    onFlood: () => floods++,
  })
  for (let i = 1; i <= DOOR_LIMITS.knocksPerSecond + 100; i++) {
    const socket = new Duplex({ read: () => undefined, write: (_, __, done) => done() })
    server.emit('connection', socket)
    socket.destroy()
    if (i % 10 === 0) await soon()
  }
  expect(floods).toBeGreaterThan(0)
  vi.restoreAllMocks()
})
