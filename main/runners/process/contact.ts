import { connect, type Socket } from 'node:net'
import { type AgentExit, RunnerError } from '../../engine/ports/runner.ts'
import { see } from './observe.ts'
import { readSpec } from './record.ts'
import type { Answer, Request } from './supervisorDoor.ts'

/** Between two looks at an agent whose supervisor does not answer, ms. */
const LOOK_MS = 200
/** A supervisor answers at once; one that takes longer is stopped or hangs, ms. */
const ANSWER_MS = 5_000

export type Ending =
  | { readonly as: 'exited'; readonly exit: AgentExit }
  /** Over, and nobody saw how. */
  | { readonly as: 'lost' }
  /** There is no such agent (any more). */
  | { readonly as: 'gone' }

/** What a request may ask, without its number. */
export type Wish = Request extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never

/**
 * The engine's line to one agent's supervisor. It tells of more output and of the end; where nobody answers, the end
 * is looked for in the folder and among the processes instead.
 *
 * idle -> (somebody waits) -> connecting -> connected -> looking -> connecting …, until `ended`, which is final; back
 * to idle when nobody waits any more.
 */
export class Contact {
  readonly #folder: string
  readonly #boot: string
  /** Set while connecting or connected. */
  #socket: Socket | undefined
  /** Set while looking again later. */
  #timer: NodeJS.Timeout | undefined
  /** Called, once each, at the next news. */
  #waiting = new Set<() => void>()
  /** Answers that are awaited, by number. */
  readonly #asked = new Map<number, (answer: Answer) => void>()
  #lastId = 0
  #ended: Ending | undefined

  constructor(folder: string, boot: string) {
    this.#folder = folder
    this.#boot = boot
  }

  /** Set when it is over. Not looked for before somebody waits, but see `look`. */
  get ended(): Ending | undefined {
    return this.#ended
  }

  /** Looks for the end now. */
  look(): Ending | undefined {
    if (this.#ended !== undefined) return this.#ended
    const seen = see(this.#folder, this.#boot)
    if (seen === undefined) this.#end({ as: 'gone' })
    else if (seen.status === 'over') this.#end({ as: 'exited', exit: seen.exit })
    else if (seen.status === 'lost') this.#end({ as: 'lost' })
    return this.#ended
  }

  /** Resolves at the next news: output, or the end. Rejects on abort. At once when it is over. */
  news(signal: AbortSignal): Promise<void> {
    if (this.#ended !== undefined) return Promise.resolve()
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const heard = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        this.#waiting.delete(heard)
        this.#restIfIdle()
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(heard)
      this.#connect()
    })
  }

  /** Resolves with the supervisor's answer. Throws RunnerError when it does not come. */
  async ask(wish: Wish): Promise<void> {
    this.#connect()
    const socket = this.#socket
    if (socket === undefined) throw notRunning('is not running, or lost its terminal')
    const id = ++this.#lastId
    let late: NodeJS.Timeout | undefined
    const answer = await new Promise<Answer | undefined>((resolve) => {
      this.#asked.set(id, resolve)
      late = setTimeout(() => resolve(undefined), ANSWER_MS)
      socket.write(`${JSON.stringify({ id, ...wish })}\n`)
    })
    clearTimeout(late)
    this.#asked.delete(id)
    this.#restIfIdle()
    if (answer === undefined) throw hangs()
    if (answer.error === undefined) return
    throw notRunning(answer.error)
  }

  /** Hangs up. Whoever waits is woken. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#socket?.destroy()
    this.#socket = undefined
    this.#wake()
  }

  #connect(): void {
    if (this.#socket !== undefined || this.#timer !== undefined || this.#ended !== undefined) return
    const address = readSpec(this.#folder)?.address
    if (address === undefined) {
      this.#lookLater()
      return
    }
    const socket = connect(address)
    this.#socket = socket
    let unread = ''
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      const lines = (unread + text).split('\n')
      unread = lines.pop()!
      for (const line of lines) this.#hear(JSON.parse(line) as Answer | string)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#fail('is not running')
      if (this.look() === undefined) this.#lookLater()
    })
  }

  #hear(line: Answer | string): void {
    if (typeof line !== 'string') this.#asked.get(line.id)?.(line)
    else {
      if (line === 'over') this.look()
      this.#wake()
    }
  }

  #lookLater(): void {
    if (this.#waiting.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.look() !== undefined) return
      this.#wake()
      // Those woken wait again, or nobody does.
      if (this.#waiting.size > 0) this.#connect()
    }, LOOK_MS)
  }

  #end(ending: Ending): void {
    this.#ended = ending
    this.#fail('is not running')
    this.close()
  }

  #fail(error: string): void {
    for (const [id, resolve] of this.#asked) resolve({ id, error })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const heard of waiting) heard()
  }

  #restIfIdle(): void {
    if (this.#waiting.size === 0 && this.#asked.size === 0) this.close()
  }
}

function hangs(): RunnerError {
  const remedy = 'Stop the agent, or continue what holds its supervisor up.'
  return new RunnerError('unavailable', 'The agent’s supervisor does not answer.', remedy)
}

function notRunning(what: string): RunnerError {
  return new RunnerError('refused', `The agent ${what}.`, 'Only running agents with a terminal take input.')
}
