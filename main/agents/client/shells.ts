import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Ways the client is run in tests: each shell with one of the ways to the door, and nothing else on its PATH. */

const CLIENT = fileURLToPath(new URL('../../../resources/agent/amphi-agent', import.meta.url))

const TOOLS =
  'awk basename cat chmod cp cut date dirname grep head mkdir mv od rm sed sha256sum sleep sort tail tr wc'

export interface Way {
  readonly name: string
  /** The program and its first arguments. */
  readonly shell: readonly string[]
  readonly path: string
}

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Those of dash with curl, bash with Node and busybox with files that this machine can show. */
export function waysOf(folder: string): readonly Way[] {
  const tools = TOOLS.split(' ')
  const busybox = '/bin/busybox'
  const ways: Way[] = []
  if (which('dash') && which('curl'))
    ways.push({
      name: 'dash and curl',
      shell: [which('dash')!],
      path: pathWith(folder, 'curl', [...tools, 'curl']),
    })
  if (which('bash'))
    ways.push({
      name: 'bash and node',
      shell: [which('bash')!, '--posix'],
      path: pathWith(folder, 'node', tools, [['node', process.execPath]]),
    })
  if (existsSync(busybox)) {
    const path = join(folder, 'busybox')
    mkdirSync(path, { recursive: true })
    execFileSync(busybox, ['--install', '-s', path])
    ways.push({ name: 'busybox and files', shell: [busybox, 'sh'], path })
  }
  return ways
}

function which(name: string): string | undefined {
  return ['/usr/bin', '/bin', '/usr/local/bin'].map((folder) => join(folder, name)).find(existsSync)
}

function pathWith(
  folder: string,
  name: string,
  tools: readonly string[],
  more: readonly (readonly [name: string, to: string])[] = [],
): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  const found = tools.flatMap((tool) => {
    const at = which(tool)
    return at === undefined ? [] : [[tool, at] as const]
  })
  for (const [tool, to] of [...found, ...more]) symlinkSync(to, join(path, tool))
  return path
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly cwd?: string
}

/** Runs the client to its end. */
export function runClient(
  { shell, path }: Way,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  const [file, ...first] = shell
  const child = spawn(file!, [...first, CLIENT, ...args], {
    env: { PATH: path, HOME: '/nonexistent', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    out += data
  })
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    err += data
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.stdin ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? -1 : 128), out, err }))
  })
}
