import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type AttemptId, attemptId, type ProjectId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'
import type { DoorEngine, DoorOf, Doors, OpenDoor } from '../../engine/ports/doors.ts'
import type { Behind } from './call.ts'
import type { Door, DoorMcp, DoorService, DoorTransport } from './door.ts'
import { DoorFolders, defaultBase, SOCKET } from './folders.ts'
import { DOOR_LIMITS } from './limits.ts'
import { createService } from './service.ts'
import { TcpDoors } from './tcpDoor.ts'
import { openUnixDoor } from './unixDoor.ts'
import { Waits } from './waits.ts'

/** Where the agent sees its door's folder when it is mounted. */
const MOUNT = '/run/amphitheatre'

export interface DoorsOptions {
  readonly install: string
  readonly dataDir: string
  /** Who agents are on the host. */
  readonly uid: number
  readonly gid: number
  readonly workspaces: Behind['workspaces']
  readonly log: (line: string) => void
  /** Default: below /tmp, one for each user. */
  readonly base?: string
  /** Folder with `amphi-agent` and `amphi-mcp`. */
  readonly clients?: string
  /** A project's context on the host, once it is what the state says; it is made if it is not there. */
  readonly contextFolder?: (project: ProjectId) => Promise<string>
  /** `tcp` where sockets cannot be mounted: Docker Desktop, Windows. */
  readonly transport?: 'unix' | 'tcp'
  /** How long the engine is waited for; see `DOOR_LIMITS.commandMs`. */
  readonly commandMs?: number
  readonly spool?: DoorTransport
  readonly mcp?: DoorMcp
}

const CLIENTS = join(import.meta.dirname, '../../../resources/agent')

interface Opened {
  readonly door: Door
  readonly open: OpenDoor
  /** Nobody answers there any more; the folder stays. */
  stop(): Promise<void>
}

/** The doors of one engine. What an earlier one left behind is removed first; see `Doors` for what is promised. */
export function createDoors(options: DoorsOptions): (engine: DoorEngine) => Doors {
  return (engine) => new AgentDoors(options, engine)
}

class AgentDoors implements Doors {
  readonly #options: DoorsOptions
  readonly #folders: DoorFolders
  readonly #waits: Waits
  readonly #service: DoorService
  readonly #tcp: TcpDoors | undefined
  /** Doors that are open or on their way, by attempt. */
  readonly #open = new Map<AttemptId, Promise<Opened>>()
  readonly #swept: Promise<void>
  /** Attempts that were under way at the start, until their doors are open again or they turn out to be over. */
  readonly #awaited: Set<AttemptId>
  #detached = false

  constructor(options: DoorsOptions, engine: DoorEngine) {
    const { install, workspaces, log, mcp, commandMs = DOOR_LIMITS.commandMs } = options
    this.#options = options
    this.#folders = new DoorFolders({
      base: options.base ?? defaultBase(),
      install,
      clients: options.clients ?? CLIENTS,
      passable: this.#owner !== null,
    })
    this.#waits = new Waits(engine)
    this.#service = createService({ engine, waits: this.#waits, workspaces, commandMs, log })
    const transport = options.transport ?? (process.platform === 'linux' ? 'unix' : 'tcp')
    const { service, owner } = { service: this.#service, owner: this.#owner }
    this.#awaited = new Set(liveAttempts(engine.state))
    const isRecovering = (): boolean => this.#awaited.size > 0
    if (transport === 'tcp')
      this.#tcp = new TcpDoors({ service, owner, isRecovering, ...(mcp === undefined ? {} : { mcp }) })
    this.#swept = this.#folders.sweep([...this.#awaited]).catch((error: NodeJS.ErrnoException) => {
      log(`folders of doors that are over could not be removed: ${error.code ?? error.message}`)
    })
  }

  /** Null where agents are the same user as we. */
  get #owner(): { readonly uid: number; readonly gid: number } | null {
    const { uid, gid } = this.#options
    return process.getuid?.() === 0 && uid !== 0 ? { uid, gid } : null
  }

  async open(of: DoorOf): Promise<OpenDoor> {
    if (this.#detached) throw new Error('the doors are closed: the engine is stopping')
    const known = this.#open.get(of.id)
    if (known !== undefined) return (await known).open
    const opening = this.#start(of)
    this.#open.set(of.id, opening)
    try {
      return (await opening).open
    } catch (error) {
      this.#open.delete(of.id)
      throw error
    }
  }

  async close(attempt: AttemptId): Promise<void> {
    this.#awaited.delete(attempt)
    const opened = this.#open.get(attempt)
    this.#open.delete(attempt)
    await (await opened?.catch(() => undefined))?.stop()
    await this.#folders.remove(attempt)
  }

  async detach(): Promise<void> {
    this.#detached = true
    const all = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(all.map(async (opening) => (await opening.catch(() => undefined))?.stop()))
    await this.#tcp?.close()
    this.#waits.close()
    await this.#swept
    await this.#folders.leave()
  }

  async #start(of: DoorOf): Promise<Opened> {
    await this.#swept
    const { contextFolder, dataDir, spool } = this.#options
    const known = await contextFolder?.(of.project)
    const context = known ?? join(dataDir, 'projects', of.project, 'context')
    await mkdir(context, { recursive: true, mode: 0o755 })
    const folder = await this.#folders.make(of.id)
    const closing = new AbortController()
    const door: Door = { of, folder, context, closed: closing.signal }
    const listening = await this.#listen(door)
    let spooling: Awaited<ReturnType<DoorTransport>> | undefined
    try {
      spooling = await spool?.(door, this.#service)
    } catch (error) {
      await listening.close()
      throw error
    }
    this.#awaited.delete(of.id)
    return {
      door,
      open: { folder, context, env: environment(door, listening.address) },
      stop: async () => {
        closing.abort()
        await Promise.all([listening.close(), spooling?.close()])
      },
    }
  }

  /** `address` null: by the socket in the folder. */
  async #listen(door: Door): Promise<{ readonly address: string | null; close(): Promise<void> }> {
    if (this.#tcp !== undefined) return this.#tcp.open(door)
    const { mcp } = this.#options
    const owner = this.#owner
    const unix = await openUnixDoor({
      door,
      service: this.#service,
      owner,
      ...(mcp === undefined ? {} : { mcp }),
    })
    return { address: null, close: () => unix.close() }
  }
}

/** What the agent's environment says; the token of a TCP door is a file and not here. */
function environment(
  { of, folder, context }: Door,
  address: string | null,
): Readonly<Record<string, string>> {
  const seen = of.onHost ? folder : MOUNT
  return {
    AMPHITHEATRE_DOOR: address ?? (of.onHost ? join(folder, SOCKET) : `${MOUNT}/${SOCKET}`),
    AMPHITHEATRE_DOOR_FOLDER: seen,
    AMPHITHEATRE_CONTEXT: of.onHost ? context : `${MOUNT}/context`,
  }
}

function liveAttempts(state: State): readonly AttemptId[] {
  return [...state.runs.values()].flatMap((run) =>
    run.plan.tasks.flatMap(({ id }, task) => {
      const current = run.tasks.get(task)!.current
      return current === null ? [] : [attemptId(run.id, id, current.n)]
    }),
  )
}
