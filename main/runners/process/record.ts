import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptId } from '../../domain/ids.ts'
import type { AgentExit } from '../../engine/ports/runner.ts'
import type { ProcessId } from './processes.ts'

/**
 * What a supervised agent's folder holds, and who writes it:
 *
 *   spec.json    what is to be run; by the engine, whole, before the supervisor is started
 *   state.json   how far it is; by the one supervisor that made it first, replaced whole at each step
 *   output       every byte the agent printed; by the supervisor
 *   home, tmp    the agent's own
 *   errors       what a supervisor printed that it should not have
 */
export interface SupervisedSpec {
  readonly attempt: AttemptId
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly tty: { readonly columns: number; readonly rows: number } | null
  /** The attempt's exchange folder: the start latch is made there. */
  readonly exchange: string
  /** Whom what the supervisor makes in the exchange folder is given to; null leaves it as it is made. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
  /** Where the supervisor listens. */
  readonly address: string
  /** Of the environment, `NAME=value`: what all processes of this agent carry and no others. */
  readonly marker: string
  /** The agent's control group, or null. */
  readonly cgroup: string | null
  /** What the supervisor itself has an eye on; null where the kernel does, or there is no limit. */
  readonly watched: { readonly memoryBytes: number | null; readonly processes: number | null }
}

export interface AgentState {
  readonly attempt: AttemptId
  readonly boot: string
  readonly supervisor: ProcessId
  /** Null until the command has been started. */
  readonly agent: ProcessId | null
  /** Ms since 1970; null until the command has been started. */
  readonly startedAt: number | null
  /** Null until it is over. */
  readonly exit: AgentExit | null
}

export const FILES = {
  spec: 'spec.json',
  state: 'state.json',
  output: 'output',
  errors: 'errors',
  home: 'home',
  temporary: 'tmp',
  socket: 's',
} as const

/** What a supervisor says on its standard output, once. */
export const STARTED = 'started\n'
/** Another supervisor has this agent. */
export const TAKEN = 'taken\n'

export function readSpec(folder: string): SupervisedSpec | undefined {
  return readJson<SupervisedSpec>(join(folder, FILES.spec))
}

export function readState(folder: string): AgentState | undefined {
  return readJson<AgentState>(join(folder, FILES.state))
}

export function claimFile(folder: string): string {
  return join(folder, FILES.state)
}

export function writeSpec(folder: string, spec: SupervisedSpec): void {
  replace(join(folder, FILES.spec), JSON.stringify(spec))
}

export function writeState(folder: string, state: AgentState): void {
  replace(join(folder, FILES.state), JSON.stringify(state))
}

/** Makes the state file, whole, unless there is one. False: another supervisor was first. Throws ENOENT without folder. */
export function claim(folder: string, state: AgentState): boolean {
  const file = join(folder, FILES.state)
  const draft = `${file}.${state.supervisor.pid}`
  try {
    writeFileSync(draft, JSON.stringify(state), { mode: 0o600 })
    linkSync(draft, file)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // A file system without hard links: the file may then be seen half written, which readers take for none.
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP') throw error
    return claimPlainly(file, state)
  } finally {
    rmSync(draft, { force: true })
  }
}

function claimPlainly(file: string, state: AgentState): boolean {
  try {
    writeFileSync(file, JSON.stringify(state), { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Leaves word in the exchange folder that the attempt was to be started again. The folder is the agent's, and this
 * process may be root: what stands under that name already, a link perhaps, is left alone.
 */
export function markAgain(exchange: string): void {
  try {
    closeSync(openSync(join(exchange, 'started-again'), 'wx', 0o644))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function replace(file: string, text: string): void {
  const draft = `${file}.new-${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

/** Undefined where there is none, or none that was written to its end. */
function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined
    throw error
  }
}
