import { execFileSync } from 'node:child_process'

/** What an agent hears of a message; see the documentation of agents' doors. */
export interface Message {
  readonly number: number
  readonly from: string
  readonly type: string
  readonly kind: string | null
  readonly subject: string
  readonly content: string
  readonly payload: unknown
  readonly artifacts: readonly { readonly path: string; readonly hash: string | null }[]
  readonly tags: readonly string[]
  /** Number of the message this answers. */
  readonly answers: number | null
}

export interface Handoff {
  readonly handoff: string
  readonly state: string
  readonly from: string
  readonly to: string
  readonly clarifications: readonly { readonly question: string; readonly answer: string | null }[]
  readonly document: {
    readonly title: string
    readonly artifacts: readonly { readonly path: string; readonly hash: string | null }[]
  }
}

/**
 * Calls `amphi-agent`. `once` names what must take place once however often this work is begun: an attempt that takes
 * over from one that died says nothing a second time.
 */
export function amphi(args: readonly string[], once?: string, input = ''): Record<string, unknown> {
  const options = once === undefined ? [] : ['--once', once]
  const text = execFileSync('amphi-agent', ['--json', ...options, ...args], { encoding: 'utf8', input })
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** Sends a whole message, in any of the forms that are understood; gives its number. */
export function send(message: object, once: string): unknown {
  return amphi(['send', '--json', '-'], once, JSON.stringify(message)).message
}

/**
 * What comes in. Messages are marked as handled in the end (`done`): whoever takes over before that finds them again.
 */
export class Inbox {
  readonly #vote: string
  #waiting: readonly Message[] = []
  #last = 0

  /** `vote`: what is answered wherever a vote is called. */
  constructor(vote: string) {
    this.#vote = vote
  }

  /** The oldest message that fits and was not given before; waits for it. */
  wait(fits: (message: Message) => boolean): Message {
    for (;;) {
      const found = this.#waiting.find(fits)
      this.#waiting = this.#waiting.filter((message) => message !== found)
      if (found !== undefined) return found
      const { messages } = amphi(['inbox', '--wait', '50', '--after', String(this.#last)])
      for (const message of messages as Message[]) this.#take(message)
    }
  }

  #take(message: Message): void {
    this.#last = message.number
    const { ballot, options } = fieldsOf(message)
    if (message.kind === 'vote' && options !== undefined) castVote(String(ballot), this.#vote)
    else this.#waiting = [...this.#waiting, message]
  }

  done(): void {
    const { messages } = amphi(['inbox', '--limit', '100'])
    const numbers = (messages as Message[]).map(({ number }) => String(number))
    if (numbers.length > 0) amphi(['handled', ...numbers])
  }
}

/** The named values of a message's payload; none where it has no such payload. */
export function fieldsOf({ payload }: Message): Readonly<Record<string, unknown>> {
  return typeof payload === 'object' && payload !== null ? { ...payload } : {}
}

/** A ballot may be closed by the time somebody comes to it; then there is nothing left to say. */
function castVote(ballot: string, option: string): void {
  try {
    amphi(['vote', ballot, option])
  } catch {
    console.log(`too late to vote in ${ballot}`)
  }
}

export function handoffs(): readonly Handoff[] {
  return amphi(['handoffs']).handoffs as Handoff[]
}
