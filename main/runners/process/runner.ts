import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AttemptId } from '../../domain/ids.ts'
import {
  type AgentExit,
  type AgentObservation,
  type AgentUsage,
  type Runner,
  RunnerError,
  type RunnerHealth,
} from '../../engine/ports/runner.ts'
import { NO_CGROUPS, openCgroups } from './cgroup.ts'
import { loadPty } from './child.ts'
import { Contact } from './contact.ts'
import {
  type Controlled,
  isAside,
  pauseAgent,
  removeAgent,
  removeTree,
  resumeAgent,
  stopAgent,
} from './control.ts'
import { execBeside } from './exec.ts'
import { keyOf } from './layout.ts'
import { caveatsOf, type Enforcement } from './limits.ts'
import { lookAtMany, observationOf, see } from './observe.ts'
import { followOutput } from './output.ts'
import { canCover, closedFolders, type Owner } from './passage.ts'
import { bootId, isAlive } from './processes.ts'
import { START_LIMIT_MS, type StartContext, startAgent } from './start.ts'
import { findShell, findTool } from './tools.ts'
import { UsageReader } from './usage.ts'

export interface ProcessRunnerOptions {
  /** Tells this installation's agents from everyone else's. */
  readonly install: string
  readonly dataDir: string
  /** The user agents run as when this process is root; otherwise they are who this process is. Not 0. */
  readonly uid: number
  readonly gid: number
  /** The Node that supervisors run on and that agents find first; default this process's own. */
  readonly node?: string
  /** The supervisor's program, where it is not beside this file (a bundle). */
  readonly supervisor?: string
  /** How long a supervisor may take to begin, ms. */
  readonly startLimitMs?: number
}

/** What `resolveImage` comes to: there are no images here. */
const HOST_PROGRAMS = 'this machine'

/**
 * Agents as processes of this machine, each under a supervisor of its own that outlives the engine. Not isolated: an
 * agent may do what its user may. Throws `RunnerError('refused')` for a root user.
 */
export function createProcessRunner(options: ProcessRunnerOptions): Runner {
  if (options.uid === 0) {
    throw new RunnerError('refused', 'Agents must not run as root.', 'Give a user id other than 0.')
  }
  const context = contextOf(options)
  const { boot } = context
  const agents = join(context.folder, 'agents')
  const contacts = new Map<AttemptId, Contact>()
  const starting = new Map<AttemptId, Promise<AgentObservation>>()
  const meter = new UsageReader()
  /** Set by the first listing: what an earlier engine had begun to remove. */
  let swept: Promise<void> | undefined

  const key = (attempt: AttemptId): string => keyOf(options.install, attempt)
  const folderOf = (attempt: AttemptId): string => join(agents, key(attempt))
  const contactOf = (attempt: AttemptId): Contact => {
    const known = contacts.get(attempt)
    // Nothing was there when it was last asked after: there may be now.
    if (known !== undefined && known.ended?.as !== 'gone') return known
    const made = new Contact(folderOf(attempt), boot)
    contacts.set(attempt, made)
    return made
  }
  const controlled = (attempt: AttemptId): Controlled => {
    return { folder: folderOf(attempt), boot, contact: contactOf(attempt) }
  }

  function find(attempt: AttemptId): AgentObservation | undefined {
    const folder = folderOf(attempt)
    const seen = see(folder, boot)
    return seen === undefined || seen.status === 'lost' ? undefined : observationOf(folder, seen)
  }

  function list(): readonly AgentObservation[] {
    const look = lookAtMany()
    const folders = foldersIn(agents)
    swept ??= finishRemovals(folders.filter(isAside))
    return folders.flatMap((folder) => {
      if (isAside(folder)) return []
      const seen = see(folder, boot, look)
      return seen === undefined ? [] : [observationOf(folder, seen)]
    })
  }

  async function wait(attempt: AttemptId, signal: AbortSignal): Promise<AgentExit> {
    const contact = contactOf(attempt)
    for (;;) {
      signal.throwIfAborted()
      const ended = contact.look()
      if (ended?.as === 'exited') return ended.exit
      if (ended !== undefined) {
        const how = ended.as === 'lost' ? 'ended and nobody saw how' : 'does not exist'
        throw new RunnerError('refused', `${attempt} ${how}.`, 'Start a new attempt.')
      }
      await contact.news(signal)
    }
  }

  function usage(attempt: AttemptId): AgentUsage | undefined {
    const seen = see(folderOf(attempt), boot)
    if (seen?.status !== 'live' || seen.state.agent === null || !isAlive(seen.state.agent)) return undefined
    return meter.read(seen.state.agent)
  }

  return {
    kind: 'process',
    isolated: false,
    caveats: (plan) => caveatsOf(plan, enforcementOf(context)),
    check: async () => check(context),
    // Agents share nothing but the machine.
    prepareRun: () => Promise.resolve(),
    releaseRun: () => Promise.resolve(),
    resolveImage: () => Promise.resolve(HOST_PROGRAMS),
    start: (spec) => {
      const under = starting.get(spec.attempt)
      if (under !== undefined) return under
      const answer = startAgent(context, spec, folderOf(spec.attempt), key(spec.attempt)).finally(() =>
        starting.delete(spec.attempt),
      )
      starting.set(spec.attempt, answer)
      return answer
    },
    list: async () => list(),
    find: async (attempt) => find(attempt),
    wait,
    stop: (attempt, graceMs) => stopAgent(controlled(attempt), graceMs),
    pause: (attempt) => pauseAgent(controlled(attempt)),
    resume: (attempt) => resumeAgent(controlled(attempt)),
    remove: async (attempt) => {
      await removeAgent(folderOf(attempt), boot)
      context.cgroups.remove(key(attempt))
      contacts.get(attempt)?.look()
      contacts.get(attempt)?.close()
      contacts.delete(attempt)
    },
    output: (attempt, from, signal) => followOutput(folderOf(attempt), contactOf(attempt), from, signal),
    input: async (attempt, data) => {
      const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
      await contactOf(attempt).ask({ type: 'input', data: text })
    },
    resize: async (attempt, columns, rows) => {
      // Nothing to do for one that is not running.
      if (contactOf(attempt).look() !== undefined) return
      await contactOf(attempt).ask({ type: 'resize', columns, rows })
    },
    exec: (attempt, command, timeoutMs, signal) =>
      execBeside(folderOf(attempt), boot, attempt, command, timeoutMs, signal),
    usage: async (attempt) => usage(attempt),
    // Processes are never out of reach.
    onReconnect: () => () => undefined,
    close: async () => {
      for (const contact of contacts.values()) contact.close()
      contacts.clear()
      await swept
    },
  }
}

