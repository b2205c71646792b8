import type {
  AmphitheatreBridge,
  Connection,
  Failure,
  MessageName,
  Messages,
  RequestName,
  Requests,
} from '../../../preload/contract.ts'
import { isMessageName, messageSchemas } from '../../../preload/schemas.ts'
import { type Incoming, parseOutput, parseText } from '../../../preload/wire.ts'
import { resultOf } from './electronBridge.ts'
import { Listeners } from './listeners.ts'
import { RequestError } from './requestError.ts'

/** As much of a WebSocket as is used. */
export interface PageSocket {
  binaryType: string
  send(text: string): void
  close(): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** The page's surroundings. */
export interface BrowserPlace {
  /** Begins to connect; called anew for every connection. */
  openSocket(): PageSocket
  /** After a connection that could not be made: false if the host is there but does not let this browser in. */
  isAllowed(): Promise<boolean>
  /** Calls back when trying again is worth it at once: the network is back, the page is looked at. */
  onWake(listener: () => void): () => void
}

export interface BrowserBridge extends AmphitheatreBridge {
  /** For good. */
  close(): void
}

/** Before each try to connect again, ms: soon at first, then slower. */
const RETRY_MS = [50, 100, 250, 500, 1_000, 2_000, 5_000]
/** How long a request waits for a connection, ms. */
const PATIENCE_MS = 2_000
/** How often it is looked whether the other end still answers, ms. */
const BEAT_MS = 15_000
/** How long an answer may take when the page is looked at again, ms. */
const WAKE_PATIENCE_MS = 4_000

type Lost = Extract<Connection, { status: 'lost' }>
const LOST: Lost = {
  status: 'lost',
  reason: 'The connection to the control center is lost.',
  remedy: 'It is being tried again. Look whether "amphi serve" still runs.',
}
const NOT_ALLOWED: Lost = {
  status: 'lost',
  reason: 'This browser is not let in any more.',
  remedy: 'Open the address that "amphi serve" printed again.',
}

/** The bridge of a page in a browser: one WebSocket, made again whenever it is lost. */
export function browserBridge(place: BrowserPlace): BrowserBridge {
  return new Bridge(place)
}

interface Asked {
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Connecting (a socket that is not open yet), open, waiting (no socket, a timer runs), closed (for good).
 * Requests of an open socket are in `#asked`, its streams in `#streams`; both are empty otherwise.
 */
class Bridge implements BrowserBridge {
  readonly #place: BrowserPlace
  readonly #listeners = new Listeners()
  readonly #asked = new Map<number, Asked>()
  readonly #streams = new Set<number>()
  /** Requests that wait for a connection; each is called once, when there is one. */
  readonly #waiting = new Set<() => void>()
  readonly #stops: (() => void)[]
  /** Undefined while waiting and when closed. */
  #socket: PageSocket | undefined
  #isOpen = false
  #isClosed = false
  /** Set while waiting. */
  #retry: ReturnType<typeof setTimeout> | undefined
  #tries = 0
  #lastId = 0
  /** Messages that came, and how many it were at the last beat. */
  #heard = 0
  #heardAtBeat = 0
  /** Set while an answer is waited for, to see whether the other end is there; open only. */
  #check: ReturnType<typeof setTimeout> | undefined
  #known: Connection | undefined

  constructor(place: BrowserPlace) {
    this.#place = place
    const beat = setInterval(() => this.#beat(), BEAT_MS)
    this.#stops = [place.onWake(() => this.#wake()), () => clearInterval(beat)]
    this.#connect()
  }

  on<K extends MessageName>(name: K, listener: (message: Messages[K]) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  async request<K extends RequestName>(name: K, args: Requests[K]['args']): Promise<Requests[K]['result']> {
    const stream = (args as { readonly stream?: number } | null)?.stream ?? 0
    // A stream that is gone with its connection needs neither.
    if ((name === 'ack' || name === 'close') && !this.#streams.has(stream)) return null as never
    while (!this.#isOpen) await this.#untilOpen()
    if (name === 'close') this.#streams.delete(stream)
    const opens = (name === 'follow' || name === 'output') && !this.#streams.has(stream)
    if (opens) this.#streams.add(stream)
    try {
      return resultOf(await this.#ask(name, args)) as Requests[K]['result']
    } catch (error) {
      if (opens) this.#streams.delete(stream)
      throw error
    }
  }

  close(): void {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    clearTimeout(this.#retry)
    const socket = this.#socket
    this.#drop()
    socket?.close()
  }

  #ask(name: string, args: unknown): Promise<unknown> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
      this.#socket!.send(JSON.stringify({ id, name, args }))
    })
  }

  #untilOpen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const opened = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(opened)
        reject(new RequestError(this.#failure()))
      }, PATIENCE_MS)
      this.#waiting.add(opened)
    })
  }

