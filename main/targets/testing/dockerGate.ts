import { existsSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'

/** The way to the machine's Docker, to be shut and opened: behind it the daemon goes on, as with one that restarts. */
export interface DockerGate {
  readonly socketPath: string
  shut(): void
  /** What is under way breaks off; who asks anew is answered. */
  cut(): void
  open(): Promise<void>
  dispose(): Promise<void>
}

export async function dockerGate(socketPath: string, daemon = '/var/run/docker.sock'): Promise<DockerGate> {
  const sockets = new Set<Socket>()
  // A command's input ends before its output does: one half of a connection may be closed before the other.
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: daemon, allowHalfOpen: true })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const shut = (): void => {
    server.close()
    cut()
    if (existsSync(socketPath)) unlinkSync(socketPath)
  }
  let over = false
  const open = async (): Promise<void> => {
    if (!over && !server.listening) await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  }
  await open()
  return {
    socketPath,
    shut,
    cut,
    open,
    dispose: () => {
      over = true
      return Promise.resolve(shut())
    },
  }
}
