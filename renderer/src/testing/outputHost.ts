import type {
  AmphitheatreBridge,
  MessageName,
  Messages,
  RequestName,
  Requests,
} from '../../../preload/contract.ts'
import { STREAM_WINDOW } from '../../../preload/contract.ts'

interface Stream {
  at: number
  unacknowledged: number
}

const LOST = { name: 'EngineLost', message: 'The engine has stopped.', kind: 'lost', remedy: '' }

/**
 * The host's side of one attempt's output, by the contract and step by step: output grows, is sent piece by piece as
 * far as acknowledgements allow, is forgotten by the quota, is over; the engine goes and comes back.
 */
export class OutputHost implements AmphitheatreBridge {
  data = new Uint8Array(0)
  /** Bytes from here to `keptFrom` are not kept any more; the head is. */
  headEnd = 0
  keptFrom = 0
  over = false
  connected = true
  /** Most bytes ever under way in one stream. */
  mostInFlight = 0
  /** Bytes acknowledged that were never sent. */
  surplusAcks = 0
  readonly opened: number[] = []
  readonly typed: string[] = []
  readonly #streams = new Map<number, Stream>()
  readonly #listeners = new Map<MessageName, Set<(message: never) => void>>()

  grow(bytes: Uint8Array): void {
    const grown = new Uint8Array(this.data.length + bytes.length)
    grown.set(this.data)
    grown.set(bytes, this.data.length)
    this.data = grown
  }

  /** Sends each open stream one piece of at most `size` bytes, if it has room. Says whether anything happened. */
  deliver(size: number): boolean {
    let happened = false
    for (const [stream, open] of [...this.#streams]) {
      if (open.at < this.data.length) happened = this.#send(stream, open, size) || happened
      else if (this.over) {
        this.#streams.delete(stream)
        this.#post('ended', { stream, error: null })
        happened = true
      }
    }
    return happened
  }

  #send(stream: number, open: Stream, size: number): boolean {
    if (open.unacknowledged >= STREAM_WINDOW.output) return false
    if (open.at >= this.headEnd && open.at < this.keptFrom) open.at = this.keptFrom
    const end = open.at < this.headEnd && this.keptFrom > this.headEnd ? this.headEnd : this.data.length
    const data = this.data.slice(open.at, Math.min(end, open.at + size))
    const offset = open.at
    open.at += data.length
    open.unacknowledged += data.length
    this.mostInFlight = Math.max(this.mostInFlight, open.unacknowledged)
    this.#post('output', { stream, offset, data })
    return data.length > 0
  }

  lose(): void {
    if (!this.connected) return
    this.connected = false
    for (const stream of this.#streams.keys()) this.#post('ended', { stream, error: LOST })
    this.#streams.clear()
    this.#post('connection', { status: 'lost', reason: LOST.message, remedy: '' })
  }

  restore(): void {
    if (this.connected) return
    this.connected = true
    this.#post('connection', { status: 'connected', enginePid: 1 })
  }

  get streams(): number {
    return this.#streams.size
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(listener as (message: never) => void))
    return () => all.delete(listener as (message: never) => void)
  }

  async request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']> {
    if (!this.connected) throw Object.assign(new Error(LOST.message), LOST)
    if (name === 'output') this.#open(args as Requests['output']['args'])
    else if (name === 'close') this.#streams.delete((args as Requests['close']['args']).stream)
    else if (name === 'ack') this.#ack(args as Requests['ack']['args'])
    else if (name === 'input') this.typed.push((args as Requests['input']['args']).data)
    return null as Requests[K]['result']
  }

  #open({ stream, from }: Requests['output']['args']): void {
    this.opened.push(from)
    const at = from < 0 ? Math.max(0, this.data.length + from) : from
    this.#streams.set(stream, { at, unacknowledged: 0 })
  }

  #ack({ stream, weight }: Requests['ack']['args']): void {
    const open = this.#streams.get(stream)
    if (open === undefined) return
    this.surplusAcks += Math.max(0, weight - open.unacknowledged)
    open.unacknowledged = Math.max(0, open.unacknowledged - weight)
  }

  #post<K extends MessageName>(name: K, message: Messages[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(message as never)
  }
}
