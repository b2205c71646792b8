import { chmod, chown, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import type { Door, DoorMcp, DoorService } from './door.ts'
import { SOCKET } from './folders.ts'
import { createHttpDoor } from './httpDoor.ts'
import { DOOR_LIMITS } from './limits.ts'

export interface UnixDoorOptions {
  readonly door: Door
  readonly service: DoorService
  readonly mcp?: DoorMcp
  /** Whom the socket is given to; null where that is us. */
  readonly owner: { readonly uid: number; readonly gid: number } | null
}

/**
 * Listens on a door's own socket: listening → (a flood of connections) shut → listening … → closed. Which agent calls
 * is never asked: only this attempt's folder has the socket, and only its user may connect.
 */
export async function openUnixDoor(options: UnixDoorOptions): Promise<{ close(): Promise<void> }> {
  const { door, service, mcp } = options
  const path = join(door.folder, SOCKET)
  let reopening: NodeJS.Timeout | undefined
  let closed = false
  const reopenLater = (): void => {
    reopening = setTimeout(async () => {
      reopening = undefined
      if (closed) return
      try {
        await listen(server, path, options.owner)
        // Meanwhile there is nobody left to listen to.
        if (closed) server.close()
      } catch {
        // No space, or no file handles: an agent is not left before a shut door for that.
        server.close()
        if (!closed) reopenLater()
      }
    }, DOOR_LIMITS.shutMs)
  }
  const server = createHttpDoor({
    service,
    ...(mcp === undefined ? {} : { mcp }),
    doorOf: () => door,
    connections: DOOR_LIMITS.connections,
    onFlood: () => {
      if (closed || reopening !== undefined) return
      // Who is being answered stays; nobody else gets as far as to cost anything for a while.
      server.close()
      reopenLater()
    },
  })
  server.on('error', () => undefined)
  await listen(server, path, options.owner)
  return {
    close: async () => {
      closed = true
      clearTimeout(reopening)
      await stopServer(server)
    },
  }
}

async function listen(server: Server, path: string, owner: UnixDoorOptions['owner']): Promise<void> {
  // One that a killed engine left: nobody listens there any more.
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, backlog: 1_024 }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  await chmod(path, 0o600)
  if (owner !== null) await chown(path, owner.uid, owner.gid)
}

/** Answers under way are given a moment; then their connections end. */
export async function stopServer(server: Server): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), 500)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  clearTimeout(late)
}
