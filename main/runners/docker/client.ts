import { Agent } from 'node:http'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import Docker from 'dockerode'
import { RunnerError } from '../../engine/ports/runner.ts'

/** Calls that only ask or tell the daemon something; nothing of this takes longer on a machine that works. */
const CALL_TIMEOUT_MS = 120_000
const UNAVAILABLE_REMEDY =
  'Start Docker (`systemctl start docker`, or Docker Desktop) and check with `amphi doctor`.'
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'EACCES',
  'ETIMEDOUT',
  'ABORT_ERR',
  'UND_ERR_SOCKET',
])

/**
 * docker-modem inspects the options of each request to any depth, debugging or not. They hold the agent, and with it
 * every open connection and all that hangs on it: with 300 of them, each call took a third of a second of this thread.
 */
class QuietAgent extends Agent {
  [inspect.custom](): string {
    return 'Agent'
  }
}

/**
 * A dockerode whose requests share connections: opening one for each request costs more than most answers.
 * Without `socketPath` it follows `DOCKER_HOST` and the usual places.
 */
export function connectDocker(socketPath?: string): { docker: Docker; close: () => void } {
  const agent = new QuietAgent({ keepAlive: true, maxFreeSockets: 16 })
  // The type lacks `agent`, which docker-modem hands to every request.
  const options: Docker.DockerOptions & { agent: Agent } = { agent }
  if (socketPath !== undefined) options.socketPath = socketPath
  const docker = new Docker(options)
  return { docker, close: () => agent.destroy() }
}

/** The HTTP status of a failed Docker call, undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/** What the daemon said, without dockerode's `(HTTP code 404) no such container -` in front. */
export function daemonWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^\(HTTP code \d+\) [a-z0-9 -]+? - /i, '').trim()
}

/**
 * Docker was killed while it started this container: containerd keeps what it made of it, Docker knows nothing of that,
 * and neither takes it away. It cannot be started any more, only made anew.
 */
export function isForgotten(error: unknown): boolean {
  return statusOf(error) !== undefined && /id already in use/i.test(daemonWords(error))
}

/** True when the daemon could not be reached, or the connection broke before it answered. */
export function isConnectionError(error: unknown): boolean {
  if (statusOf(error) !== undefined) return false
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  if (name === 'AbortError' || name === 'TimeoutError') return true
  return typeof code === 'string' && CONNECTION_CODES.has(code)
}

/**
 * One Docker call with a time limit. A broken connection is tried once more: an idle connection that the daemon
 * closed looks the same as one that broke, and every call made here may be repeated.
 * Errors are the daemon's own; `asRunnerError` translates them where they leave the runner.
 */
export async function call<T>(ask: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await ask(AbortSignal.timeout(CALL_TIMEOUT_MS))
  } catch (error) {
    const code = (error as { code?: unknown }).code
    if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error
    return await ask(AbortSignal.timeout(CALL_TIMEOUT_MS))
  }
}

/** Starts a command and takes over its connection; that it starts has the time limit of a call, what it does has none. */
export async function hijack(
  exec: Docker.Exec,
  options: Omit<Docker.ExecStartOptions, 'hijack' | 'abortSignal'>,
): Promise<Duplex> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), CALL_TIMEOUT_MS)
  try {
    const stream = await exec.start({ ...options, hijack: true, abortSignal: limit.signal })
    return stream as unknown as Duplex
  } finally {
    clearTimeout(timer)
  }
}

/** `doing` completes "Docker could not …". */
export function asRunnerError(error: unknown, doing: string): RunnerError {
  if (error instanceof RunnerError) return error
  if (isConnectionError(error)) {
    const reason = `Docker could not ${doing}: the daemon does not answer (${daemonWords(error)}).`
    return new RunnerError('unavailable', reason, connectionRemedy(error), { cause: error })
  }
  const words = daemonWords(error)
  const status = statusOf(error)
  if (/address pools?|no available network|non-overlapping/i.test(words)) {
    return new RunnerError(
      'unavailable',
      `Docker could not ${doing}: all its network address ranges are in use.`,
      'Remove unused networks (`docker network prune`) or give the daemon more with `default-address-pools`.',
      { cause: error },
    )
  }
  // A daemon that is shutting down or overloaded answers 5xx; only those may pass by themselves.
  const passing = status !== undefined && status >= 500 && !/oci runtime|invalid|no such file/i.test(words)
  return new RunnerError(
    passing ? 'unavailable' : 'refused',
    `Docker could not ${doing}: ${words}`,
    passing ? UNAVAILABLE_REMEDY : 'Look at the message above; `amphi doctor` checks the Docker set-up.',
    { cause: error },
  )
}

function connectionRemedy(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') {
    return 'This user may not use Docker: add it to the group `docker` (`sudo usermod -aG docker $USER`) and log in again.'
  }
  const { DOCKER_HOST } = process.env
  if (DOCKER_HOST !== undefined && DOCKER_HOST !== '')
    return `Look at DOCKER_HOST, which is ${DOCKER_HOST}. ${UNAVAILABLE_REMEDY}`
  return UNAVAILABLE_REMEDY
}
