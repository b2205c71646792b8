import type { z } from 'zod'
import type { Answer, Outcome } from '../../domain/commands.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import { type AgentCommand, agentRequestSchema } from '../../domain/talk/agentCommands.ts'
import type { ChecklistStepId } from '../../domain/talk/checklist.ts'
import type { DoorEngine } from '../../engine/ports/doors.ts'
import type { Workspaces } from '../../engine/ports/workspaces.ts'
import { type Door, type DoorReply, type RefusalCode, refuse } from './door.ts'
import { issuesText } from './issues.ts'
import { DOOR_LIMITS, type TokenBucket } from './limits.ts'
import { type Standing, standingOf } from './standing.ts'
import type { Waits } from './waits.ts'

/** Thrown by what verbs use when a call ends there; the service answers its caller with `reply`. */
export class Refused extends Error {
  readonly reply: DoorReply
  constructor(code: RefusalCode, reason: string, remedy: string, retryAfter?: number) {
    super(reason)
    this.name = 'Refused'
    this.reply = refuse(code, reason, remedy, retryAfter)
  }
}

/** What all doors share. */
export interface Behind {
  readonly engine: DoorEngine
  readonly waits: Waits
  readonly workspaces: Pick<Workspaces, 'publish' | 'putArtifact' | 'artifactPath'>
  /** After so long a command that the engine has not taken is answered with 503, ms. */
  readonly commandMs: number
}

/** How much one agent has under way. */
export interface Load {
  waiting: number
  commands: number
  /** Uploads and files published. */
  uploads: number
  uploadedBytes: number
  /** Bytes the log may still take of it. */
  readonly words: TokenBucket
}

/** One call of one agent, as its verb sees it. */
export class Call {
  readonly door: Door
  readonly behind: Behind
  readonly signal: AbortSignal
  readonly #load: Load
  readonly #requestId: string | null

  constructor(
    behind: Behind,
    door: Door,
    load: Load,
    call: { readonly requestId: string | null; readonly signal: AbortSignal },
  ) {
    this.behind = behind
    this.door = door
    this.#load = load
    this.#requestId = call.requestId
    this.signal = AbortSignal.any([call.signal, door.closed])
  }

  /** Who calls, as things are now. */
  get standing(): Standing {
    const standing = standingOf(this.behind.engine.state, this.door.of)
    if (standing === undefined) throw over()
    return standing
  }

  /** Carries out what changes something, known by the caller's Request-Id: said again it gives the same answer. */
  command(request: z.input<typeof agentRequestSchema>): Promise<Answer> {
    return this.#dispatch(request, this.#requestId)
  }

  /** Carries out what may be said again at will. */
  again(request: z.input<typeof agentRequestSchema>): Promise<Answer> {
    return this.#dispatch(request, null)
  }

  /** Records steps of the start-up check-list, each once. */
  async check(...steps: readonly ChecklistStepId[]): Promise<void> {
    for (const step of steps) {
      if (this.standing.attempt.checked.includes(step)) continue
      await this.again({ type: 'agent.check', step })
    }
  }

