import type { PageSocket } from './browserBridge.ts'
import type { FromWorker, ToWorker } from './socketMessages.ts'

/**
 * WebSockets held by a worker, so that what comes does not wait for the page's thread, which parses and draws. Nothing
 * holds the worker back: what may be under way is bounded by the windows of the streams and by what was asked for.
 */
export class WorkerSockets {
  readonly #sockets = new Map<number, WorkerSocket>()
  /** Undefined after it could not go on: the next socket makes another. */
  #worker: Worker | undefined
  #lastId = 0

  /** Begins with the worker, which the first socket then need not wait for so long. */
  constructor() {
    this.#worker = this.#start()
  }

  open(url: string, protocols: readonly string[]): PageSocket {
    const worker = this.#worker ?? this.#start()
    this.#worker = worker
    this.#lastId += 1
    const id = this.#lastId
    const socket = new WorkerSocket(id, (order) => worker.postMessage(order))
    this.#sockets.set(id, socket)
    worker.postMessage({ do: 'open', id, url, protocols } satisfies ToWorker)
    return socket
  }

  #start(): Worker {
    const worker = new Worker(new URL('./socket.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const socket = this.#sockets.get(data.id)
      if (data.event === 'close') this.#sockets.delete(data.id)
      socket?.emit(data)
    }
    // It could not be fetched, from a host that is just ending for one: a connection that was not made.
    worker.onerror = (event) => {
      event.preventDefault()
      worker.terminate()
      this.#worker = undefined
      const sockets = [...this.#sockets]
      this.#sockets.clear()
      for (const [id, socket] of sockets) socket.emit({ event: 'close', id })
    }
    return worker
  }
}

class WorkerSocket implements PageSocket {
  /** Bytes come as one, always. */
  binaryType = 'arraybuffer'
  readonly #id: number
  readonly #order: (order: ToWorker) => void
  readonly #listeners: { readonly event: string; readonly listener: (event: never) => void }[] = []

  constructor(id: number, order: (order: ToWorker) => void) {
    this.#id = id
    this.#order = order
  }

  send(text: string): void {
    this.#order({ do: 'send', id: this.#id, text })
  }

  close(): void {
    this.#order({ do: 'close', id: this.#id })
  }

  addEventListener(event: string, listener: (event: never) => void): void {
    this.#listeners.push({ event, listener })
  }

  emit(message: FromWorker): void {
    for (const { event, listener } of this.#listeners) {
      if (event === message.event) listener(message as never)
    }
  }
}