  #connect(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    const socket = this.#place.openSocket()
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      if (socket === this.#socket) this.#opened()
    })
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#take(data)
    })
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.#lost()
    })
  }

  #opened(): void {
    this.#isOpen = true
    this.#tries = 0
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const opened of waiting) opened()
  }

  #lost(): void {
    const wasOpen = this.#isOpen
    this.#drop()
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)]!
    this.#tries += 1
    // Spread, so that many pages do not come back in the same moment.
    this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2))
    if (wasOpen) this.#tell(LOST)
    else void this.#tellWhy()
  }

  /** A browser does not say why a connection was refused. */
  async #tellWhy(): Promise<void> {
    const allowed = await this.#place.isAllowed().catch(() => true)
    if (!this.#isOpen && !this.#isClosed) this.#tell(allowed ? LOST : NOT_ALLOWED)
  }

  /** Ends what depended on the socket. */
  #drop(): void {
    this.#socket = undefined
    this.#isOpen = false
    clearTimeout(this.#check)
    this.#check = undefined
    const error = this.#failure()
    const asked = [...this.#asked.values()]
    const streams = [...this.#streams]
    this.#asked.clear()
    this.#streams.clear()
    for (const { reject } of asked) reject(new RequestError(error))
    if (this.#isClosed) return
    for (const stream of streams) this.#listeners.emit('ended', { stream, error })
  }

  #failure(): Failure {
    const { reason, remedy } = this.#known?.status === 'lost' ? this.#known : LOST
    return { name: 'ConnectionLost', message: reason, kind: 'lost', remedy }
  }

  #tell(connection: Connection): void {
    const known = this.#known
    this.#known = connection
    if (known?.status === 'lost' && connection.status === 'lost' && known.reason === connection.reason) return
    this.#listeners.emit('connection', connection)
  }

  #wake(): void {
    if (this.#retry !== undefined) this.#connect()
    else if (this.#isOpen && this.#check === undefined) this.#look(WAKE_PATIENCE_MS)
  }

  #beat(): void {
    if (this.#isOpen && this.#heard === this.#heardAtBeat && this.#check === undefined) this.#look(BEAT_MS)
    this.#heardAtBeat = this.#heard
  }

  /** A connection that broke without a word (sleep, a cut tunnel) looks open for minutes: whoever is there answers. */
  #look(patience: number): void {
    const socket = this.#socket
    const heard = this.#heard
    this.#ask('host', {}).catch(() => undefined)
    this.#check = setTimeout(() => {
      this.#check = undefined
      if (this.#heard !== heard || socket !== this.#socket) return
      this.#lost()
      socket?.close()
    }, patience)
  }

  #take(data: unknown): void {
    this.#heard += 1
    const incoming = typeof data === 'string' ? parseText(data) : parseOutput(data)
    if (incoming === undefined) return
    if ('reply' in incoming) this.#answer(incoming)
    else this.#deliver(incoming.message, incoming.data)
  }

  #answer({ id, reply }: Extract<Incoming, { reply: unknown }>): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    asked?.resolve(reply)
  }

  /** What does not fit the contract is left out: a missing event is noticed and made good by whoever follows. */
  #deliver(name: string, data: unknown): void {
    if (!isMessageName(name)) return
    const checked = messageSchemas[name].safeParse(data)
    if (!checked.success) {
      console.error(`a "${name}" message does not fit the contract`, checked.error)
      return
    }
    if (name === 'ended') this.#streams.delete((checked.data as Messages['ended']).stream)
    if (name === 'connection') this.#tell(checked.data as Connection)
    else this.#listeners.emit(name, checked.data as Messages[typeof name])
  }
}
