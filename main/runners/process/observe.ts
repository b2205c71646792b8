import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AgentObservation } from '../../engine/ports/runner.ts'
import { listProcesses, lookAt, type ProcessId, type ProcessInfo } from './processes.ts'
import { type AgentState, readSpec, readState } from './record.ts'

/**
 * One supervised agent, as its folder and the system's processes tell.
 * - `created`: no supervisor has begun with it, or one died before it did; starting it is still safe.
 * - `live`: its main process runs, or its supervisor is seeing to its beginning or its end.
 * - `over`: the exit is on record.
 * - `lost`: it was begun and nobody saw how it ended.
 */
export type Seen =
  | { readonly status: 'created'; readonly attempt: AgentState['attempt'] }
  | {
      readonly status: 'live'
      readonly state: AgentState
      readonly paused: boolean
      /** False: its supervisor is gone. It has no terminal, and how it ends will not be known. */
      readonly supervised: boolean
    }
  | { readonly status: 'over'; readonly state: AgentState; readonly exit: NonNullable<AgentState['exit']> }
  | { readonly status: 'lost'; readonly state: AgentState }

export type Look = (pid: number) => ProcessInfo | undefined

/** For looking at many: where a look at one costs a command, all are asked for at once. */
export function lookAtMany(): Look {
  if (process.platform === 'linux') return lookAt
  const all = new Map(listProcesses().map((one) => [one.pid, one]))
  return (pid) => all.get(pid)
}

/** Undefined when there is nothing, or nothing whole, in the folder. */
export function see(folder: string, boot: string, look: Look = lookAt): Seen | undefined {
  const state = readState(folder)
  if (state === undefined) {
    const spec = readSpec(folder)
    return spec === undefined ? undefined : { status: 'created', attempt: spec.attempt }
  }
  if (state.exit !== null) return { status: 'over', state, exit: state.exit }
  const sameBoot = state.boot === boot
  const agent = sameBoot && state.agent !== null ? living(state.agent, look) : undefined
  const supervised = sameBoot && living(state.supervisor, look) !== undefined
  if (agent !== undefined || supervised) {
    return { status: 'live', state, paused: agent?.stopped === true, supervised }
  }
  // It may have written the exit and left between the reading and the looking.
  const again = readState(folder)
  if (again === undefined) return undefined
  if (again.exit !== null) return { status: 'over', state: again, exit: again.exit }
  if (again.agent !== null && state.agent === null) return see(folder, boot, look)
  return wasBegun(folder, again)
    ? { status: 'lost', state: again }
    : { status: 'created', attempt: again.attempt }
}

/** A supervisor that died before it made the latch had not begun. */
function wasBegun(folder: string, state: AgentState): boolean {
  if (state.agent !== null) return true
  const exchange = readSpec(folder)?.exchange
  return exchange === undefined || existsSync(join(exchange, 'started'))
}

function living(id: ProcessId, look: Look): ProcessInfo | undefined {
  const now = look(id.pid)
  return now !== undefined && now.start === id.start && !now.dead ? now : undefined
}

/** As the engine wants to hear of it. Of a lost one: over, and its exit is not known. */
export function observationOf(folder: string, seen: Seen): AgentObservation {
  const handle = basename(folder)
  if (seen.status === 'created') {
    return { attempt: seen.attempt, handle, status: 'created', startedAt: null, exit: null }
  }
  const { attempt, startedAt, exit } = seen.state
  const about = { attempt, handle, startedAt, exit }
  if (seen.status !== 'live') return { ...about, status: 'exited' }
  return { ...about, status: seen.paused ? 'paused' : 'running' }
}
