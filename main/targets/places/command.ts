import { spawn } from 'node:child_process'
import { Tail } from '../../runners/output/tail.ts'
import { StepError } from '../step.ts'

/** A program of this machine, run for a target: by its arguments, never through a shell. */
export interface Call {
  readonly program: string
  readonly args: readonly string[]
  /** Beside what every program needs of the environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly signal: AbortSignal
  readonly say?: (line: string) => void
}

const MAX_WORDS = 16 * 1024
const KILL_AFTER_MS = 5_000
/** What programs find their settings and sockets by; of everything else they see nothing. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'DOCKER_HOST',
  'KUBECONFIG',
  'SSH_AUTH_SOCK',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
]

/** Standard output of a program that ended well. */
export async function run(call: Call): Promise<string> {
  const { code, out, words } = await result(call)
  if (code === 0) return out
  throw new StepError(
    `${call.program} ended with code ${code}${words === '' ? '' : `: ${words}`}`,
    `Run it by hand to see more: ${[call.program, ...call.args].join(' ').slice(0, 200)}`,
  )
}

export interface Result {
  readonly code: number
  readonly out: string
  /** The end of everything it said. */
  readonly words: string
}

export function result({ program, args, env, cwd = '/', signal, say }: Call): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error)
      return
    }
    // A group of its own: what it starts ends with it.
    const child = spawn(program, [...args], {
      cwd,
      env: { ...passed(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const [out, all] = [new Tail(MAX_WORDS), new Tail(MAX_WORDS)]
    const end = (how: NodeJS.Signals): void => {
      try {
        process.kill(-child.pid!, how)
      } catch {
        // It is over.
      }
    }
    let killing: NodeJS.Timeout | undefined
    const abort = (): void => {
      end('SIGTERM')
      killing = setTimeout(() => end('SIGKILL'), KILL_AFTER_MS)
    }
    signal.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      out.push(chunk)
      all.push(chunk)
      tell(chunk, say)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      all.push(chunk)
      tell(chunk, say)
    })
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', abort)
      const isMissing = error.code === 'ENOENT'
      const words = isMissing
        ? `${program} is not installed on this machine.`
        : `${program} cannot be run: ${error.message}.`
      reject(new StepError(words, `Install it, or have it on the PATH of the program.`, { cause: error }))
    })
    child.on('close', (code) => {
      clearTimeout(killing)
      signal.removeEventListener('abort', abort)
      if (signal.aborted) reject(signal.reason as Error)
      else resolve({ code: code ?? 137, out: out.text().trim(), words: all.text().trim() })
    })
  })
}

function tell(chunk: Buffer, say: ((line: string) => void) | undefined): void {
  if (say === undefined) return
  for (const line of chunk.toString().split('\n')) if (line.trim() !== '') say(line.trimEnd())
}

function passed(): Record<string, string> {
  return Object.fromEntries(
    PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

/** For a POSIX shell at the other end: the text as one word, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
