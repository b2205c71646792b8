import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export interface OutputLogOptions {
  /** Bytes kept in all, head and tail together. */
  readonly quotaBytes?: number
  /** Bytes at the very beginning that are never dropped: how it started is worth more than the middle. */
  readonly headBytes?: number
  readonly segmentBytes?: number
}

export interface OutputRead {
  /** Where `bytes` begin; greater than asked for when what was asked for has been dropped. */
  readonly offset: number
  readonly bytes: Uint8Array
  /** Where to read on. */
  readonly next: number
}

const MIB = 1024 * 1024
const DEFAULTS = { quotaBytes: 50 * MIB, headBytes: MIB, segmentBytes: 4 * MIB } as const
/** Segment files are named by the offset of their first byte, so that names sort and a listing is the index. */
const SEGMENT = /^(\d{16})\.seg$/

interface Segment {
  readonly start: number
  size: number
}

/**
 * The output of one agent on disk: a folder of segment files, appended to by the engine only. An offset counts
 * bytes from the very first, and stays valid when the quota drops segments in the middle: reading there goes on at
 * the next byte that is kept.
 *
 * open -> closed. What was appended is in the file when `append` returns; a crash of the program loses none of it,
 * and after a power loss `size` says how much there is, which is where the output is asked for again.
 */
export class OutputLog {
  readonly #folder: string
  readonly #quota: number
  readonly #head: number
  readonly #segmentBytes: number
  #segments: Segment[]
  /** The newest segment's file; undefined before the first append and when closed. */
  #fd: number | undefined
  #kept: number
  #closed = false
  /** Called and cleared on every append and on close. */
  #wake: (() => void)[] = []

  private constructor(folder: string, segments: Segment[], options: OutputLogOptions) {
    this.#folder = folder
    this.#segments = segments
    this.#quota = options.quotaBytes ?? DEFAULTS.quotaBytes
    this.#head = options.headBytes ?? DEFAULTS.headBytes
    this.#segmentBytes = options.segmentBytes ?? DEFAULTS.segmentBytes
    this.#kept = segments.reduce((sum, segment) => sum + segment.size, 0)
  }

  /** Opens or makes the log in a folder of its own. Files that are not segments are left alone. */
  static open(folder: string, options: OutputLogOptions = {}): OutputLog {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const segments: Segment[] = []
    for (const name of readdirSync(folder).toSorted()) {
      const start = SEGMENT.exec(name)?.[1]
      if (start === undefined) continue
      segments.push({ start: Number(start), size: statSync(join(folder, name)).size })
    }
    return new OutputLog(folder, segments, options)
  }

  /** Offset of the byte that comes next: how much output there was, dropped parts included. */
  get size(): number {
    const last = this.#segments.at(-1)
    return last === undefined ? 0 : last.start + last.size
  }

  /** Bytes on disk. */
  get kept(): number {
    return this.#kept
  }

  append(bytes: Uint8Array): void {
    if (this.#closed) throw new Error(`the output log ${this.#folder} is closed`)
    let rest = bytes
    while (rest.length > 0) {
      const segment = this.#writable()
      const piece = rest.subarray(0, this.#limit(segment) - segment.size)
      // Disk full may cut a write short: what was written counts, so that offsets and file agree.
      const written = writeSync(this.#fd!, piece, 0, piece.length)
      segment.size += written
      this.#kept += written
      rest = rest.subarray(written)
    }
    this.#dropOldest()
    this.#notify()
  }

  /** At most `limit` bytes from `from` on; empty at the end. */
  read(from: number, limit: number): OutputRead {
    const segment = this.#segments.find((one) => from < one.start + one.size)
    if (segment === undefined) return { offset: from, bytes: new Uint8Array(0), next: from }
    const offset = Math.max(from, segment.start)
    const buffer = Buffer.allocUnsafe(Math.min(limit, segment.start + segment.size - offset))
    const fd = openSync(this.#path(segment), 'r')
    try {
      const read = readSync(fd, buffer, 0, buffer.length, offset - segment.start)
      return { offset, bytes: buffer.subarray(0, read), next: offset + read }
    } finally {
      closeSync(fd)
    }
  }

  /** Everything from `from` on, then what is appended, as it comes; ends when the log is closed. */
  async *follow(from: number, signal: AbortSignal, limit = 256 * 1024): AsyncGenerator<OutputRead> {
    let position = from
    for (;;) {
      signal.throwIfAborted()
      const piece = this.read(position, limit)
      position = piece.next
      if (piece.bytes.length > 0) yield piece
      else if (this.#closed) return
      else await this.#change(signal)
    }
  }

  /** Makes what was appended survive a power loss. */
  sync(): void {
    if (this.#fd !== undefined) fsyncSync(this.#fd)
  }

  /** Ends those who follow; reading goes on working. Idempotent. */
  close(): void {
    this.#closed = true
    this.#closeFile()
    this.#notify()
  }

  /** The head has a segment of its own, so that it can stay when everything after it goes. */
  #limit(segment: Segment): number {
    return segment.start === 0 ? this.#head : this.#segmentBytes
  }

  #writable(): Segment {
    const last = this.#segments.at(-1)
    if (last !== undefined && last.size < this.#limit(last)) {
      this.#fd ??= openSync(this.#path(last), 'a', 0o600)
      return last
    }
    this.#closeFile()
    const segment = { start: this.size, size: 0 }
    this.#fd = openSync(this.#path(segment), 'a', 0o600)
    this.#segments.push(segment)
    return segment
  }

  #dropOldest(): void {
    while (this.#kept > this.#quota && this.#segments.length > 2) {
      const [oldest] = this.#segments.splice(1, 1)
      if (oldest === undefined) return
      unlinkSync(this.#path(oldest))
      this.#kept -= oldest.size
    }
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

  #notify(): void {
    const wake = this.#wake
    this.#wake = []
    for (const call of wake) call()
  }

  #closeFile(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #path(segment: Segment): string {
    return join(this.#folder, `${String(segment.start).padStart(16, '0')}.seg`)
  }
}
