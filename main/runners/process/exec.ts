import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import type { AttemptId } from '../../domain/ids.ts'
import { type AgentCommandResult, RunnerError } from '../../engine/ports/runner.ts'
import { MAX_COMMAND_OUTPUT, TIMED_OUT_EXIT } from '../output/commands.ts'
import { Tail } from '../output/tail.ts'
import { killTree } from './kill.ts'
import { observationOf, see } from './observe.ts'
import { lookAt, type ProcessId } from './processes.ts'
import { readSpec } from './record.ts'

/** Beside the agent's own marker, by which a command goes when the agent does: what its processes alone carry. */
const MARKER = 'AMPHITHEATRE_COMMAND_KEY'
/** Given to output that is still under way when everything of the command is over, ms. */
const DRAIN_MS = 2_000

/**
 * Runs a command beside the agent as a child of this process, launched just as the agent was: into its control group,
 * its view of the file system and its user. Everything it started is over when it answers.
 */
export async function execBeside(
  folder: string,
  boot: string,
  attempt: AttemptId,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<AgentCommandResult> {
  signal.throwIfAborted()
  const spec = isRunning(folder, boot) ? readSpec(folder) : undefined
  if (spec === undefined) throw notRunning(attempt)
  const key = randomUUID()
  const started = spawn(spec.file, [...spec.args.slice(0, -1), command], {
    cwd: spec.cwd,
    env: { ...spec.env, [MARKER]: key },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const tail = new Tail(MAX_COMMAND_OUTPUT)
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (data: Buffer) => tail.push(data))
    stream.on('error', () => undefined)
  }
  const closed = new Promise<void>((resolve) => started.once('close', () => resolve()))
  const exited = new Promise<number>((resolve, reject) => {
    started.once('error', reject)
    started.once('exit', (code, by) => resolve(code ?? 128 + constants.signals[by!]))
  })
  if (started.pid === undefined) return await notStarted(exited)
  const root: ProcessId = { pid: started.pid, start: lookAt(started.pid)?.start ?? '' }
  const limit = AbortSignal.timeout(timeoutMs)
  const code = await orAborted(exited, AbortSignal.any([signal, limit]))
  // What shells say of its being killed is no part of it.
  const before = tail.text()
  await new Promise<void>((resolve) => killTree(root, `${MARKER}=${key}`, resolve))
  await orAborted(closed, AbortSignal.timeout(DRAIN_MS))
  for (const stream of [started.stdout, started.stderr]) stream.destroy()
  signal.throwIfAborted()
  if (code === undefined) return { code: TIMED_OUT_EXIT, output: before }
  // It went with its agent: how it ended says nothing about it.
  if (code === 128 + constants.signals.SIGKILL && !isRunning(folder, boot)) throw notRunning(attempt)
  return { code, output: tail.text() }
}

function isRunning(folder: string, boot: string): boolean {
  const seen = see(folder, boot)
  if (seen?.status !== 'live') return false
  return observationOf(folder, seen).status === 'running'
}

function notRunning(attempt: AttemptId): RunnerError {
  return new RunnerError('refused', `${attempt} is not running.`, 'Commands run beside running agents only.')
}

async function notStarted(exited: Promise<number>): Promise<never> {
  try {
    await exited
  } catch (error) {
    const why = `A command could not be started: ${(error as Error).message}.`
    throw new RunnerError('unavailable', why, 'It is tried again.', { cause: error })
  }
  throw new RunnerError('unavailable', 'A command could not be started.', 'It is tried again.')
}

/** What it comes to; undefined when the signal aborts first. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
