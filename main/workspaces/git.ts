import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * The only place that starts git. Nothing is inherited: arguments are an array (no shell), the working folder is
 * `/`, the environment is made from scratch, and hooks, fsmonitor and automatic housekeeping are off, so that
 * neither the machine's nor a repository's settings can make git run something or wait for someone.
 */
export type Git = (call: GitCall) => Promise<GitOutput>

export interface GitCall {
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Bytes for standard input, or an open file. Default: nothing. */
  readonly input?: string | Uint8Array | AsyncIterable<Uint8Array> | { readonly fd: number }
  /** An open file for standard output instead of memory. */
  readonly outputFd?: number
  /** Run as this user instead of the engine's own (root only). */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** `user`: the person's own git settings apply (LFS, excludes); for their repository only. Default `none`. */
  readonly settings?: 'none' | 'user'
  /** Exit codes that are answers and not failures; default 0 only. */
  readonly answers?: readonly number[]
  readonly timeoutMs?: number
  readonly maxOutputBytes?: number
}

export interface GitOutput {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** git exited with a code that is no answer, ran into its time limit, or said more than it may. */
export class GitError extends Error {
  readonly code: number | null
  readonly stderr: string
  readonly reason: 'exit' | 'timeout' | 'output' | 'missing'
  constructor(reason: GitError['reason'], command: string, code: number | null, stderr: string) {
    super(`git ${command}: ${describe(reason, code, stderr)}`)
    this.name = 'GitError'
    this.reason = reason
    this.code = code
    this.stderr = stderr
  }
}

function describe(reason: GitError['reason'], code: number | null, stderr: string): string {
  if (reason === 'timeout') return 'took too long and was stopped'
  if (reason === 'output') return 'gave more output than allowed and was stopped'
  if (reason === 'missing') return 'could not be started'
  return stderr.trim() === '' ? `ended with code ${code}` : stderr.trim()
}

const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.quotePath=false',
  'core.splitIndex=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  // The engine may be another user than the owner of the repository; it is read as its owner where possible.
  'safe.directory=*',
].flatMap((setting) => ['-c', setting])

const DEFAULT_TIMEOUT_MS = 120_000
const DEFAULT_MAX_OUTPUT = 256 * 1024 * 1024
const MAX_STDERR = 64 * 1024

function environment(settings: 'none' | 'user'): Record<string, string> {
  const base = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
  }
  if (settings === 'user') {
    const { GIT_ATTR_NOSYSTEM: _, ...rest } = base
    const home = process.env.HOME ?? '/nonexistent'
    const xdg = process.env.XDG_CONFIG_HOME
    return { ...rest, HOME: home, ...(xdg === undefined ? {} : { XDG_CONFIG_HOME: xdg }) }
  }
  const none = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_SYSTEM: '/dev/null', GIT_CONFIG_GLOBAL: '/dev/null' }
  return { ...base, ...none, HOME: '/nonexistent' }
}

/** `program`: the git to run; default `git` on the path. */
export function createGit(program = 'git'): Git {
  return (call) => runGit(program, call)
}

async function runGit(program: string, call: GitCall): Promise<GitOutput> {
  const command = call.args.find((arg) => !arg.startsWith('-')) ?? ''
  const fdInput = isFd(call.input) ? call.input.fd : undefined
  const windows = process.platform === 'win32'
  const child = spawn(program, [...SETTINGS, ...call.args], {
    cwd: call.cwd ?? '/',
    env: { ...environment(call.settings ?? 'none'), ...call.env },
    stdio: [fdInput ?? (call.input === undefined ? 'ignore' : 'pipe'), call.outputFd ?? 'pipe', 'pipe'],
    // A group of its own: a time limit then ends git's helpers too, and Ctrl-C at the terminal reaches the engine only.
    detached: !windows,
    ...(call.user ?? {}),
  })
  let failure: GitError['reason'] | undefined
  const kill = (reason: GitError['reason']): void => {
    failure ??= reason
    try {
      if (windows || child.pid === undefined) child.kill('SIGKILL')
      else process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
  const timer = setTimeout(() => kill('timeout'), call.timeoutMs ?? DEFAULT_TIMEOUT_MS)
  const chunks: Buffer[] = []
  let size = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > (call.maxOutputBytes ?? DEFAULT_MAX_OUTPUT)) kill('output')
    else chunks.push(chunk)
  })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < MAX_STDERR) stderr += chunk.toString('utf8')
  })
  const over = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
  const fed = child.stdin === null ? Promise.resolve(undefined) : feed(call.input, child.stdin, kill)
  try {
    const code = await over
    const inputError = await fed
    if (inputError !== undefined) throw inputError
    const ok = code !== null && (call.answers ?? [0]).includes(code)
    if (failure !== undefined || !ok) throw new GitError(failure ?? 'exit', command, code, stderr)
    return { code, stdout: Buffer.concat(chunks), stderr }
  } catch (error) {
    if (isErrno(error) && error.syscall?.startsWith('spawn') === true) {
      throw new GitError('missing', command, null, error.message)
    }
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves to the error of the source (the caller's, to be rethrown); that git stopped reading is git's to explain. */
async function feed(
  input: GitCall['input'],
  stdin: NodeJS.WritableStream,
  kill: (reason: GitError['reason']) => void,
): Promise<unknown> {
  const source = typeof input === 'string' || input instanceof Uint8Array ? [Buffer.from(input)] : input
  try {
    await pipeline(Readable.from(source as Iterable<Uint8Array>), stdin)
    return undefined
  } catch (error) {
    const code = isErrno(error) ? error.code : undefined
    if (code === 'EPIPE' || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return undefined
    kill('exit')
    return error
  }
}

function isFd(input: GitCall['input']): input is { readonly fd: number } {
  return typeof input === 'object' && 'fd' in input && typeof input.fd === 'number'
}

export function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** Standard output as text without the newline at its end. */
export function text(output: GitOutput): string {
  return output.stdout.toString('utf8').replace(/\n$/, '')
}

/** The NUL-ended records of `-z` output. */
export function records(output: GitOutput): string[] {
  return output.stdout.toString('utf8').split('\0').slice(0, -1)
}
