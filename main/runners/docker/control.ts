import { setTimeout as delay } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { AttemptId } from '../../domain/ids.ts'
import { RunnerError } from '../../engine/ports/runner.ts'
import { call, statusOf } from './client.ts'
import type { ExitWatch } from './exitWatch.ts'

const GONE_POLL_MS = 50
const GONE_LIMIT_MS = 60_000

/** Asks politely, waits `graceMs`, then kills. One that is over, was never started or does not exist is fine. */
export async function stopAgent(
  container: Docker.Container,
  watch: ExitWatch,
  attempt: AttemptId,
  graceMs: number,
): Promise<void> {
  if (graceMs > 0) {
    if (!(await signalTo(container, 'SIGTERM'))) return
    // A paused agent cannot hear.
    await resumeAgent(container)
    if (await isOverWithin(watch, attempt, graceMs)) return
  }
  if (await signalTo(container, 'SIGKILL')) await isOverWithin(watch, attempt, undefined)
}

/** False when there is nothing to signal. */
async function signalTo(container: Docker.Container, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  try {
    await call((abortSignal) => container.kill({ signal, abortSignal }))
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status === 404 || status === 409) return false
    throw error
  }
}

async function isOverWithin(watch: ExitWatch, attempt: AttemptId, ms: number | undefined): Promise<boolean> {
  const limit = ms === undefined ? undefined : AbortSignal.timeout(ms)
  try {
    await watch.wait(attempt, limit)
    return true
  } catch (error) {
    if (limit?.aborted === true) return false
    // Its container is gone: that is over, too.
    if (error instanceof RunnerError && error.kind === 'refused') return true
    throw error
  }
}

/** Pausing what is paused or not running changes nothing. */
export async function pauseAgent(container: Docker.Container): Promise<void> {
  await tolerating([404, 409], () => call((abortSignal) => container.pause({ abortSignal })))
}

export async function resumeAgent(container: Docker.Container): Promise<void> {
  try {
    await call((abortSignal) => container.unpause({ abortSignal }))
  } catch (error) {
    // Docker 20 answers 500 for one that is not paused, later ones 409. One that dies just now it still holds for paused,
    // while its runtime says `cannot resume a stopped container`.
    const status = statusOf(error)
    if (status === 404 || status === 409) return
    if (status === 500 && /not paused|not running|stopped container/i.test(String(error))) return
    throw error
  }
}

/** Kills and removes. Idempotent, also while another removal is under way. */
export async function removeAgent(container: Docker.Container): Promise<void> {
  try {
    await call((abortSignal) => container.remove({ force: true, v: true, abortSignal }))
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return
    if (status !== 409) throw error
    await waitUntilGone(container)
  }
}

async function waitUntilGone(container: Docker.Container): Promise<void> {
  for (const end = Date.now() + GONE_LIMIT_MS; Date.now() < end; await delay(GONE_POLL_MS)) {
    try {
      await call((abortSignal) => container.inspect({ abortSignal }))
    } catch (error) {
      if (statusOf(error) === 404) return
      throw error
    }
  }
  throw new RunnerError(
    'unavailable',
    'Docker does not finish removing a container.',
    'Restart the Docker daemon.',
  )
}

async function tolerating(statuses: readonly number[], act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    const status = statusOf(error)
    if (status === undefined || !statuses.includes(status)) throw error
  }
}
