import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FromWorker, ToWorker } from './socketMessages.ts'
import { WorkerSockets } from './workerSockets.ts'

/** A WebSocket as the worker has it, held in the hand. */
class HandSocket extends EventTarget {
  binaryType = 'blob'
  readonly sent: string[] = []
  readonly url: string
  readonly protocols: readonly string[]

  constructor(url: string, protocols: readonly string[]) {
    super()
    this.url = url
    this.protocols = protocols
    sockets.push(this)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(): void {
    this.dispatchEvent(new Event('close'))
  }

  take(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

/** Runs the real worker's module in this thread; messages are cloned and handed over as between threads. */
class HandWorker {
  onmessage: (event: { data: FromWorker }) => void = () => undefined
  onerror: (event: { preventDefault(): void }) => void = () => undefined
  terminated = false

  constructor() {
    workers.push(this)
    scope.postMessage = (message, options) => {
      this.onmessage({ data: structuredClone(message, options) })
    }
  }

  postMessage(order: ToWorker): void {
    scope.onmessage({ data: structuredClone(order) })
  }

  terminate(): void {
    this.terminated = true
  }
}

interface Scope {
  onmessage(event: { data: ToWorker }): void
  postMessage(message: FromWorker, options: StructuredSerializeOptions): void
}

let sockets: HandSocket[]
let workers: HandWorker[]
let scope: Scope

beforeEach(async () => {
  sockets = []
  workers = []
  scope = { onmessage: () => undefined, postMessage: () => undefined }
  vi.stubGlobal('self', scope)
  vi.stubGlobal('Worker', HandWorker)
  vi.stubGlobal('WebSocket', HandSocket)
  vi.resetModules()
  await import('./socket.worker.ts')
})

afterEach(() => {
  vi.unstubAllGlobals()
})

function listenTo(socket: ReturnType<WorkerSockets['open']>): unknown[] {
  const heard: unknown[] = []
  socket.addEventListener('open', () => heard.push('open'))
  socket.addEventListener('message', ({ data }) => heard.push(data))
  socket.addEventListener('close', () => heard.push('close'))
  return heard
}

test('a socket in the worker is as one of the page: told, heard, closed', () => {
  const socket = new WorkerSockets().open('ws://here/pages', ['wire', 'key.secret'])
  const heard = listenTo(socket)
  const [real] = sockets
  expect(real).toMatchObject({
    url: 'ws://here/pages',
    protocols: ['wire', 'key.secret'],
    binaryType: 'arraybuffer',
  })
  real!.dispatchEvent(new Event('open'))
  socket.send('{"id":1}')
  real!.take('{"id":1,"ok":true}')
  socket.close()
  expect(real!.sent).toEqual(['{"id":1}'])
  expect(heard).toEqual(['open', '{"id":1,"ok":true}', 'close'])
})

test('bytes are handed over, not copied', () => {
  const heard = listenTo(new WorkerSockets().open('ws://here/pages', []))
  const bytes = new Uint8Array([0, 255, 10]).buffer
  sockets[0]!.take(bytes)
  expect(heard).toEqual([new Uint8Array([0, 255, 10]).buffer])
  expect(bytes.detached).toBe(true)
})

test('one worker holds a new connection beside an old one, and keeps them apart', () => {
  const all = new WorkerSockets()
  const [first, second] = [all.open('ws://here/1', []), all.open('ws://here/2', [])]
  const heard = [listenTo(first), listenTo(second)]
  sockets[1]!.take('two')
  sockets[0]!.take('one')
  first.close()
  first.send('too late')
  sockets[1]!.take('still there')
  expect(heard).toEqual([
    ['one', 'close'],
    ['two', 'still there'],
  ])
  expect(sockets[0]!.sent).toEqual([])
  expect(workers).toHaveLength(1)
})

test('a worker that could not be loaded is a lost connection, and the next one gets another', () => {
  const all = new WorkerSockets()
  const heard = listenTo(all.open('ws://here/1', []))
  workers[0]!.onerror({ preventDefault: () => undefined })
  expect(heard).toEqual(['close'])
  expect(workers[0]!.terminated).toBe(true)
  const next = listenTo(all.open('ws://here/2', []))
  sockets[1]!.dispatchEvent(new Event('open'))
  expect(next).toEqual(['open'])
  expect(workers).toHaveLength(2)
})
