import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { eventually, settled } from '../pages/testing/eventually.ts'
import { FakeLink } from '../pages/testing/fakeLink.ts'
import { fakeCenter, sampleEvent } from '../testing/fakeCenter.ts'
import { BEAT_MS, PageSocket, type ServerSocket } from './pageSocket.ts'
import { enter, openSocket, parts, WebFixture } from './testing/webFixture.ts'

/** A socket whose other end takes only what the test lets it take. */
class SlowSocket implements ServerSocket {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  paused = false
  pings = 0
  sentBytes = 0
  closedWith: number | undefined
  readonly texts: string[] = []
  readonly #sent: (() => void)[] = []
  readonly #sizes: number[] = []
  readonly #listeners = new Map<string, (...args: never[]) => void>()

  send(data: string | Uint8Array, sent: (error?: Error) => void): void {
    const size = data.length
    if (typeof data === 'string') this.texts.push(data)
    this.bufferedAmount += size
    this.sentBytes += size
    this.#sizes.push(size)
    this.#sent.push(sent)
  }

  /** The other end takes one message; false if there is none. */
  drain(): boolean {
    const sent = this.#sent.shift()
    if (sent === undefined) return false
    this.bufferedAmount -= this.#sizes.shift()!
    sent()
    return true
  }

  on(event: string, listener: (...args: never[]) => void): this {
    this.#listeners.set(event, listener)
    return this
  }

  emit(event: string, ...args: unknown[]): void {
    this.#listeners.get(event)?.(...(args as never[]))
  }

  ask(id: number, name: string, args: unknown): void {
    this.emit('message', Buffer.from(JSON.stringify({ id, name, args })), false)
  }

  ping(): void {
    this.pings += 1
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  close(code: number): void {
    this.closedWith = code
    this.#end()
  }
  terminate(): void {
    this.closedWith = 1006
    this.#end()
  }
  #end(): void {
    this.readyState = 3
    this.emit('close')
  }
}

let socket: SlowSocket
beforeEach(() => {
  socket = new SlowSocket()
})
afterEach(() => {
  if (socket.closedWith === undefined) socket.terminate()
})

const MEGABYTE = 'y'.repeat(1_000_000)
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('many terminals over a slow line: little waits in the socket, and every one gets all of its output', async () => {
  const center = fakeCenter({ output: [MEGABYTE] })
  new PageSocket(socket, { ...parts(), link: new FakeLink(center) })
  const streams = 60
  for (let stream = 1; stream <= streams; stream++) {
    socket.ask(stream, 'output', { stream, attempt: 'r1/a#1', from: 0, follow: false })
  }
  await turns()
  // 60 MB are on offer.
  expect(socket.bufferedAmount).toBeLessThan(6_000_000)
  let most = 0
  for (;;) {
    most = Math.max(most, socket.bufferedAmount)
    if (!socket.drain()) {
      await turns()
      if (!socket.drain()) break
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(most).toBeLessThan(6_000_000)
  expect(socket.sentBytes).toBeGreaterThan(streams * 1_000_000)
  expect(socket.texts.filter((text) => text.includes('"ended"'))).toHaveLength(streams)
})

test('a terminal that is closed while it waits is no longer served', async () => {
  const center = fakeCenter({ output: Array(8).fill(MEGABYTE) })
  new PageSocket(socket, { ...parts(), link: new FakeLink(center) })
  for (let stream = 1; stream <= 8; stream++) {
    socket.ask(stream, 'output', { stream, attempt: 'r1/a#1', from: 0, follow: false })
  }
  await turns()
  for (let stream = 1; stream <= 8; stream++) socket.ask(100 + stream, 'close', { stream })
  await eventually(() => expect(center.open()).toBe(0))
})

test('a page that asks without taking the answers is not read any further', async () => {
  const center = fakeCenter()
  const answered = vi.spyOn(center, 'history').mockResolvedValue([sampleEvent(1, MEGABYTE)])
  new PageSocket(socket, { ...parts(), link: new FakeLink(center) })
  let asked = 0
  for (; asked < 500 && !socket.paused; asked++) {
    socket.ask(asked, 'history', { after: 0, limit: 1 })
    await turns()
  }
  expect(answered.mock.calls.length).toBeLessThan(20)
  // It goes on once they are taken.
  while (socket.paused) socket.drain()
  expect(socket.bufferedAmount).toBeLessThan(17_000_000)
})

test('only so many requests are worked on at once', async () => {
  const center = fakeCenter()
  let answer = (): void => undefined
  vi.spyOn(center, 'diff').mockReturnValue(
    new Promise((resolve) => {
      answer = () => resolve('')
    }),
  )
  new PageSocket(socket, { ...parts(), link: new FakeLink(center) })
  let asked = 0
  while (!socket.paused) socket.ask(asked++, 'diff', { project: 'p', run: 'r' })
  expect(asked).toBe(64)
  answer()
  await turns()
  expect(socket.paused).toBe(false)
})

test('a page that takes nothing at all is given up', async () => {
  const center = fakeCenter()
  const link = new FakeLink(center)
  vi.spyOn(center, 'history').mockResolvedValue([sampleEvent(1, MEGABYTE.repeat(20))])
  new PageSocket(socket, { ...parts(), link })
  for (let id = 1; id < 8; id++) socket.ask(id, 'history', { after: 0, limit: 1 })
  await turns()
  expect(socket.closedWith).toBe(1006)
  expect(link.listeners).toBe(0)
})

test('a page that is gone without a word is noticed; one that is slow is not taken for gone', () => {
  vi.useFakeTimers()
  try {
    new PageSocket(socket, parts())
    for (let i = 1; i < 4; i++) {
      vi.advanceTimersByTime(BEAT_MS)
      socket.emit('pong')
    }
    socket.send(MEGABYTE, () => undefined)
    vi.advanceTimersByTime(BEAT_MS)
    // Its pong waits behind what it is still being sent.
    while (socket.drain());
    vi.advanceTimersByTime(BEAT_MS)
    expect([socket.pings, socket.closedWith]).toEqual([5, undefined])
    vi.advanceTimersByTime(BEAT_MS)
    expect(socket.closedWith).toBe(1006)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('over a real socket that is not read, memory stays bounded, too', async () => {
  const fixture = new WebFixture()
  try {
    const center = fakeCenter()
    const answered = vi.spyOn(center, 'history').mockResolvedValue([sampleEvent(1, MEGABYTE)])
    const server = await fixture.serve({ ...parts(), link: new FakeLink(center) })
    const client = openSocket(server, await enter(server))
    await new Promise((resolve) => client.on('open', resolve))
    client.pause()
    for (let id = 1; id <= 500; id++) {
      client.send(JSON.stringify({ id, name: 'history', args: { after: 0, limit: 1 } }))
    }
    await settled(() => answered.mock.calls.length)
    // 500 MB were asked for; what is worked on at once and fills the sockets is a fraction.
    expect(answered.mock.calls.length).toBeLessThan(150)
    client.terminate()
    await eventually(() => expect(server.open).toBe(0))
  } finally {
    await fixture.remove()
  }
})
