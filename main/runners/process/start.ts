import { type ChildProcess, spawn } from 'node:child_process'
import {
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type AgentObservation,
  type AgentSpec,
  ALREADY_STARTED_EXIT,
  RunnerError,
} from '../../engine/ports/runner.ts'
import type { Cgroups } from './cgroup.ts'
import { agentEnvironment } from './environment.ts'
import { launchOf } from './launch.ts'
import { addressOf, markerOf } from './layout.ts'
import { limitsOf } from './limits.ts'
import { observationOf, see } from './observe.ts'
import { makePassage, type Needed, type Owner } from './passage.ts'
import { claimFile, FILES, markAgain, STARTED, type SupervisedSpec, writeSpec } from './record.ts'

/** What starting needs of the runner. */
export interface StartContext {
  /** The runner's own folder. */
  readonly folder: string
  readonly boot: string
  /** Whom agents run as; null: as the engine. */
  readonly owner: Owner | null
  readonly node: string
  readonly supervisor: string
  readonly tools: {
    readonly shell: string | undefined
    readonly setpriv: string | undefined
    readonly unshare: string | undefined
  }
  readonly canCover: () => boolean
  readonly cgroups: Cgroups
  readonly startLimitMs: number
}

/** A machine that starts many at once is slow; a supervisor that takes longer than this hangs. */
export const START_LIMIT_MS = 60_000
const POLL_MS = 20
/**
 * A supervisor has little to remember and nothing to hurry: one thread for V8 instead of four, and a small heap.
 */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=64', '--v8-pool-size=0', '--no-warnings']

/**
 * Starts an agent at most once. What is there already is answered; else everything about it is written down and a
 * supervisor started, of which only the first claims the agent. The latch in the exchange folder outlives all this.
 */
export async function startAgent(
  context: StartContext,
  spec: AgentSpec,
  folder: string,
  key: string,
): Promise<AgentObservation> {
  const deadline = Date.now() + context.startLimitMs
  const found = see(folder, context.boot)
  if (found !== undefined && found.status !== 'created') {
    if (found.status === 'lost') return startedBefore(spec, key)
    return observationOf(folder, found)
  }
  prepare(context, spec, folder, key)
  const told = await startSupervisor(context, folder)
  for (;;) {
    const seen = see(folder, context.boot)
    if (seen !== undefined && hasBegun(seen)) return observationOf(folder, seen)
    // It told that it is through, and left no trace: somebody removed it all.
    if (told.ok && told.word === STARTED) throw gone(spec)
    if (!told.ok || Date.now() > deadline)
      throw notStarted(spec, told.ok ? 'another supervisor hangs' : told.why)
    await delay(POLL_MS)
  }
}

function hasBegun(seen: NonNullable<ReturnType<typeof see>>): boolean {
  if (seen.status === 'live') return seen.state.agent !== null
  return seen.status !== 'created'
}

/** It was begun, and nobody saw how it ended: the engine takes this exit code, with this mark, for just that. */
function startedBefore(spec: AgentSpec, key: string): AgentObservation {
  markAgain(spec.exchange)
  const exit = { code: ALREADY_STARTED_EXIT, oomKilled: false, finishedAt: Date.now(), error: null }
  return { attempt: spec.attempt, handle: key, status: 'exited', startedAt: null, exit }
}

function prepare(context: StartContext, spec: AgentSpec, folder: string, key: string): void {
  const { owner, tools } = context
  const shell = tools.shell
  if (shell === undefined)
    throw new RunnerError('unavailable', 'There is no shell (sh).', 'Install git, which brings one.')
  if (
    spec.workspace !== null &&
    statSync(spec.workspace, { throwIfNoEntry: false })?.isDirectory() !== true
  ) {
    throw new RunnerError('refused', `${spec.workspace} does not exist.`, 'Start a new attempt.')
  }
  makeOwn(spec.exchange, owner)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A supervisor that died before it began with anything.
  rmSync(claimFile(folder), { force: true })
  const home = join(folder, FILES.home)
  const temporary = join(folder, FILES.temporary)
  for (const own of [home, temporary]) makeOwn(own, owner)
  const cwd = spec.workspace ?? home
  const needed = neededFolders(context, spec, [cwd, spec.exchange, home, temporary])
  const cover =
    owner === null ? [] : makePassage(needed, cwd, owner, dataFolder(context), context.canCover()).cover
  const limits = limitsOf(spec.resources)
  const cgroup = context.cgroups.make(key, limits)
  const marker = markerOf(key)
  const launch = launchOf({
    shell,
    command: spec.command,
    cgroup,
    owner,
    cover,
    setpriv: tools.setpriv,
    unshare: tools.unshare,
  })
  const places = { home, temporary, node: context.node }
  const supervised: SupervisedSpec = {
    attempt: spec.attempt,
    ...launch,
    env: agentEnvironment(spec, places, marker, process.env),
    cwd,
    tty: spec.tty,
    exchange: spec.exchange,
    owner,
    address: addressOf(folder, key),
    marker: marker.join('='),
    cgroup,
    watched: {
      memoryBytes: context.cgroups.limits('memory') ? null : limits.memoryBytes,
      processes: context.cgroups.limits('pids') ? null : limits.pids,
    },
  }
  writeSpec(folder, supervised)
}