  /** Reads a whole file into the store: that is work, so not much of it is done at once, nor without an end. */
  async storing<T>(work: () => Promise<T>): Promise<T> {
    const { uploadBytes, uploadsAtOnce } = DOOR_LIMITS
    if (this.#load.uploads >= uploadsAtOnce)
      throw new Refused('too-many', 'two uploads of yours are under way', 'Wait until one is through.', 1)
    if (this.#load.uploadedBytes >= uploadBytes) throw tooLarge(uploadBytes)
    this.#load.uploads++
    try {
      return await work()
    } finally {
      this.#load.uploads--
    }
  }

  /** Counts bytes that came to be stored. */
  stored(bytes: number): void {
    this.#load.uploadedBytes += bytes
  }

  event(seq: number): Promise<EventEnvelope | undefined> {
    return this.behind.engine.event(seq)
  }

  /** What `look` finds, at once or within so many seconds; undefined when it did not come. */
  async wait<T>(seconds: number, look: (standing: Standing) => T | undefined): Promise<T | undefined> {
    const found = look(this.standing)
    if (found !== undefined || seconds <= 0) return found
    if (this.#load.waiting >= DOOR_LIMITS.waiting)
      throw new Refused(
        'too-many',
        `${DOOR_LIMITS.waiting} calls of yours are waiting already`,
        'Wait with fewer calls at once.',
        1,
      )
    this.#load.waiting++
    try {
      const { engine, waits } = this.behind
      const first = await waits.until(
        this.door.of.run,
        (state) => {
          const standing = standingOf(state, this.door.of)
          if (standing === undefined) return { over: true } as const
          const value = look(standing)
          return value === undefined ? undefined : ({ over: false, value } as const)
        },
        seconds * 1_000,
        this.signal,
      )
      if (first?.over === true || standingOf(engine.state, this.door.of) === undefined) throw over()
      if (first === undefined && this.signal.aborted) throw stopping()
      return first?.value
    } finally {
      this.#load.waiting--
    }
  }

  /**
   * A Request-Id is one attempt's own, but for those that begin with `once-`: they count for the task, so that what an
   * attempt has said before it died is not said again by the next.
   */
  #commandId(requestId: string): string {
    const { run, task, id } = this.door.of
    return requestId.startsWith('once-') ? `door:${run}/${task}:${requestId}` : `door:${id}:${requestId}`
  }

  async #dispatch(request: z.input<typeof agentRequestSchema>, id: string | null): Promise<Answer> {
    const parsed = agentRequestSchema.safeParse(request)
    if (!parsed.success) throw new Refused('bad-request', issuesText(parsed.error), 'Mend it and call again.')
    const words = Buffer.byteLength(JSON.stringify(parsed.data))
    if (!this.#load.words.take(performance.now(), words)) throw tooManyWords()
    const { run, task, attempt } = this.door.of
    if (this.#load.commands >= DOOR_LIMITS.commands) throw busy()
    const actor = `agent:${this.standing.name}`
    this.#load.commands++
    const command: AgentCommand = { ...parsed.data, run, task, attempt }
    const known = id === null ? null : this.#commandId(id)
    const outcome = this.behind.engine.dispatch(command, actor, known)
    const settled = outcome.finally(() => this.#load.commands--)
    return answerOf(await within(settled, this.behind.commandMs, this.door.closed))
  }
}

/** The engine's outcome; refuses when it takes too long, is closing, or has failed. Late outcomes are let go. */
async function within(outcome: Promise<Outcome>, ms: number, closed: AbortSignal): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  let stop: (() => void) | undefined
  try {
    return await Promise.race([
      outcome.catch(() => {
        throw new Refused('unavailable', 'the engine has stopped', 'Repeat the call with its Request-Id.', 5)
      }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(busy()), ms)
        stop = () => reject(stopping())
        closed.addEventListener('abort', stop)
        if (closed.aborted) stop()
      }),
    ])
  } finally {
    clearTimeout(timer)
    if (stop !== undefined) closed.removeEventListener('abort', stop)
  }
}

function answerOf(outcome: Outcome): Answer {
  if (outcome.ok) return outcome.answer ?? {}
  const { rejected, reason } = outcome
  switch (rejected) {
    case 'unknown':
      throw new Refused('unknown', reason, 'Look at what there is, then call again.')
    case 'not-now':
      throw new Refused('not-now', reason, 'Try again later.')
    case 'stale':
      throw over(reason)
    case 'forbidden':
      throw new Refused('not-allowed', reason, 'Go through somebody who may.')
    case 'invalid':
      if (reason.startsWith('internal error')) throw internal()
      throw new Refused('bad-request', reason, 'Mend it and call again.')
  }
}

export function tooLarge(bytes: number): Refused {
  return new Refused('too-large', `more than ${bytes} bytes of artifacts`, 'Send less, or in parts.')
}

export function over(reason = 'your attempt is over'): Refused {
  return new Refused('over', reason, 'End: nothing you say or do counts any more.')
}

function tooManyWords(): Refused {
  const { wordsBytes, wordsBytesPerSecond } = DOOR_LIMITS
  const reason = `you have said ${wordsBytes} bytes, and more than ${wordsBytesPerSecond} bytes a second since`
  return new Refused('too-many', reason, 'Say less, and publish large things as artifacts.', 5)
}

/** A call got the answer of another one: its id was not new. */
export function reused(): Refused {
  return new Refused(
    'bad-request',
    'that Request-Id named another call of yours',
    'Use a new one for each call.',
  )
}

export function stopping(): Refused {
  return new Refused('unavailable', 'the engine is stopping', 'Repeat the call with its Request-Id.', 2)
}

export function busy(): Refused {
  const reason = 'the engine does not get through with its work; the call may have been taken'
  return new Refused('unavailable', reason, 'Repeat the call with its Request-Id.', 2)
}

export function internal(): Refused {
  const reason = 'something inside the engine went wrong'
  return new Refused('internal', reason, 'Call again, or go on without; a person can see it in the log.')
}
