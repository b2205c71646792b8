import { spawn, spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CliError } from '../errors.ts'

/**
 * Git as the user runs it, in a checkout of theirs: with their settings, identity and hooks. Only for agents that were
 * started by hand; what comes from containers never meets it.
 */
export interface UserGit {
  /** The root of the checkout. */
  readonly top: string
  /** The root of the repository's first checkout; the same but in a linked worktree. */
  readonly main: string
  /** Standard output; throws CliError with what git says. */
  run(args: readonly string[], options?: GitOptions): string
  /** The same for what runs the user's hooks, which may ask the engine in this process. */
  runHooked(args: readonly string[], options?: GitOptions): Promise<void>
  /** Lines that are left of a merge nobody finished: `src/a.ts:3: leftover conflict marker`. */
  markers(): readonly string[]
}

export interface GitOptions {
  /** For standard input. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Undefined where there is no checkout. */
export function userGit(cwd: string, env: NodeJS.ProcessEnv): UserGit | undefined {
  const found = git(cwd, env, ['rev-parse', '--show-toplevel', '--path-format=absolute', '--git-common-dir'])
  if (found.status !== 0) return undefined
  const [top, common] = found.stdout.split('\n') as [string, string]
  const main = common.endsWith('/.git') ? dirname(common) : top
  return {
    markers: () =>
      git(top, env, ['diff', '--check', 'HEAD'])
        .stdout.split('\n')
        .filter((line) => line.endsWith('leftover conflict marker')),
    top: real(top),
    main: real(main),
    runHooked: (args, options = {}) => hooked(top, { ...env, ...options.env }, args, options.input ?? ''),
    run: (args, options = {}) => {
      const { status, stdout, stderr } = git(top, { ...env, ...options.env }, args, options.input)
      if (status === 0) return stdout
      throw failed(args, stderr, status)
    },
  }
}

function failed(args: readonly string[], stderr: string, status: number | null): CliError {
  const verb = args.find((arg) => !arg.startsWith('-'))
  return new CliError(`git ${verb} failed: ${stderr.trim() || `code ${status}`}`)
}

function hooked(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--literal-pathspecs', ...args], {
      cwd,
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString('utf8')
    })
    child.on('error', reject)
    // It may end without having read all.
    child.stdin.on('error', () => undefined)
    child.on('close', (code) => (code === 0 ? resolve() : reject(failed(args, stderr, code))))
    child.stdin.end(input)
  })
}

const MAX_OUTPUT = 256 * 1024 * 1024

function git(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[], input?: string) {
  const options = {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    ...(input === undefined ? {} : { input }),
  } as const
  const result = spawnSync('git', ['--literal-pathspecs', ...args], options)
  if (result.error !== undefined) throw new CliError(`git could not be started: ${result.error.message}`)
  return result
}

/** Paths from the root that differ from the last commit, untracked ones too; both of a renamed one. */
export function changedPaths(repository: UserGit): readonly string[] {
  const status = [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--ignore-submodules',
  ]
  const output = repository.run(status, { env: { GIT_OPTIONAL_LOCKS: '0' } })
  return output
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3))
}

/** Paths from the root that the next commit would change. */
export function stagedPaths(repository: UserGit): readonly string[] {
  return repository
    .run(['diff', '--cached', '--name-only', '--no-renames', '-z'])
    .split('\0')
    .filter((path) => path !== '')
}

/** Commits these paths as they are, and nothing else that may be staged; gives the commit's name. */
export async function commitPaths(
  repository: UserGit,
  paths: readonly string[],
  message: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const input = paths.join('\0')
  const from = ['--pathspec-from-file=-', '--pathspec-file-nul']
  repository.run(['add', '--all', ...from], { input })
  await repository.runHooked(['commit', '--quiet', '--only', '--message', message, ...from], { input, env })
  return repository.run(['rev-parse', 'HEAD']).trim()
}

/** Without links on the way, where it is there. */
export function real(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return resolve(path)
  }
}
