import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectDocker } from './client.ts'
import { TEST_IMAGE } from './testImage.ts'

/**
 * A Docker daemon of a test's own, to stop, kill and restart: own data, socket, process files and network namespace,
 * so that it touches nothing of the machine's. Needs root. It has the images it was given.
 */
export interface TestDaemon {
  readonly socketPath: string
  /** Runs a command where its containers publish their ports: `[...inside(), 'curl', …]`. Another after `losePower`. */
  inside(): readonly string[]
  /** Resolves when it answers. */
  start(): Promise<void>
  /** Resolves when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** As when the machine is switched off: everything of it is gone but what is on the disk. `start` boots it. */
  losePower(): Promise<void>
  dispose(): Promise<void>
}

export async function createTestDaemon(
  flags: readonly string[],
  images: readonly string[] = [TEST_IMAGE],
): Promise<TestDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'amphi-d-'))
  const socketPath = join(folder, 'd.sock')
  const log = join(folder, 'log')
  let namespace = await holdNamespace()
  let containerd: Containerd | undefined
  const args = [
    ...['--containerd', join(folder, 'c.sock')],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--host', `unix://${socketPath}`],
    ...['--bridge=none', '--iptables=false', '--ip-masq=false', ...flags],
  ]
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    containerd ??= await startContainerd(folder)
    const out = openSync(log, 'a')
    const [command, ...rest] = [...namespace.inside, 'dockerd', ...args]
    child = spawn(command!, rest, { stdio: ['ignore', out, out] })
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
  for (const name of images) {
    const loading = await own.docker.loadImage(await machine.docker.getImage(name).get())
    loading.resume()
    await once(loading, 'end')
  }
  machine.close()
  own.close()

  return {
    socketPath,
    inside: () => namespace.inside,
    start,
    end,
    losePower: async () => {
      await Promise.all([end('SIGKILL'), containerd?.end('SIGKILL')])
      containerd = undefined
      killUnder(folder)
      await namespace.end()
      unmountUnder(folder)
      for (const name of ['exec', 'c-state', 'pid'])
        rmSync(join(folder, name), { recursive: true, force: true })
      namespace = await holdNamespace()
    },
    dispose: async () => {
      await end('SIGTERM')
      await containerd?.end('SIGTERM')
      killUnder(folder)
      await namespace.end()
      unmountUnder(folder)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/**
 * The same from one life of the daemon to the next, as a machine's own. Without it a daemon with `--bridge=none` would
 * delete `docker0`, whoever it belongs to.
 */
async function holdNamespace(): Promise<{ readonly inside: readonly string[]; end: () => Promise<void> }> {
  const hold = 'ip link set lo up && echo up && exec cat'
  const child = spawn('unshare', ['--net', 'sh', '-c', hold], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return {
    inside: ['nsenter', `--net=/proc/${child.pid}/ns/net`],
    end: async () => {
      const over = once(child, 'exit')
      child.stdin.end()
      await over
    },
  }
}

/** On its own, as on a real machine: it and the containers outlive a killed daemon. */
async function startContainerd(folder: string): Promise<Containerd> {
  const config = join(folder, 'containerd.toml')
  writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
  const paths = ['--root', join(folder, 'c-root'), '--state', join(folder, 'c-state')]
  const args = ['--config', config, '--address', join(folder, 'c.sock'), ...paths]
  const child = spawn('containerd', args, { stdio: 'ignore' })
  return {
    end: async (signal) => {
      const over = once(child, 'exit')
      child.kill(signal)
      await over
    },
  }
}

interface Containerd {
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** What containerd watches over outlives it: its shims name the folder, everything else descends from them. */
function killUnder(folder: string): void {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`), stat: read(`/proc/${pid}/stat`) }))
  const doomed = new Set(processes.filter(({ command }) => command.includes(folder)).map(({ pid }) => pid))
  for (let before = -1; doomed.size > before; ) {
    before = doomed.size
    for (const { pid, stat } of processes)
      if (doomed.has(stat.slice(stat.lastIndexOf(')')).split(' ')[2] ?? '')) doomed.add(pid)
  }
  for (const pid of doomed) kill(Number(pid))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended together with what it hung on.
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
