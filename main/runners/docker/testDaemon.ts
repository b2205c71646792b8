import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectDocker } from './client.ts'
import { TEST_IMAGE } from './testImage.ts'

/**
 * A Docker daemon of a test's own, to stop, kill and restart: own data, socket, process files and network namespace,
 * so that it touches nothing of the machine's. Needs root. It has `TEST_IMAGE`.
 */
export interface TestDaemon {
  readonly socketPath: string
  /** Resolves when it answers. */
  start(): Promise<void>
  /** Resolves when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  dispose(): Promise<void>
}

export async function createTestDaemon(flags: readonly string[]): Promise<TestDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-d-'))
  const socketPath = join(folder, 'd.sock')
  const log = join(folder, 'log')
  const containerd = await startContainerd(folder)
  const args = [
    ...['--containerd', containerd.address],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--host', `unix://${socketPath}`],
    ...['--bridge=none', '--iptables=false', '--ip-masq=false', ...flags],
  ]
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const out = openSync(log, 'a')
    // In a network namespace of its own: with `--bridge=none` a daemon deletes `docker0`, whoever it belongs to.
    child = spawn('unshare', ['--net', 'dockerd', ...args], { stdio: ['ignore', out, out] })
    const { docker, close } = connectDocker(socketPath)
    try {
      for (const end = Date.now() + 60_000; Date.now() < end; await delay(50)) {
        if (child.exitCode !== null)
          throw new Error(`dockerd failed: ${readFileSync(log, 'utf8').slice(-2000)}`)
        if (
          await docker.ping().then(
            () => true,
            () => false,
          )
        )
          return
      }
      throw new Error('dockerd does not answer')
    } finally {
      close()
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const over = once(child, 'exit')
    child.kill(signal)
    await over
  }

  await start()
  const machine = connectDocker()
  const own = connectDocker(socketPath)
  const image = await machine.docker.getImage(TEST_IMAGE).get()
  const loading = await own.docker.loadImage(image)
  loading.resume()
  await once(loading, 'end')
  machine.close()
  own.close()

  return {
    socketPath,
    start,
    end,
    dispose: async () => {
      await end('SIGTERM')
      await containerd.end()
      unmountUnder(folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** On its own, as on a real machine: it and the containers outlive a killed daemon. */
async function startContainerd(folder: string): Promise<{ address: string; end: () => Promise<void> }> {
  const address = join(folder, 'c.sock')
  const config = join(folder, 'containerd.toml')
  writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
  const paths = ['--root', join(folder, 'c-root'), '--state', join(folder, 'c-state')]
  const child = spawn('containerd', ['--config', config, '--address', address, ...paths], { stdio: 'ignore' })
  return {
    address,
    end: async () => {
      const over = once(child, 'exit')
      child.kill('SIGTERM')
      await over
    },
  }
}

/** A killed daemon leaves its own mounts behind. */
function unmountUnder(folder: string): void {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  for (const mount of mounts.filter((path) => path.startsWith(`${folder}/`)).toReversed()) {
    spawnSync('umount', ['--lazy', mount])
  }
}
