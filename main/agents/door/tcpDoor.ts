import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, chown, readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Door, DoorMcp, DoorReply, DoorService } from './door.ts'
import { refuse } from './door.ts'
import { createHttpDoor } from './httpDoor.ts'
import { DOOR_LIMITS } from './limits.ts'
import { stopServer } from './unixDoor.ts'

/** Files of a door's folder that say where to call and as whom. */
export const TOKEN = 'token'
export const ADDRESS = 'address'

/** The machine that hosts the containers, as they see it (Docker Desktop). */
const HOST_NAME = 'host.docker.internal'

export interface TcpDoorsOptions {
  readonly service: DoorService
  readonly mcp?: DoorMcp
  readonly owner: { readonly uid: number; readonly gid: number } | null
  /** Doors of agents that ran on are still to be opened again: a token nobody knows may be known in a moment. */
  readonly isRecovering: () => boolean
}

interface Entry {
  readonly door: Door
  /** SHA-256 of the token. */
  readonly digest: Buffer
}

/**
 * One port for the doors of machines on which a socket cannot be mounted. Which agent calls is said by a token of its
 * own, a file that only its user may read; it is in no environment, no argument and no log.
 */
export class TcpDoors {
  readonly #options: TcpDoorsOptions
  readonly #byDigest = new Map<string, Entry>()
  /** Undefined until the first door opens. */
  #server: Promise<Server> | undefined

  constructor(options: TcpDoorsOptions) {
    this.#options = options
  }

  /** What the agent's environment says: the address, which its folder says too, newer after a restart. */
  async open(door: Door): Promise<{ readonly address: string; close(): Promise<void> }> {
    const { owner } = this.#options
    // Doors open side by side: the first one begins to listen, for all.
    this.#server ??= formerPort(door.folder).then((former) => this.#listen(former))
    const server = await this.#server.catch((error: unknown) => {
      this.#server = undefined
      throw error
    })
    const { port } = server.address() as AddressInfo
    const token = await tokenIn(door.folder)
    await put(door.folder, TOKEN, token, 0o400, owner)
    const address = `http://${door.of.onHost ? '127.0.0.1' : HOST_NAME}:${port}`
    await put(door.folder, ADDRESS, address, 0o444, null)
    const digest = createHash('sha256').update(token).digest()
    const key = digest.toString('hex')
    this.#byDigest.set(key, { door, digest })
    return {
      address,
      close: async () => {
        this.#byDigest.delete(key)
      },
    }
  }

  async close(): Promise<void> {
    if (this.#server !== undefined) await stopServer(await this.#server)
  }

  /** The port of an earlier life where it is free: agents that run on know that one. */
  async #listen(former: number): Promise<Server> {
    const { service, mcp } = this.#options
    const server = createHttpDoor({
      service,
      ...(mcp === undefined ? {} : { mcp }),
      doorOf: (request) => this.#doorOf(request),
      connections: DOOR_LIMITS.tcpConnections,
      shared: true,
    })
    try {
      await listenOn(server, former)
    } catch (error) {
      if (former === 0) throw error
      await listenOn(server, 0)
    }
    return server
  }

  #doorOf(request: IncomingMessage): Door | DoorReply {
    const { host, origin, authorization } = request.headers
    const name = (host ?? '').replace(/:\d+$/, '').toLowerCase()
    if (![HOST_NAME, '127.0.0.1', 'localhost'].includes(name) || origin !== undefined)
      return refuse('not-allowed', 'this is no address for that host or page', 'Call from inside an agent.')
    const token = /^Bearer ([0-9a-f]{64})$/.exec(authorization ?? '')?.[1]
    if (token === undefined) return unauthorized()
    const digest = createHash('sha256').update(token).digest()
    const entry = this.#byDigest.get(digest.toString('hex'))
    if (entry !== undefined && timingSafeEqual(entry.digest, digest)) return entry.door
    if (!this.#options.isRecovering()) return unauthorized()
    return refuse('unavailable', 'the engine is just starting', 'Repeat the call with its Request-Id.', 1)
  }
}

function unauthorized(): DoorReply {
  const remedy = 'Send "Authorization: Bearer" with the token in $AMPHITHEATRE_DOOR_FOLDER/token.'
  return refuse('unauthorized', 'the token is missing or nobody’s', remedy)
}

function listenOn(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
}

/** The one that is there: an agent that ran on has read it. */
async function tokenIn(folder: string): Promise<string> {
  const known = await readFile(join(folder, TOKEN), 'utf8').catch(() => '')
  return /^[0-9a-f]{64}$/.test(known) ? known : randomBytes(32).toString('hex')
}

async function formerPort(folder: string): Promise<number> {
  const address = await readFile(join(folder, ADDRESS), 'utf8').catch(() => '')
  const port = Number(/:(\d{1,5})$/.exec(address)?.[1] ?? 0)
  return port < 65_536 ? port : 0
}

/** Whole or not at all, and never readable to others meanwhile. */
async function put(
  folder: string,
  name: string,
  text: string,
  mode: number,
  owner: TcpDoorsOptions['owner'],
): Promise<void> {
  const aside = join(folder, `.${name}.new`)
  await rm(aside, { force: true })
  await writeFile(aside, text, { mode: 0o600 })
  if (owner !== null) await chown(aside, owner.uid, owner.gid)
  await chmod(aside, mode)
  await rename(aside, join(folder, name))
}
