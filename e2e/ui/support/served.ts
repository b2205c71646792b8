import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../../..')

/** `amphi serve` in a process of its own, as a person starts it. */
export interface Served {
  /** Lets a browser in, once. */
  readonly invitation: string
  readonly url: string
  readonly pid: number
  readonly port: number
  /** As by a power cut: nothing is tidied up. */
  kill(): Promise<void>
  /** As by Ctrl-C; agents at work are left. */
  end(): Promise<void>
}

/** Resolves when it serves; rejects with what it said when it ends before that. */
export async function serve(options: {
  readonly data: string
  /** The same again after a kill, so that pages find it where it was. */
  readonly port?: number
  readonly path?: string
  readonly env?: Readonly<Record<string, string>>
}): Promise<Served> {
  const port = options.port ?? (await freePort())
  const path = options.path === undefined ? [] : [options.path]
  const args = [
    'main/cli/amphi.ts',
    'serve',
    ...path,
    '--json',
    '--port',
    String(port),
    '--data',
    options.data,
  ]
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const over = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const told = await firstLine(child)
  return {
    invitation: told.address,
    url: told.url,
    port: told.port,
    pid: child.pid!,
    kill: () => signal(child, 'SIGKILL', over),
    end: () => signal(child, 'SIGTERM', over),
  }
}

interface Told {
  readonly address: string
  readonly url: string
  readonly port: number
}

async function firstLine(child: ChildProcess): Promise<Told> {
  let said = ''
  child.stderr!.on('data', (data: Buffer) => {
    said += data.toString()
  })
  for await (const line of createInterface({ input: child.stdout! })) return JSON.parse(line) as Told
  throw new Error(`amphi serve ended: ${said}`)
}

async function signal(child: ChildProcess, name: NodeJS.Signals, over: Promise<void>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(name)
  await over
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