function neededFolders(context: StartContext, spec: AgentSpec, own: readonly string[]): readonly Needed[] {
  const rw = own.map((path) => ({ path: realpathSync(path), access: 'rw' }) as const)
  const door = spec.door === null ? [] : [spec.door.folder, spec.door.context]
  const others = [...spec.readOnlyMounts, ...door, join(context.node, '..')]
  const ro = others.map((path) => ({ path: realpathSync(path), access: 'ro' }) as const)
  return [...new Map([...ro, ...rw].map((one) => [one.path, one])).values()]
}

/** The runner's folder lies in the data folder, which is the engine's to open. */
function dataFolder(context: StartContext): string {
  return join(context.folder, '..')
}

function makeOwn(folder: string, owner: Owner | null): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (owner !== null) chownSync(folder, owner.uid, owner.gid)
}

type Told = { readonly ok: true; readonly word: string } | { readonly ok: false; readonly why: string }

/** Resolves with the supervisor's word, or with why it has none. It runs on, whatever becomes of this process. */
async function startSupervisor(context: StartContext, folder: string): Promise<Told> {
  const errors = openSync(join(folder, FILES.errors), 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn(context.node, [...NODE_FLAGS, context.supervisor, folder], {
      cwd: folder,
      env: {
        ...systemEnvironment(),
        NODE_COMPILE_CACHE: join(context.folder, 'compiled'),
        UV_THREADPOOL_SIZE: '1',
      },
      detached: true,
      stdio: ['ignore', 'pipe', errors],
      windowsHide: true,
    })
  } finally {
    closeSync(errors)
  }
  let timer: NodeJS.Timeout | undefined
  const word = await new Promise<string>((resolve) => {
    let text = ''
    child.stdout!.setEncoding('utf8')
    child.stdout!.on('data', (piece: string) => {
      text += piece
      if (text.endsWith('\n')) resolve(text)
    })
    child.on('error', (error) => resolve(`\0${error.message}`))
    child.stdout!.on('close', () => resolve(text))
    // It may be slow all the same: what it does is on record, and the latch keeps a second from doing it too.
    timer = setTimeout(() => resolve(`\0its supervisor hangs`), context.startLimitMs)
  })
  clearTimeout(timer)
  child.stdout!.destroy()
  child.unref()
  if (word.endsWith('\n')) return { ok: true, word }
  const said = word === '' ? errorIn(join(folder, FILES.errors)) : word.slice(1)
  return { ok: false, why: said === '' ? 'its supervisor ended at once' : said }
}

/** Node on Windows does not start without its system's folder. */
function systemEnvironment(): Record<string, string> {
  const root = process.env['SYSTEMROOT']
  return root === undefined ? {} : { SYSTEMROOT: root }
}

/** Of what a Node that fails prints, the line that says what is wrong. */
function errorIn(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    return (lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!).slice(0, 500)
  } catch {
    return ''
  }
}

function notStarted(spec: AgentSpec, why: string): RunnerError {
  const remedy = 'It is tried again; if it stays so, look for what keeps processes from starting here.'
  return new RunnerError('unavailable', `${spec.attempt} could not be started: ${why}.`, remedy)
}

function gone(spec: AgentSpec): RunnerError {
  return new RunnerError('refused', `${spec.attempt} is being removed.`, 'Start a new attempt.')
}
