import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { RunnerError } from '../../engine/ports/runner.ts'
import type { Contact } from './contact.ts'
import { killTree, signalTree, stopRound } from './kill.ts'
import { see } from './observe.ts'
import { isAlive, type ProcessId } from './processes.ts'
import { type AgentState, readSpec, readState } from './record.ts'

/** An agent under control: its folder, and the line to its supervisor. */
export interface Controlled {
  readonly folder: string
  readonly boot: string
  readonly contact: Contact
}

const POLL_MS = 10
const STOPPED_LIMIT_MS = 5_000
const GONE_LIMIT_MS = 15_000

/** Asks politely, waits `graceMs`, then kills. One that is over, was never started or does not exist is fine. */
export async function stopAgent(agent: Controlled, graceMs: number): Promise<void> {
  const running = await runningAgent(agent)
  if (running === undefined) return
  const { id, marker } = running
  if (graceMs > 0) {
    signalTree(id, marker, 'SIGTERM')
    // A paused agent cannot hear.
    signalTree(id, marker, 'SIGCONT')
    if (await isOverWithin(agent.contact, graceMs)) return
  }
  await new Promise<void>((resolve) => killTree(id, marker, resolve))
  if (!(await isOverWithin(agent.contact, GONE_LIMIT_MS))) throw hangs()
}

/** Pausing what is paused or not running changes nothing. */
export async function pauseAgent(agent: Controlled): Promise<void> {
  if (process.platform === 'win32') {
    const remedy = 'Stop it instead, or run it in a container.'
    throw new RunnerError('refused', 'Processes cannot be paused on Windows.', remedy)
  }
  const running = await runningAgent(agent)
  if (running === undefined) return
  const { id, marker } = running
  for (const end = Date.now() + STOPPED_LIMIT_MS; Date.now() < end; await delay(POLL_MS)) {
    if (stopRound(id, marker)) return
  }
}

export async function resumeAgent(agent: Controlled): Promise<void> {
  if (process.platform === 'win32') return
  const running = await runningAgent(agent)
  if (running !== undefined) signalTree(running.id, running.marker, 'SIGCONT')
}

interface Running {
  readonly id: ProcessId
  readonly marker: string
}

/** Waits where its supervisor is just about to start it. */
async function runningAgent({ folder, boot }: Controlled): Promise<Running | undefined> {
  for (;;) {
    const seen = see(folder, boot)
    if (seen?.status !== 'live') return undefined
    const spec = readSpec(folder)
    if (spec !== undefined && seen.state.agent !== null) return { id: seen.state.agent, marker: spec.marker }
    await delay(POLL_MS)
  }
}

async function isOverWithin(contact: Contact, ms: number): Promise<boolean> {
  const limit = AbortSignal.timeout(ms)
  try {
    while (contact.look() === undefined) await contact.news(limit)
    return true
  } catch (error) {
    if (limit.aborted) return false
    throw error
  }
}

const ASIDE = '.gone-'

/** An agent's folder on its way out: an agent no more. */
export function isAside(folder: string): boolean {
  return basename(folder).includes(ASIDE)
}

/** Kills what is left of it and removes its folder. Idempotent, also while another removal is under way. */
export async function removeAgent(folder: string, boot: string): Promise<void> {
  const spec = readSpec(folder)
  const state = readState(folder)
  const sameBoot = state?.boot === boot
  // The supervisor first: one that is only just starting would go on to start the agent.
  if (state !== undefined && sameBoot) endSupervisor(state)
  if (spec !== undefined) {
    const id = sameBoot ? (state?.agent ?? null) : null
    await new Promise<void>((resolve) => killTree(id, spec.marker, resolve))
  }
  // One with too long a path for a socket has it elsewhere; a supervisor that was killed has left it.
  if (spec !== undefined && process.platform !== 'win32') await rm(spec.address, { force: true })
  const aside = `${folder}${ASIDE}${crypto.randomUUID()}`
  try {
    await rename(folder, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await removeTree(aside)
}

function endSupervisor({ supervisor }: AgentState): void {
  if (!isAlive(supervisor)) return
  try {
    process.kill(supervisor.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Also folders an agent has shut against everybody, itself included. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOTEMPTY') throw error
    // Root passes shut folders as they are, and must not follow what another of the agents' user may put in their place.
    if (process.getuid?.() !== 0) openFolders(folder)
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function openFolders(folder: string): void {
  chmodSync(folder, 0o700)
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (lstatSync(path).isDirectory()) openFolders(path)
  }
}

function hangs(): RunnerError {
  return new RunnerError(
    'unavailable',
    'A process of the agent cannot be killed.',
    'Restart the machine if it stays so.',
  )
}
