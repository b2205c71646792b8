import type { MessageName, Messages } from '../../../preload/contract.ts'
import { formatOutput } from '../../../preload/wire.ts'
import { type PageParts, PageSession } from '../pages/pageSession.ts'
import { PIECE_BYTES } from '../pages/pageStream.ts'

/** As much of `ws` as is used. */
export interface ServerSocket {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  send(data: string | Uint8Array, sent: (error?: Error) => void): void
  ping(): void
  pause(): void
  resume(): void
  close(code: number, reason: string): void
  terminate(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'pong' | 'close', listener: () => void): unknown
}

export type SocketParts = Pick<PageParts, 'link' | 'desk' | 'host'>

/** Longest message of a page, bytes: text typed at once, escaped, fits. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024
/** Streams wait while more than this is under way to the page, bytes. */
const HIGH_WATER_BYTES = 4 * 1024 * 1024
/** Requests, too, while so much is: only answers that are not taken come to that. */
const FULL_BYTES = 16 * 1024 * 1024
/** A page that does not take its answers is given up when so much is waiting for it, bytes. */
const GIVE_UP_BYTES = 64 * 1024 * 1024
/** Requests of one page that are worked on at once; more are left in the socket. */
const MAX_IN_FLIGHT = 64
/** How often it is looked whether the page is still there, ms. */
export const BEAT_MS = 20_000

/**
 * One page at the end of a WebSocket. Memory stays bounded whatever the page does: streams wait for acknowledgements
 * and for the socket, requests are left unread while too many are open or answers are not taken.
 */
export class PageSocket {
  readonly #socket: ServerSocket
  readonly #session: PageSession
  readonly #beat: NodeJS.Timeout
  /** Streams that wait for the socket, first come first served. */
  readonly #waiting: (() => void)[] = []
  /** Bytes that streams were let send in this turn of the loop; they may not have yet. */
  #granted = 0
  /** Read from the socket before it could be paused. */
  readonly #unanswered: PageRequest[] = []
  #inFlight = 0
  #paused = false
  /** Whether anything got through either way since the last beat. */
  #alive = true

  constructor(socket: ServerSocket, parts: SocketParts) {
    this.#socket = socket
    this.#beat = setInterval(() => this.#look(), BEAT_MS)
    socket.on('message', (data, isBinary) => this.#take(data, isBinary))
    socket.on('pong', () => {
      this.#alive = true
    })
    this.#session = new PageSession({
      ...parts,
      post: (name, message) => this.#post(name, message),
      room: (signal) => this.#room(signal),
    })
    socket.on('close', () => this.#end())
  }

  #end(): void {
    clearInterval(this.#beat)
    this.#session.close()
    this.#unanswered.length = 0
    for (const go of this.#waiting.splice(0)) go()
  }

  #take(data: Buffer, isBinary: boolean): void {
    this.#alive = true
    if (isBinary) {
      this.#socket.close(1003, 'requests are text')
      return
    }
    const request = parse(data.toString('utf8'))
    if (request === undefined) {
      this.#socket.close(1008, 'not a request')
      return
    }
    // What was read together is told of together, whether or not more is wanted by then.
    this.#unanswered.push(request)
    this.#flow()
  }

  async #answer({ id, name, args }: PageRequest): Promise<void> {
    this.#inFlight += 1
    const reply = await this.#session.request(name, args)
    this.#inFlight -= 1
    this.#send(JSON.stringify({ id, ...reply }))
  }

  #post<K extends MessageName>(name: K, message: Messages[K]): void {
    if (name === 'output') {
      const { stream, offset, data } = message as Messages['output']
      this.#send(formatOutput(stream, offset, data))
    } else this.#send(JSON.stringify({ message: name, data: message }))
  }

  #send(data: string | Uint8Array): void {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > GIVE_UP_BYTES) {
      socket.terminate()
      return
    }
    socket.send(data, (error) => {
      if (error !== undefined && error !== null) return
      this.#alive = true
      this.#flow()
      this.#next()
    })
    this.#flow()
  }

  get #isBusy(): boolean {
    return this.#socket.bufferedAmount > FULL_BYTES || this.#inFlight >= MAX_IN_FLIGHT
  }

  /** Answers what may be answered now, and reads on only when nothing is left. */
  #flow(): void {
    while (this.#unanswered.length > 0 && !this.#isBusy) void this.#answer(this.#unanswered.shift()!)
    const pause = this.#isBusy || this.#unanswered.length > 0
    if (pause === this.#paused) return
    this.#paused = pause
    if (pause) this.#socket.pause()
    else this.#socket.resume()
  }

  async #room(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    if (this.#waiting.length === 0 && this.#mayGrant) {
      this.#grant()
      return
    }
    await new Promise<void>((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        const place = this.#waiting.indexOf(go)
        if (place >= 0) this.#waiting.splice(place, 1)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(go)
    })
  }

  get #mayGrant(): boolean {
    return this.#socket.bufferedAmount + this.#granted <= HIGH_WATER_BYTES
  }

  #grant(): void {
    if (this.#granted === 0) {
      setImmediate(() => {
        this.#granted = 0
        this.#next()
      })
    }
    this.#granted += PIECE_BYTES
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#mayGrant) {
      this.#waiting.shift()!()
      this.#grant()
    }
  }

  #look(): void {
    if (!this.#alive) {
      this.#socket.terminate()
      return
    }
    // While nothing is read no pong is heard: then only what the page takes tells.
    this.#alive = false
    this.#socket.ping()
  }
}

interface PageRequest {
  readonly id: number
  readonly name: string
  readonly args: unknown
}

function parse(text: string): PageRequest | undefined {
  try {
    const { id, name, args } = JSON.parse(text) as Record<string, unknown>
    if (Number.isSafeInteger(id) && typeof name === 'string') return { id: Number(id), name, args }
  } catch {
    // Not JSON, or null.
  }
  return undefined
}
