import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { type AgentCommandResult, RunnerError } from '../../engine/ports/runner.ts'
import { MAX_COMMAND_OUTPUT, TIMED_OUT_EXIT } from '../output/commands.ts'
import { Tail } from '../output/tail.ts'
import { call, statusOf } from './client.ts'
import { FrameDecoder } from './frames.ts'
import { ADD_DOOR_PATH } from './latch.ts'

/** What a command left behind may hold its output open; whether it is over itself is looked at so often, ms. */
const LOOK_MS = 1_000
/** Docker ends the output a moment before it knows the exit code. */
const CODE_POLL_MS = 20
const CODE_LIMIT_MS = 5_000
/** A container that is paused meanwhile does not end what is to be killed. */
const SESSION_LIMIT_MS = 2_000
const KILL_LIMIT_MS = 10_000

/** Says which session it is, then becomes the command. Docker gives each a session of its own. */
const SCRIPT = ['echo $$', ADD_DOOR_PATH, 'exec sh -c "$1"'].join('\n')

/**
 * Kills every process of a session, `$1`, until a look finds none: only what `sh` itself can do, since an image need
 * not have more. What has left the session is not found; it ends with the container.
 */
const KILL_SESSION = [
  'looks=0',
  'while [ "$looks" -lt 100 ]; do',
  '  looks=$((looks + 1)) found=',
  '  for stat in /proc/[0-9]*/stat; do',
  '    read -r line 2>/dev/null <"$stat" || continue',
  '    pid=${line%% *}',
  '    set -- "$1" ${line##*) }',
  '    [ "$5" = "$1" ] && [ "$2" != Z ] || continue',
  '    found=1',
  '    kill -9 "$pid" 2>/dev/null',
  '  done',
  '  [ -n "$found" ] || exit 0',
  'done',
].join('\n')

/**
 * Runs a command beside the agent: its user, environment, folders and limits, all of which Docker sees to. Undefined
 * when the signal aborts.
 */
export async function execIn(
  container: Docker.Container,
  attempt: AttemptId,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<AgentCommandResult | undefined> {
  if (signal.aborted) return undefined
  const exec = await made(container, attempt, ['sh', '-c', SCRIPT, 'amphitheatre', command])
  const output = new Output((await exec.start({ hijack: true, stdin: false })) as unknown as Duplex)
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    await overOrAborted(exec, output, AbortSignal.any([signal, limit]))
    if (signal.aborted || limit.aborted) {
      // What shells say of its being killed is no part of it.
      const before = output.text()
      await killSession(container, attempt, await output.session())
      if (signal.aborted) return undefined
      return { code: TIMED_OUT_EXIT, output: before }
    }
    return { code: await exitCode(exec, attempt), output: output.text() }
  } finally {
    output.close()
  }
}

async function made(container: Docker.Container, attempt: AttemptId, Cmd: string[]): Promise<Docker.Exec> {
  try {
    return await call((abortSignal) =>
      container.exec({ Cmd, AttachStdout: true, AttachStderr: true, abortSignal }),
    )
  } catch (error) {
    const status = statusOf(error)
    // 409: paused or not running.
    if (status === 404 || status === 409) throw notRunning(attempt, error)
    throw error
  }
}

function notRunning(attempt: AttemptId, cause?: unknown): RunnerError {
  const remedy = 'Commands run beside running agents only.'
  return new RunnerError('refused', `${attempt} is not running.`, remedy, { cause })
}

/** Resolves when the command is over, its output read as far as it will come, or when the signal aborts. */
async function overOrAborted(exec: Docker.Exec, output: Output, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) resolve()
  })
  let timer: NodeJS.Timeout | undefined
  const leftOpen = new Promise<void>((resolve) => {
    let wasOver = false
    const look = async (): Promise<void> => {
      // Trouble shows when its exit code is asked for. A second look, so that what was under way arrives.
      const over = await exec.inspect().then(
        ({ Running }) => Running === false,
        () => true,
      )
      if (over && wasOver) resolve()
      wasOver = over
      if (timer !== undefined) timer = setTimeout(() => void look(), LOOK_MS)
    }
    timer = setTimeout(() => void look(), LOOK_MS)
  })
  try {
    await Promise.race([output.ended, leftOpen, aborted])
  } finally {
    clearTimeout(timer)
    timer = undefined
  }
}

async function exitCode(exec: Docker.Exec, attempt: AttemptId): Promise<number> {
  for (const end = Date.now() + CODE_LIMIT_MS; Date.now() < end; await delay(CODE_POLL_MS)) {
    try {
      const info = await call((abortSignal) => exec.inspect({ abortSignal }))
      if (!info.Running && info.ExitCode !== null) return info.ExitCode
    } catch (error) {
      const status = statusOf(error)
      if (status === 404 || status === 409) throw notRunning(attempt, error)
      throw error
    }
  }
  const remedy = 'It is tried again.'
  throw new RunnerError('unavailable', `Docker does not say how a command of ${attempt} ended.`, remedy)
}

/** Where the container is over or paused nothing can be killed, and nothing of the command goes on. */
async function killSession(
  container: Docker.Container,
  attempt: AttemptId,
  session: string | undefined,
): Promise<void> {
  if (session === undefined) return
  let killer: Docker.Exec
  try {
    killer = await made(container, attempt, ['sh', '-c', KILL_SESSION, 'amphitheatre', session])
  } catch (error) {
    if (error instanceof RunnerError) return
    throw error
  }
  const killing = new Output((await killer.start({ hijack: true, stdin: false })) as unknown as Duplex)
  await Promise.race([killing.ended, delay(KILL_LIMIT_MS, undefined, { ref: false })])
  killing.close()
}

/** What a command prints. Its first line is the session's number and no part of it. */
class Output {
  readonly #stream: Duplex
  readonly #tail = new Tail(MAX_COMMAND_OUTPUT)
  readonly #decoder = new FrameDecoder()
  /** The beginning of standard output, until its first line is whole; then undefined. */
  #first: string | undefined = ''
  readonly #session = Promise.withResolvers<string | undefined>()
  readonly ended: Promise<void>

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('error', () => undefined)
    this.ended = new Promise<void>((resolve) => {
      for (const event of ['end', 'close']) stream.on(event, () => resolve())
    }).then(() => this.#session.resolve(undefined))
  }

  /** Undefined when it ended before it said it, or cannot say it: its container is paused. */
  session(): Promise<string | undefined> {
    return Promise.race([this.#session.promise, delay(SESSION_LIMIT_MS, undefined, { ref: false })])
  }

  text(): string {
    return this.#tail.text()
  }

  close(): void {
    this.#stream.destroy()
  }

  #take(chunk: Buffer): void {
    for (const { stream, payload } of this.#decoder.frames(chunk)) {
      const rest = stream === 1 && this.#first !== undefined ? this.#afterFirstLine(payload) : payload
      if (rest.length > 0) this.#tail.push(rest)
    }
  }

  #afterFirstLine(payload: Buffer): Buffer {
    const end = payload.indexOf(0x0a)
    this.#first += payload.subarray(0, end === -1 ? payload.length : end).toString('latin1')
    if (end === -1) return Buffer.alloc(0)
    this.#session.resolve(this.#first)
    this.#first = undefined
    return payload.subarray(end + 1)
  }
}
