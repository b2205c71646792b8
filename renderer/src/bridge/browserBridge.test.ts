import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { MessageName, Messages } from '../../../preload/contract.ts'
import { formatOutput } from '../../../preload/wire.ts'
import { type BrowserBridge, browserBridge, type PageSocket } from './browserBridge.ts'

/** The other end of a connection that is held in the hand. */
class HandSocket implements PageSocket {
  binaryType = 'blob'
  closed = false
  readonly sent: { id: number; name: string; args: unknown }[] = []
  readonly #listeners = new Map<string, ((event: never) => void)[]>()

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {
    this.closed = true
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  emit(type: 'open' | 'close' | 'message', data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data } as never)
  }

  tell(value: unknown): void {
    this.emit('message', JSON.stringify(value))
  }

  answer(result: unknown): void {
    this.tell({ id: this.sent.at(-1)!.id, ok: true, result })
  }
}

let sockets: HandSocket[]
let allowed: boolean
let wake: () => void
let bridge: BrowserBridge
const last = (): HandSocket => sockets.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  sockets = []
  allowed = true
  bridge = browserBridge({
    openSocket() {
      sockets.push(new HandSocket())
      return last()
    },
    isAllowed: async () => allowed,
    onWake(listener) {
      wake = listener
      return () => undefined
    },
  })
})

