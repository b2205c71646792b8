import type { Command, CommandEnvelope, Outcome, Rejection } from '../domain/commands.ts'
import { type Decision, decide, isRejection } from '../domain/decide.ts'
import type { EventEnvelope } from '../domain/events.ts'
import { type CommandId, commandId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { historyRows } from './history.ts'
import { type Batch, type Store, StoreError } from './ports/store.ts'
import type { Scheduling } from './scheduling.ts'

export type EngineStatus =
  | { readonly status: 'running' }
  | { readonly status: 'stalled'; readonly reason: string; readonly remedy: string }
  | { readonly status: 'failed'; readonly reason: string; readonly remedy: string }

export type PublishListener = (events: readonly EventEnvelope[], state: State, before: State) => void

interface Pending {
  readonly envelope: CommandEnvelope
  /** Recorded with its outcome, so that sending it again does nothing more. */
  readonly remember: boolean
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: Error) => void
}

/** Commands decided in one transaction at most: bounds the time the thread is held. */
const MAX_BATCH = 256
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 5_000

/**
 * The only writer. Commands queue up while a commit is in flight; then all that wait are decided one after the
 * other on a tentative state, appended in one transaction, and only then published: state, subscribers, answers.
 *
 * idle → (a command) → deciding → committing → publishing → idle or deciding.
 * A commit that fails: committing → stalled, and from there by timer to deciding again; the tentative state is
 * dropped and the commands stay queued. One whose fate is unknown is looked up in the store first.
 * A store that is corrupt: → failed, for good; every command from then on is refused.
 */
export class Engine {
  readonly #store: Store
  readonly #scheduling: Scheduling
  #listeners: readonly PublishListener[] = []
  #state: State
  #queue: Pending[] = []
  /** True from the moment a flush is due until nothing is queued. */
  #busy = false
  #closed = false
  #running: Promise<void> = Promise.resolve()
  #status: EngineStatus = { status: 'running' }
  #retryMs = FIRST_RETRY_MS
  #nextId = 0
  readonly #idPrefix: string
  /** Commands from outside that have no answer yet: the same id again waits for that answer. */
  readonly #unanswered = new Map<CommandId, Promise<Outcome>>()

  constructor(store: Store, scheduling: Scheduling, state: State, idPrefix: string) {
    this.#store = store
    this.#scheduling = scheduling
    this.#state = state
    this.#idPrefix = idPrefix
  }

  /** The last published state: everything in it is on disk. */
  get state(): State {
    return this.#state
  }

  get status(): EngineStatus {
    return this.#status
  }

  /** Called after each commit, in order. Listeners must not throw. Returns the way to stop listening. */
  onPublish(listener: PublishListener): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  /** A command that may be given twice (report, timer, taking an inbox): gets an id, is not remembered. */
  report(command: Command, correlation?: CommandId, actor = 'engine'): Promise<Outcome> {
    const id = commandId(`${this.#idPrefix}.${++this.#nextId}`)
    return this.#enqueue({ id, correlation: correlation ?? id, actor, command }, false)
  }

  /** A command from outside. The same id again is answered with the first outcome, also while that is under way. */
  dispatch(envelope: CommandEnvelope): Promise<Outcome> {
    const { id } = envelope
    const before = this.#unanswered.get(id)
    if (before !== undefined) return before
    const answer = this.#dispatchOnce(envelope).finally(() => this.#unanswered.delete(id))
    this.#unanswered.set(id, answer)
    return answer
  }