function contextOf(options: ProcessRunnerOptions): StartContext {
  const unshare = findTool('unshare')
  const isRoot = process.getuid?.() === 0
  const beside = new URL('./supervisor.ts', import.meta.url)
  return {
    folder: join(options.dataDir, 'processes'),
    boot: bootId(),
    owner: isRoot ? { uid: options.uid, gid: options.gid } : null,
    node: options.node ?? process.execPath,
    supervisor: options.supervisor ?? fileURLToPath(beside),
    tools: { shell: findShell(), setpriv: findTool('setpriv'), unshare },
    canCover: () => canCover(unshare),
    startLimitMs: options.startLimitMs ?? START_LIMIT_MS,
    cgroups: process.platform === 'linux' ? openCgroups(options.install) : NO_CGROUPS,
  }
}

function foldersIn(agents: string): readonly string[] {
  try {
    return readdirSync(agents).map((name) => join(agents, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Nothing runs in these any more. What cannot be removed now is tried again by the next engine. */
async function finishRemovals(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removeTree(folder).catch(() => undefined)
}

/** A folder above the data folder, or above Node, that the agents' user may not pass and that is not ours to open. */
function firstClosed({ folder, node }: StartContext, owner: Owner): string | undefined {
  return [join(folder, '..'), node].flatMap((path) => closedFolders(path, owner))[0]
}

function enforcementOf({ cgroups }: StartContext): Enforcement {
  if (cgroups.controllers.length > 0) return { by: 'cgroup', controllers: cgroups.controllers }
  return { by: process.platform === 'linux' ? 'supervisor' : 'nothing' }
}

function check(context: StartContext): RunnerHealth {
  const { tools, owner } = context
  if (tools.shell === undefined) {
    const remedy = 'Install git, which brings one, and start the program again.'
    return { status: 'unavailable', reason: 'there is no shell (sh) on this machine', remedy }
  }
  if (owner !== null && tools.setpriv === undefined) {
    const reason = 'the program runs as root, and there is no setpriv to start agents as another user'
    return {
      status: 'unavailable',
      reason,
      remedy: 'Install util-linux, or start it as a user who is not root.',
    }
  }
  const closed = owner === null || context.canCover() ? undefined : firstClosed(context, owner)
  if (closed !== undefined) {
    const reason = `agents run as user ${owner!.uid}, who may not enter ${closed}`
    const remedy = 'Choose another data folder with --data, or start the program as a user who is not root.'
    return { status: 'unavailable', reason, remedy }
  }
  try {
    loadPty()
  } catch (error) {
    const reason = `terminals cannot be opened here: ${(error as Error).message.split('\n')[0]}`
    return { status: 'unavailable', reason, remedy: 'Run npm ci again, on this machine.' }
  }
  const major = process.versions.node.split('.')[0]
  return { status: 'ready', version: `Node ${major} · not isolated` }
}