afterEach(() => {
  bridge.close()
  // Whoever closes leaves nothing behind.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function listen<K extends MessageName>(name: K): Messages[K][] {
  const heard: Messages[K][] = []
  bridge.on(name, (message) => heard.push(message))
  return heard
}

test('a request waits for the connection, and no longer than two seconds', async () => {
  const first = bridge.request('usage', {})
  await vi.advanceTimersByTimeAsync(1_900)
  last().emit('open')
  await vi.advanceTimersByTimeAsync(0)
  expect(last().sent).toEqual([{ id: 1, name: 'usage', args: {} }])
  last().answer([])
  expect(await first).toEqual([])
  last().emit('close')
  const second = expect(bridge.request('usage', {})).rejects.toMatchObject({ kind: 'lost' })
  await vi.advanceTimersByTimeAsync(2_000)
  await second
})

test('answers are matched by their number, whatever their order', async () => {
  last().emit('open')
  const [a, b] = [bridge.request('diff', {} as never), bridge.request('diff', {} as never)]
  const [first, second] = last().sent
  last().tell({ id: second!.id, ok: true, result: 'b' })
  last().tell({ id: 77, ok: true, result: 'nobody asked' })
  last().tell({ id: first!.id, ok: true, result: 'a' })
  expect(await Promise.all([a, b])).toEqual(['a', 'b'])
})

test('an answer that is none is an error of the request', async () => {
  last().emit('open')
  const answer = expect(bridge.request('usage', {})).rejects.toMatchObject({ name: 'BadReply' })
  last().tell({ id: last().sent[0]!.id, ok: 'yes' })
  await answer
})

test('it is tried again soon at first, then slower, then every few seconds', async () => {
  const waits: number[] = []
  for (let i = 0; i < 12; i++) {
    const before = sockets.length
    last().emit('close')
    let waited = 0
    for (; sockets.length === before; waited += 10) await vi.advanceTimersByTimeAsync(10)
    waits.push(waited)
  }
  expect(waits[0]).toBeLessThanOrEqual(60)
  expect(waits.slice(7).every((wait) => wait >= 2_500 && wait <= 5_010)).toBe(true)
  last().emit('open')
  last().emit('close')
  await vi.advanceTimersByTimeAsync(60)
  expect(sockets).toHaveLength(14)
})

test('being looked at, or the network coming back, is a reason to try at once', async () => {
  for (let i = 0; i < 8; i++) {
    last().emit('close')
    await vi.advanceTimersByTimeAsync(5_000)
  }
  last().emit('close')
  const before = sockets.length
  wake()
  expect(sockets).toHaveLength(before + 1)
  // Not while it is connecting.
  wake()
  expect(sockets).toHaveLength(before + 1)
})

test('a loss is told once, however often it is tried', async () => {
  const heard = listen('connection')
  last().emit('open')
  for (let i = 0; i < 5; i++) {
    last().emit('close')
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(heard).toEqual([
    { status: 'lost', reason: expect.stringMatching(/lost/), remedy: expect.any(String) },
  ])
  allowed = false
  last().emit('close')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(heard.at(-1)).toMatchObject({ reason: expect.stringMatching(/not let in/) })
  last().emit('open')
  last().tell({ message: 'connection', data: { status: 'connected', enginePid: 7 } })
  expect(heard.at(-1)).toEqual({ status: 'connected', enginePid: 7 })
  expect(heard).toHaveLength(3)
})

test('whoever comes late is told how the connection stands, once', async () => {
  last().emit('open')
  last().tell({ message: 'connection', data: { status: 'connected', enginePid: 7 } })
  const late = listen('connection')
  const gone: unknown[] = []
  bridge.on('connection', (message) => gone.push(message))()
  await vi.advanceTimersByTimeAsync(0)
  expect([late, gone]).toEqual([[{ status: 'connected', enginePid: 7 }], []])
})

test('what does not fit the contract is not let through', async () => {
  const complaints = vi.spyOn(console, 'error').mockReturnValue()
  const heard = [listen('events'), listen('output'), listen('connection'), listen('goto')]
  last().emit('open')
  for (const junk of [
    { message: 'events', data: { stream: 1, events: [{ no: 'envelope' }] } },
    { message: 'events', data: { stream: 0, events: [] } },
    { message: 'events' },
    { message: 'connection', data: { status: 'fine' } },
    { message: 'goto', data: { view: 'https://example.org' } },
    { message: 'output', data: { stream: 1, offset: 0, data: 'text' } },
    { message: 'toString', data: {} },
    { neither: true },
    null,
    7,
  ])
    last().tell(junk)
  for (const junk of ['{', new ArrayBuffer(3), new ArrayBuffer(12), 'null']) last().emit('message', junk)
  expect(heard).toEqual([[], [], [], []])
  expect(complaints).toHaveBeenCalled()
  complaints.mockRestore()
})

test('output comes as bytes, with offsets beyond four gigabytes', () => {
  const heard = listen('output')
  last().emit('open')
  expect(last().binaryType).toBe('arraybuffer')
  const frame = formatOutput(9, 2 ** 40 + 1, new Uint8Array([0, 255, 10]))
  last().emit('message', frame.buffer)
  expect(heard).toEqual([{ stream: 9, offset: 2 ** 40 + 1, data: new Uint8Array([0, 255, 10]) }])
})

test('a connection that broke without a word is noticed and made again', async () => {
  const heard = listen('connection')
  last().emit('open')
  await vi.advanceTimersByTimeAsync(15_000)
  expect(last().sent).toMatchObject([{ name: 'host' }])
  last().answer({})
  await vi.advanceTimersByTimeAsync(30_000)
  expect(heard).toEqual([])
  expect(sockets).toHaveLength(1)
  // No answer to the next.
  await vi.advanceTimersByTimeAsync(45_000)
  expect(heard).toMatchObject([{ status: 'lost' }])
  expect(sockets[0]!.closed).toBe(true)
  expect(sockets.length).toBeGreaterThan(1)
})

test('after sleep the page does not wait that long', async () => {
  last().emit('open')
  wake()
  wake()
  expect(last().sent).toHaveLength(1)
  last().answer({})
  await vi.advanceTimersByTimeAsync(5_000)
  expect(sockets).toHaveLength(1)
  wake()
  await vi.advanceTimersByTimeAsync(4_100)
  expect(sockets[0]!.closed).toBe(true)
  expect(sockets).toHaveLength(2)
})
