import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { call, isConnectionError, statusOf } from './client.ts'
import type { ExitWatch } from './exitWatch.ts'
import { FrameDecoder } from './frames.ts'
import { statusFrom } from './observe.ts'

/** How long a log stream may stay silent once its agent is over before it is taken for stuck. */
const QUIET_MS = 2_000
/** Between two looks at a container that was made but not started, or at a daemon that is away. */
const PAUSE_MS = 250
/** An agent that ends within this is read when it is over. */
const SHORT_MS = 150
/** The log ends a moment before the news of the exit comes. */
export const NEWS_MS = 1_000

export interface LogSource {
  readonly container: Docker.Container
  readonly attempt: AttemptId
  readonly watch: ExitWatch
  /** Whether it has a terminal, for one this process started; undefined asks the daemon. */
  readonly tty: boolean | undefined
}

/**
 * The output of an agent from byte `from` on, live, until it is over; nothing twice and nothing left out, whatever
 * happens to the daemon in between. Ends early when the container is gone; rejects on abort.
 *
 * Only a log that is read after its agent is over is known to be whole: one that is followed while the agent ends
 * may end early, and now and then does. So the rest is always read once more; and one that is over in a moment
 * is not followed at all, which saves the call.
 */
export async function* followLogs(
  source: LogSource,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { tty } = source
  let position = from
  let state: LogState | undefined
  if (tty !== undefined)
    state = { tty, phase: (await endsWithin(source, SHORT_MS, signal)) ? 'over' : 'live' }
  for (;;) {
    signal.throwIfAborted()
    try {
      state ??= await look(source)
      if (state.phase === 'created') {
        await delay(PAUSE_MS, undefined, { signal })
        state = undefined
        continue
      }
      for await (const piece of readOnce(source, state.tty, position, signal)) {
        position += piece.length
        yield piece
      }
      if (state.phase === 'over') return
      state = (await endsWithin(source, NEWS_MS, signal)) ? { tty: state.tty, phase: 'over' } : undefined
    } catch (error) {
      if (statusOf(error) === 404) return
      signal.throwIfAborted()
      if (!isConnectionError(error) && !isCut(error)) throw error
      source.watch.suspect()
      state = undefined
      await delay(PAUSE_MS, undefined, { signal })
    }
  }
}

interface LogState {
  readonly tty: boolean
  readonly phase: 'created' | 'live' | 'over'
}

async function look(source: LogSource): Promise<LogState> {
  const info = await call((abortSignal) => source.container.inspect({ abortSignal }))
  const status = statusFrom(info.State.Status)
  const phase = status === 'created' ? 'created' : status === 'exited' ? 'over' : 'live'
  return { tty: info.Config.Tty, phase }
}

/** Does the news come within `ms` that the agent is over? */
export async function endsWithin(source: LogSource, ms: number, signal: AbortSignal): Promise<boolean> {
  if (source.watch.exitOf(source.attempt) !== undefined) return true
  const enough = new AbortController()
  const over = source.watch.wait(source.attempt, AbortSignal.any([signal, enough.signal])).then(
    () => true,
    () => false,
  )
  const late = delay(ms, false, { signal: enough.signal }).catch(() => false)
  const ended = await Promise.race([over, late])
  enough.abort()
  return ended
}

/** One log request, skipping what the reader has. Ends with the stream; throws when it is cut off or stuck. */
async function* readOnce(
  source: LogSource,
  tty: boolean,
  skip: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const stop = new AbortController()
  const abortSignal = AbortSignal.any([signal, stop.signal])
  // Always `follow`: without it dockerode parses the output as JSON where it can. On one that is over it ends at once.
  const options = { follow: true, stdout: true, stderr: true, abortSignal } as const
  const stream = (await source.container.logs(options)) as IncomingMessage
  const quiet = new QuietLimit(() => stop.abort(new CutError()))
  source.watch.wait(source.attempt, stop.signal).then(
    () => quiet.begin(),
    () => undefined,
  )
  const frames = new FrameDecoder()
  let toSkip = skip
  try {
    quiet.waiting()
    for await (const chunk of stream) {
      quiet.busy()
      const bytes = tty ? (chunk as Buffer) : frames.push(chunk as Buffer)
      const skipped = Math.min(toSkip, bytes.length)
      toSkip -= skipped
      if (bytes.length > skipped) yield bytes.subarray(skipped)
      quiet.waiting()
    }
  } finally {
    quiet.busy()
    stop.abort(new CutError())
    stream.destroy()
  }
}

/** Thrown inside when a stream was given up; never leaves this file. */
class CutError extends Error {}

function isCut(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return error instanceof CutError || cause instanceof CutError || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Calls back when, after `begin`, the stream was waited on for `QUIET_MS` in one go. */
class QuietLimit {
  readonly #onQuiet: () => void
  #begun = false
  #waiting = false
  /** Set while begun and waiting. */
  #timer: NodeJS.Timeout | undefined

  constructor(onQuiet: () => void) {
    this.#onQuiet = onQuiet
  }

  begin(): void {
    this.#begun = true
    if (this.#waiting) this.waiting()
  }

  waiting(): void {
    this.#waiting = true
    if (this.#begun) this.#timer = setTimeout(this.#onQuiet, QUIET_MS)
  }

  busy(): void {
    this.#waiting = false
    clearTimeout(this.#timer)
  }
}
