import { RunnerError } from '../engine/ports/runner.ts'
import { isConnectionError } from '../runners/docker/client.ts'
import { StepError } from './step.ts'

/**
 * Trouble that may pass is waited for so long; putting back waits longer. Where Docker itself is away a failure would
 * help nobody: nothing answers anyway, and nothing can be put back before it is there again.
 */
export const PATIENCE = { passingMs: 30_000, awayMs: 180_000 } as const
export const UNDO_PATIENCE = { passingMs: 120_000, awayMs: 300_000 } as const
/** A try that went well for longer than this met new trouble, not the same again. */
const APART_MS = 30_000
/** What comes to grief so often does not pass. */
const MOST = 5

/** How long one step is tried again: counted from when trouble began, however long the step had worked before. */
export class Patience {
  readonly #limits: typeof PATIENCE | typeof UNDO_PATIENCE
  #since = 0
  #last = Number.NEGATIVE_INFINITY
  #troubles = 0

  constructor(limits: typeof PATIENCE | typeof UNDO_PATIENCE) {
    this.#limits = limits
  }

  /** Is it worth another try? `now`: ms. */
  lasts(error: unknown, now: number): boolean {
    if (now - this.#last > APART_MS) {
      this.#since = now
      this.#troubles += 1
    }
    this.#last = now
    const { passingMs, awayMs } = this.#limits
    return this.#troubles <= MOST && now - this.#since < (isDockerAway(error) ? awayMs : passingMs)
  }
}

export function isPassing(error: unknown): boolean {
  return error instanceof StepError
    ? error.passing
    : (error instanceof RunnerError && error.kind === 'unavailable') || isAway(error)
}

/** Docker itself, whatever was asked of it. */
export function isDockerAway(error: unknown): boolean {
  return isAway(error) || (error instanceof RunnerError && isConnectionError(error.cause))
}

/** Docker is not there, or broke off; a call that was not put into words of ours says so by its code. */
export function isAway(error: unknown): boolean {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return syscall === 'connect'
  return code === 'ECONNRESET' || code === 'EPIPE' || message === 'aborted'
}