  async #dispatchOnce(envelope: CommandEnvelope): Promise<Outcome> {
    const known = await this.#store.outcome(envelope.id)
    if (known !== undefined) return JSON.parse(known) as Outcome
    return this.#enqueue(envelope, true)
  }

  #enqueue(envelope: CommandEnvelope, remember: boolean): Promise<Outcome> {
    if (this.#status.status === 'failed') return Promise.reject(new Error(this.#status.reason))
    return new Promise((resolve, reject) => {
      this.#queue.push({ envelope, remember, resolve, reject })
      this.#kick()
    })
  }

  /** Lets the batch that is being written be written. What comes later is neither decided nor answered. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  #kick(): void {
    if (this.#busy) return
    this.#busy = true
    this.#scheduling.immediate(() => this.#start())
  }

  #start(): void {
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#failed() && !this.#closed) {
      const taken = this.#queue.splice(0, MAX_BATCH)
      const committed = await this.#commit(taken)
      if (committed) continue
      this.#queue = [...taken, ...this.#queue]
      if (this.#failed()) return this.#refuseAll()
      this.#scheduling.after(this.#retryMs, () => this.#start())
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
      return
    }
    this.#busy = false
  }

  async #commit(taken: readonly Pending[]): Promise<boolean> {
    const before = this.#state
    const decided = this.#decideAll(taken)
    if (decided.batch.events.length > 0 || decided.batch.outcomes.length > 0) {
      if (!(await this.#append(decided.batch, before.seq))) return false
    }
    this.#status = { status: 'running' }
    this.#retryMs = FIRST_RETRY_MS
    this.#state = decided.state
    if (decided.batch.events.length > 0) {
      for (const listener of this.#listeners) listener(decided.batch.events, decided.state, before)
    }
    decided.answers.forEach((outcome, i) => {
      taken[i]!.resolve(outcome)
    })
    return true
  }

  #decideAll(taken: readonly Pending[]): { batch: Batch; state: State; answers: readonly Outcome[] } {
    const now = this.#scheduling.now()
    const events: EventEnvelope[] = []
    const outcomes: { command: CommandId; outcome: string }[] = []
    const seen = new Map<CommandId, Outcome>()
    const answers: Outcome[] = []
    let state = this.#state
    for (const { envelope, remember } of taken) {
      const repeated = remember ? seen.get(envelope.id) : undefined
      if (repeated !== undefined) {
        answers.push(repeated)
        continue
      }
      const result = decideSafely(state, envelope, now)
      if (!isRejection(result)) {
        state = result.state
        for (const event of result.events) events.push(event)
      }
      const outcome = outcomeOf(result, state.seq)
      answers.push(outcome)
      if (!remember) continue
      seen.set(envelope.id, outcome)
      if (outcome.ok) outcomes.push({ command: envelope.id, outcome: JSON.stringify(outcome) })
    }
    const follow = this.#followUp(state, taken.at(-1)!.envelope, now)
    for (const event of follow.events) events.push(event)
    const rows = historyRows(this.#state, follow.state, events)
    return { batch: { events, outcomes, ...rows }, state: follow.state, answers }
  }

  /** What is ready now starts in the same commit as what made it so. */
  #followUp(state: State, cause: CommandEnvelope, now: number): Decision {
    const followed = decide(state, { ...cause, actor: 'engine', command: { type: 'schedule' } }, now)
    if (isRejection(followed)) throw new Error(`scheduling was refused: ${followed.reason}`)
    return followed
  }

  async #append(batch: Batch, seqBefore: number): Promise<boolean> {
    try {
      await this.#store.append(batch)
      return true
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return this.#afterFailedAppend(error, batch, seqBefore)
    }
  }

  async #afterFailedAppend(error: StoreError, batch: Batch, seqBefore: number): Promise<boolean> {
    const { message: reason, remedy } = error
    if (error.kind === 'corrupt' || error.kind === 'newer') {
      this.#status = { status: 'failed', reason, remedy }
      return false
    }
    this.#status = { status: 'stalled', reason, remedy }
    if (error.kind === 'unavailable') return false
    const last = batch.events.at(-1)?.seq ?? seqBefore
    return (await this.#lookUpSeq()) >= last && last > seqBefore
  }

  /** The store's last number, asked until it answers: until then nothing may be decided. */
  async #lookUpSeq(): Promise<number> {
    for (;;) {
      if (this.#closed) return 0
      try {
        return await this.#store.lastSeq()
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        await new Promise<void>((resolve) => {
          this.#scheduling.after(this.#retryMs, resolve)
        })
      }
    }
  }

  #failed(): boolean {
    return this.#status.status === 'failed'
  }

  #refuseAll(): void {
    const reason = this.#status.status === 'failed' ? this.#status.reason : 'the engine has stopped'
    for (const { reject } of this.#queue.splice(0)) reject(new Error(reason))
  }
}

/** A rule that throws is a bug of ours; it costs its own command, not the others in the batch. */
function decideSafely(state: State, envelope: CommandEnvelope, now: number): ReturnType<typeof decide> {
  try {
    return decide(state, envelope, now)
  } catch (error) {
    return {
      rejected: 'invalid',
      reason: `internal error at ${envelope.command.type}: ${(error as Error).message}`,
    }
  }
}

function outcomeOf(result: Decision | Rejection, seq: number): Outcome {
  if ('rejected' in result) return { ok: false, rejected: result.rejected, reason: result.reason }
  return result.answer === undefined ? { ok: true, seq } : { ok: true, seq, answer: result.answer }
}
