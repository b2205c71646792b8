import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptId } from '../../../../main/domain/ids.ts'
import { OutputHost } from '../../testing/outputHost.ts'
import { cleanPaste, countLines, isHttps } from './clipboard.ts'
import { cutWhole, InputQueue } from './inputQueue.ts'

const ATTEMPT = 'r1/a#1' as AttemptId

describe('what is typed', () => {
  it('goes out once a frame, in order', async () => {
    const host = new OutputHost()
    const frames: (() => void)[] = []
    const queue = new InputQueue(
      host,
      ATTEMPT,
      () => undefined,
      (frame) => frames.push(frame),
    )
    for (const key of 'ls -l\r') queue.type(key)
    expect(frames).toHaveLength(1)
    frames[0]!()
    await Promise.resolve()
    expect(host.typed).toEqual(['ls -l\r'])
  })

  it('drops the rest after a failure, and says so once', async () => {
    const host = new OutputHost()
    host.connected = false
    const failures: unknown[] = []
    const frames: (() => void)[] = []
    const queue = new InputQueue(
      host,
      ATTEMPT,
      (error) => failures.push(error),
      (frame) => frames.push(frame),
    )
    queue.type('x'.repeat(200_000))
    frames[0]!()
    await new Promise((resolve) => setTimeout(resolve))
    expect(failures).toHaveLength(1)
    expect(host.typed).toEqual([])
  })

  it('is cut between characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 9 }), (text, most) => {
        const head = cutWhole(text, most)
        expect(head.length).toBeLessThanOrEqual(most)
        expect(head.isWellFormed()).toBe(true)
        expect(text.startsWith(head)).toBe(true)
        expect(head === '').toBe(text === '')
      }),
    )
  })
})

describe('what is pasted', () => {
  it.each([
    ['a\r\nb\rc', 'a\nb\nc'],
    ['x\u001b[201~rm -rf /', 'x[201~rm -rf /'],
    ['tab\there', 'tab\there'],
  ])('%j becomes %j', (raw, clean) => {
    expect(cleanPaste(raw)).toBe(clean)
  })

  it('counts the lines that would be sent', () => {
    expect(countLines('one')).toBe(1)
    expect(countLines('one\n')).toBe(1)
    expect(countLines('one\ntwo')).toBe(2)
  })
})

it.each([
  ['https://example.org/a', true],
  ['http://example.org', false],
  ['javascript:alert(1)', false],
  ['file:///etc/passwd', false],
])('%s is opened: %s', (uri, opened) => {
  expect(isHttps(uri)).toBe(opened)
})
