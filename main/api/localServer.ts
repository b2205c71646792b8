import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { ControlCenter } from '../engine/controlCenter.ts'
import { makePrivateFolder, socketAddresses, UnsafeFolderError } from './localAddress.ts'
import { serveConnection } from './localConnection.ts'

export interface LocalServer {
  /** Where it listens. */
  readonly address: string
  /** Ends every connection and gives the address back. */
  close(): Promise<void>
}

/**
 * Offers the engine of a data folder to other processes of the same user. Only for the process that holds the
 * folder's lock: a socket file that is there already was left behind by a dead engine and is replaced.
 * Throws when no safe folder for the socket can be had, or when something still answers at the address.
 */
export async function serveLocal(center: ControlCenter, dataDir: string): Promise<LocalServer> {
  const address = usableAddress(dataDir)
  await clearStale(address)
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    serveConnection(center, socket)
  })
  await listen(server, address)
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of connections) socket.destroy()
      }),
  }
}

/** The first address whose folder is ours or can be made so. */
function usableAddress(dataDir: string): string {
  let first: unknown
  for (const address of socketAddresses(dataDir)) {
    if (process.platform === 'win32') return address
    try {
      makePrivateFolder(dirname(address))
      return address
    } catch (error) {
      if (error instanceof UnsafeFolderError || first === undefined) first = error
    }
  }
  throw first ?? new Error('There is no folder for the engine’s socket: set XDG_RUNTIME_DIR to a short path.')
}

/** Removes the socket file of an engine that died. */
async function clearStale(address: string): Promise<void> {
  if (process.platform === 'win32') return
  const stat = lstatSync(address, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new Error(`${address} is in the way: remove it.`)
  if (await answers(address)) throw new Error(`Another engine answers at ${address}: stop it first.`)
  unlinkSync(address)
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    const done = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      if (process.platform !== 'win32') chmodSync(address, 0o600)
      resolve()
    })
  })
}
