import { join } from 'node:path'
import type { AgentExit, AgentObservation } from '../engine/ports/runner.ts'
import { OutputLog } from '../runners/output/segments.ts'
import { type Begun, isPausedIn, markPaused, readExit, writeExit } from './actionFolder.ts'
import type { Planner } from './actions.ts'
import { type ExecutionEnd, execute } from './execute.ts'
import { Journal } from './journal.ts'
import { isFull, whenRoom } from './room.ts'

/**
 * An action of this process's: open (carried out, or paused between two steps), over (its exit is on disk), or
 * closed (the program ends before the action did; the next start makes another of these from the same folder).
 */
export class ActiveAction {
  readonly #folder: string
  readonly #begun: Begun
  readonly #log: OutputLog
  readonly #stopping = new AbortController()
  readonly #closing = new AbortController()
  /** Resolves when it may go on; replaced by each pause. */
  #paused: PromiseWithResolvers<void> | undefined
  /** Undefined until it is over. */
  #exit: AgentExit | undefined
  /** Settles when it is over or closed. */
  readonly ended: Promise<void>

  constructor(folder: string, begun: Begun, planner: Planner) {
    this.#folder = folder
    this.#begun = begun
    this.#log = OutputLog.open(join(folder, 'output'))
    if (isPausedIn(folder)) this.#paused = Promise.withResolvers()
    this.ended = this.#run(planner)
  }

  observe(): AgentObservation {
    const { spec, startedAt } = this.#begun
    const status = this.#exit !== undefined ? 'exited' : this.#paused === undefined ? 'running' : 'paused'
    return { attempt: spec.attempt, handle: this.#folder, status, startedAt, exit: this.#exit ?? null }
  }

  /** It ends at the next safe point, with everything put back that can be. */
  stop(words: string): void {
    if (!this.#stopping.signal.aborted) this.#stopping.abort(words)
    this.resume()
  }

  pause(): void {
    if (this.#exit !== undefined || this.#paused !== undefined) return
    markPaused(this.#folder, true)
    this.#paused = Promise.withResolvers()
  }

  resume(): void {
    if (this.#paused === undefined) return
    markPaused(this.#folder, false)
    this.#paused.resolve()
    this.#paused = undefined
  }

  async *output(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const { bytes } of this.#log.follow(from, signal)) yield bytes
  }

  /** Leaves it where it is; settles when nothing of it is under way any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the program ends'))
    this.#paused?.resolve()
    await this.ended
  }

  async #run(planner: Planner): Promise<void> {
    const { spec } = this.#begun
    const journal = new Journal(this.#folder)
    const say = (line: string): void => this.#say(line)
    try {
      const plan = planner(spec)
      const end = await execute({
        plan,
        journal,
        context: { job: spec.action, folder: join(this.#folder, 'files'), say },
        closing: this.#closing.signal,
        stopping: this.#stopping.signal,
        unpaused: () => this.#paused?.promise ?? Promise.resolve(),
        onStep: (step, index) => say(`[${index + 1}/${plan.steps.length}] ${step.title}`),
      })
      await this.#over(end)
    } catch (error) {
      // A flaw of ours, or a disk that is broken: told as its end, so that nobody waits for ever.
      const words = error instanceof Error ? error.message : String(error)
      const reason = `it broke off: ${words}. Look with: amphi targets show ${spec.action.target.name}`
      await this.#over({ is: 'failed', words: reason, cause: 'failed', outputs: { state: 'half', reason } })
    } finally {
      journal.close()
      this.#log.close()
    }
  }

  /** What there is no room for is not kept; what was done is in the journal. */
  #say(line: string): void {
    try {
      this.#log.append(Buffer.from(`${line}\n`))
    } catch (error) {
      if (!isFull(error)) throw error
    }
  }

  async #over(end: ExecutionEnd): Promise<void> {
    if (end.is === 'closed') return
    const ok = end.is === 'done'
    const exit: AgentExit = {
      code: ok ? 0 : end.cause === 'stopped' ? 143 : 1,
      oomKilled: false,
      finishedAt: Date.now(),
      error: ok || end.cause === 'stopped' ? null : end.words,
    }
    this.#say(ok ? 'Done.' : `Failed: ${end.words}`)
    const isKept = await whenRoom(this.#closing.signal, () => {
      this.#log.sync()
      writeExit(this.#folder, this.#begun.spec, exit, end.outputs)
    })
    if (isKept) this.#exit = exit
  }
}

/** The end of an action that an earlier process saw to. */
export function observeEnded(folder: string, { spec, startedAt }: Begun): AgentObservation | undefined {
  const exit = readExit(folder)
  if (exit === undefined) return undefined
  return { attempt: spec.attempt, handle: folder, status: 'exited', startedAt, exit }
}
