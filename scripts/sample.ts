import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './support.ts'

const NAME = 'bookshelf'
const SAMPLE = join(ROOT, 'resources', 'samples', NAME)

/**
 * The sample as a repository in `folder`: the copy that is there if nobody has changed it since, else a new one beside
 * it. It is made aside and moved, so that one that broke off is never taken for whole.
 */
export function placeSample(folder: string, sample = SAMPLE): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const made = mkdtempSync(join(folder, '.new-'))
  try {
    cpSync(sample, made, { recursive: true })
    const commit = makeRepository(made)
    for (let n = 1; ; n++) {
      const root = join(folder, n === 1 ? NAME : `${NAME}-${n}`)
      if (!existsSync(root)) {
        renameSync(made, root)
        return root
      }
      if (isUntouched(root, commit)) return root
    }
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** Equal files give an equal commit: its author and times are fixed. */
function makeRepository(root: string): string {
  git(root, 'init', '-q', '-b', 'main')
  git(root, 'add', '-A')
  git(root, 'commit', '-q', '-m', 'The bookshelf')
  return git(root, 'rev-parse', 'HEAD')
}

function isUntouched(root: string, commit: string): boolean {
  try {
    return (
      existsSync(join(root, '.git')) &&
      git(root, 'rev-parse', 'HEAD') === commit &&
      git(root, 'status', '--porcelain') === ''
    )
  } catch {
    return false
  }
}

/** Without the person's settings: theirs may sign commits, run hooks or convert files. */
function git(cwd: string, ...args: readonly string[]): string {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const env = {
    ...Object.fromEntries(kept),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    ...who('AUTHOR'),
    ...who('COMMITTER'),
  }
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function who(part: 'AUTHOR' | 'COMMITTER'): Readonly<Record<string, string>> {
  return {
    [`GIT_${part}_NAME`]: 'Amphitheatre',
    [`GIT_${part}_EMAIL`]: 'demo@localhost',
    [`GIT_${part}_DATE`]: '2026-01-01T00:00:00Z',
  }
}
