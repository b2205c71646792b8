import { writeSync } from 'node:fs'

/** Typed and not taken by the agent, which may be paused; more would fill its supervisor's memory. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024
/** The kernel keeps 4 KB for a terminal. While these are not taken: how often to try again, ms. */
const RETRY_MS = 20

/**
 * What is typed into a terminal, written as the agent takes it. Node's own streams will not do: they write to terminals
 * until everything is taken, at full speed, and see to nothing else meanwhile, neither output nor the agent's end.
 */
export class TerminalInput {
  /** Non-blocking. */
  readonly #fd: number
  #unread: Uint8Array[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Throws when too much is waiting already. */
  write(data: Uint8Array): void {
    if (this.#closed) return
    if (this.#bytes + data.length > MOST_UNREAD_BYTES) throw new Error('does not take what is typed')
    this.#unread.push(data)
    this.#bytes += data.length
    if (this.#timer === undefined) this.#flush()
  }

  /** Before the descriptor is closed: by then its number may be another's. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#unread = []
  }

  #flush(): void {
    this.#timer = undefined
    for (let first = this.#unread[0]; first !== undefined; first = this.#unread[0]) {
      const written = this.#try(first)
      if (written === undefined) {
        this.#timer = setTimeout(() => this.#flush(), RETRY_MS)
        return
      }
      this.#bytes -= written
      if (written === first.length) this.#unread.shift()
      else this.#unread[0] = first.subarray(written)
    }
  }

  /** Undefined: the terminal is full. What nobody can take any more counts as written. */
  #try(data: Uint8Array): number | undefined {
    try {
      return writeSync(this.#fd, data)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : data.length
    }
  }
}
