import type { MessageName, Messages } from '../../../preload/contract.ts'
import { STREAM_WINDOW } from '../../../preload/contract.ts'
import { agentLines, floodBytes } from './agentTalk.ts'

/** Bytes of output one page engine keeps of an attempt. */
const KEPT = 64e6
const PIECE = STREAM_WINDOW.output / 4

interface Open {
  readonly attempt: string
  readonly follow: boolean
  at: number
  unacknowledged: number
}

interface Output {
  bytes: Uint8Array
  size: number
  readonly talk: Iterator<string, void>
}

type Post = <K extends MessageName>(name: K, message: Messages[K]) => void

/** What the agents of the page's own engine say, and the streams of those who look on, by the contract. */
export class PageOutputs {
  readonly #post: Post
  readonly #random: () => number
  readonly #outputs = new Map<string, Output>()
  readonly #streams = new Map<number, Open>()

  constructor(post: Post, random: () => number) {
    this.#post = post
    this.#random = random
  }

  /** `ms` more of an agent at work; `flood` bytes a second instead of words where it is set. */
  grow(attempt: string, command: string, ms: number, flood = 0): void {
    if (flood > 0) this.#append(attempt, command, floodBytes(Math.round((flood * ms) / 1_000)))
    else if (this.#random() < ms / 160) {
      const next = this.#of(attempt, command).talk.next()
      if (!next.done) this.#append(attempt, command, new TextEncoder().encode(next.value))
    }
  }

  /** Echoes what is typed as a terminal would. */
  type(attempt: string, text: string): void {
    this.#append(attempt, '', new TextEncoder().encode(text.replace(/\r/g, '\r\n')))
  }

  open(args: {
    readonly stream: number
    readonly attempt: string
    readonly from: number
    readonly follow: boolean
  }): void {
    const size = this.#outputs.get(args.attempt)?.size ?? 0
    const at = args.from < 0 ? Math.max(0, size + args.from) : args.from
    this.#streams.set(args.stream, { attempt: args.attempt, follow: args.follow, at, unacknowledged: 0 })
  }

  ack(stream: number, weight: number): void {
    const open = this.#streams.get(stream)
    if (open !== undefined) open.unacknowledged = Math.max(0, open.unacknowledged - weight)
    this.#pump(stream)
  }

  close(stream: number): void {
    this.#streams.delete(stream)
  }

  publish(isOver: (attempt: string) => boolean): void {
    for (const [stream, open] of this.#streams) {
      this.#pump(stream)
      const done = open.at >= (this.#outputs.get(open.attempt)?.size ?? 0)
      if (!done || (open.follow && !isOver(open.attempt))) continue
      this.#streams.delete(stream)
      this.#post('ended', { stream, error: null })
    }
  }

  #pump(stream: number): void {
    const open = this.#streams.get(stream)
    const output = open === undefined ? undefined : this.#outputs.get(open.attempt)
    if (open === undefined || output === undefined) return
    while (open.at < output.size && open.unacknowledged < STREAM_WINDOW.output) {
      const data = output.bytes.slice(open.at, Math.min(output.size, open.at + PIECE))
      const offset = open.at
      open.at += data.length
      open.unacknowledged += data.length
      this.#post('output', { stream, offset, data })
    }
  }

  #of(attempt: string, command: string): Output {
    const known = this.#outputs.get(attempt)
    if (known !== undefined) return known
    const talk = agentLines(attempt, command, this.#random)
    const made = { bytes: new Uint8Array(4_096), size: 0, talk }
    this.#outputs.set(attempt, made)
    return made
  }

  #append(attempt: string, command: string, data: Uint8Array): void {
    const output = this.#of(attempt, command)
    const size = output.size + data.length
    if (size > KEPT) return
    if (size > output.bytes.length) {
      const grown = new Uint8Array(Math.max(size, output.bytes.length * 2))
      grown.set(output.bytes.subarray(0, output.size))
      output.bytes = grown
    }
    output.bytes.set(data, output.size)
    output.size = size
  }
}
