import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'

/** Output kept for readers that are a little behind; older bytes are read from Docker's log. */
const KEPT_BYTES = 1024 * 1024

/**
 * A live connection to an agent's terminal. Docker's log is written line by line, so a prompt, a progress bar or a
 * full-screen program would show late; this carries every byte at once. Attached before the start it has the output
 * from byte 0 on.
 *
 * attached -> ended, once: the agent is over or the connection broke; which of the two is for others to find out.
 */
export class Terminal {
  readonly #stream: Duplex
  #kept: Buffer[] = []
  /** Offset in the whole output of the first byte kept. */
  #start = 0
  #end = 0
  #ended = false
  /** The daemon closed it in good order; false while it is open, and when the connection broke. */
  #complete = false
  /** Called and cleared whenever something changes; empty while nobody waits. */
  #wake: (() => void)[] = []

  private constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('end', () => {
      if (!this.#ended) this.#complete = true
      this.#finish()
    })
    for (const event of ['close', 'error']) stream.on(event, () => this.#finish())
  }

  /** Attach before the start and what comes is all of its output; later, use it for typing only. */
  static async attach(container: Docker.Container, output: boolean): Promise<Terminal> {
    const options = { stream: true, stdin: true, stdout: output, stderr: output, hijack: true }
    return new Terminal((await container.attach(options)) as unknown as Duplex)
  }

  get start(): number {
    return this.#start
  }

  get ended(): boolean {
    return this.#ended
  }

  /** True when byte `position` is where the daemon ended the stream, and everything before it was there to read. */
  isEnd(position: number): boolean {
    return this.#complete && position === this.#end
  }

  /** Resolves when the bytes are handed over. Rejects when the terminal is gone. */
  write(data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(data, (error) => (error ? reject(error) : resolve()))
    })
  }

  /**
   * Bytes from offset `from` (at least `start`) on, as they come. Ends with the connection, or when the reader has
   * fallen so far behind that bytes it wants are no longer kept.
   */
  async *read(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let position = from
    for (;;) {
      signal.throwIfAborted()
      if (position < this.#start) return
      if (position < this.#end) {
        const piece = this.#piece(position)
        position += piece.length
        yield piece
      } else if (this.#ended) return
      else await this.#change(signal)
    }
  }

  close(): void {
    this.#stream.destroy()
    this.#finish()
  }

  #piece(position: number): Buffer {
    let offset = this.#start
    for (const chunk of this.#kept) {
      if (position < offset + chunk.length) return chunk.subarray(position - offset)
      offset += chunk.length
    }
    throw new RangeError(`no byte ${position} in ${this.#start}..${this.#end}`)
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#wake.push(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      })
    })
  }

  #take(chunk: Buffer): void {
    this.#kept.push(chunk)
    this.#end += chunk.length
    while (this.#end - this.#start > KEPT_BYTES && this.#kept.length > 1) {
      this.#start += this.#kept.shift()?.length ?? 0
    }
    this.#notify()
  }

  #finish(): void {
    this.#ended = true
    this.#notify()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = []
    for (const call of wake) call()
  }
}
