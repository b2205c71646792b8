import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OutputLog } from './segments.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-output-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const SMALL = { quotaBytes: 100, headBytes: 10, segmentBytes: 20 }
const bytes = (text: string): Uint8Array => Buffer.from(text)
const text = (value: Uint8Array): string => Buffer.from(value).toString()

/** Everything that is kept, as [offset, text] pieces. */
function pieces(log: OutputLog, limit = 7): [number, string][] {
  const found: [number, string][] = []
  for (let at = 0; ; ) {
    const read = log.read(at, limit)
    if (read.bytes.length === 0) return found
    found.push([read.offset, text(read.bytes)])
    at = read.next
  }
}

it('gives back what was appended, from any offset, after opening again too', () => {
  const log = OutputLog.open(folder, SMALL)
  log.append(bytes('hello '))
  log.append(bytes('wide world'))
  expect(log.size).toBe(16)
  expect(text(log.read(0, 100).bytes)).toBe('hello wide')
  expect(log.read(10, 3)).toMatchObject({ offset: 10, next: 13 })
  expect(log.read(16, 5)).toMatchObject({ offset: 16, next: 16, bytes: new Uint8Array(0) })
  log.close()
  const again = OutputLog.open(folder, SMALL)
  again.append(bytes('!'))
  expect(
    pieces(again)
      .map(([, piece]) => piece)
      .join(''),
  ).toBe('hello wide world!')
  again.close()
})

it('keeps offsets valid whatever was dropped, the head and the newest bytes always there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      (chunks, limit, reopen) => {
        const place = join(folder, 'p')
        rmSync(place, { recursive: true, force: true })
        let log = OutputLog.open(place, SMALL)
        for (const chunk of chunks) {
          log.append(chunk)
          if (reopen) {
            log.close()
            log = OutputLog.open(place, SMALL)
          }
        }
        const all = Buffer.concat(chunks)
        expect(log.size).toBe(all.length)
        expect(log.kept).toBeLessThanOrEqual(100)
        for (let at = 0, last = -1; ; ) {
          const read = log.read(at, limit)
          expect(Buffer.from(read.bytes)).toEqual(all.subarray(read.offset, read.next))
          expect(read.offset).toBeGreaterThan(last)
          if (read.bytes.length === 0) break
          last = read.offset
          at = read.next
        }
        expect(Buffer.from(log.read(0, 10).bytes)).toEqual(all.subarray(0, 10))
        const tail = Math.max(0, all.length - 60)
        expect(log.read(tail, 1).offset).toBe(tail)
        log.close()
      },
    ),
    { numRuns: 200 },
  )
})

it('goes on after a crash where the files end, and leaves strange files alone', () => {
  const log = OutputLog.open(folder, SMALL)
  log.append(bytes('0123456789abcdefghij'))
  log.close()
  truncateSync(join(folder, '0000000000000010.seg'), 4)
  writeFileSync(join(folder, 'note.txt'), 'not a segment')
  mkdirSync(join(folder, 'sub'))
  const again = OutputLog.open(folder, SMALL)
  expect(again.size).toBe(14)
  again.append(bytes('EF'))
  expect(
    pieces(again)
      .map(([, piece]) => piece)
      .join(''),
  ).toBe('0123456789abcdEF')
  again.close()
  expect(readdirSync(folder)).toContain('note.txt')
})

it('follows what is appended, from the past into the future, until it is closed', async () => {
  const log = OutputLog.open(folder, SMALL)
  log.append(bytes('past '))
  const seen: string[] = []
  const reading = (async () => {
    for await (const piece of log.follow(2, new AbortController().signal)) {
      seen.push(text(piece.bytes))
      if (seen.length === 1) log.append(bytes('present'))
      if (seen.join('').endsWith('present')) log.close()
    }
  })()
  await reading
  expect(seen.join('')).toBe('st present')
  expect(() => log.append(bytes('x'))).toThrow(/closed/)
})

it('stops following on abort, also while nothing comes', async () => {
  const log = OutputLog.open(folder, SMALL)
  const stop = new AbortController()
  const next = log.follow(0, stop.signal).next()
  stop.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
  log.close()
})
