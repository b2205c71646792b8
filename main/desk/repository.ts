import { execFile } from 'node:child_process'

/** What git says about a folder, and why nothing can be run there. */
export interface Repository {
  readonly found: boolean
  /** Null when detached, or when nothing was found. */
  readonly branch: string | null
  /** With the remedy each; empty where runs can begin. */
  readonly problems: readonly string[]
}

const FIRST = 'git add -A && git commit -m "First"'
const CALL_MS = 10_000

/** Only reads: no hook, filter or helper of the repository runs. */
export async function repositoryAt(root: string): Promise<Repository> {
  const there = await git(root, 'rev-parse', '--absolute-git-dir')
  if (!there.ok) return { found: false, branch: null, problems: [explain(root, there)] }
  const branch = await git(root, 'symbolic-ref', '--short', '-q', 'HEAD')
  const head = await git(root, 'rev-parse', '--verify', '-q', 'HEAD')
  const problems = head.ok ? [] : [`This repository has no commit yet. Make one: ${FIRST}`]
  return { found: true, branch: branch.ok ? branch.text : null, problems }
}

function explain(root: string, { missing, text }: Failed): string {
  if (missing) return 'git was not found. Install git 2.38 or newer; `amphi doctor` says how.'
  if (text.includes('dubious ownership')) {
    return `This repository belongs to another user. If you trust it: git config --global --add safe.directory "${root}"`
  }
  if (text.includes('not a git repository')) {
    return `This folder is not a git repository. Make it one: git init && ${FIRST}`
  }
  return `git cannot read this folder: ${text} Try: git -C "${root}" status`
}

interface Failed {
  readonly ok: false
  readonly missing: boolean
  /** What git said. */
  readonly text: string
}
type Said = { readonly ok: true; readonly text: string } | Failed

function git(root: string, ...args: readonly string[]): Promise<Said> {
  // Root may read everything, and the engine then asks git as the repository's owner.
  const trust = process.getuid?.() === 0 ? ['-c', 'safe.directory=*'] : []
  return new Promise((resolve) => {
    const options = { timeout: CALL_MS, env: plainEnv(), encoding: 'utf8' } as const
    execFile('git', [...trust, '-C', root, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, text: stdout.trim() })
      else resolve({ ok: false, missing: error.code === 'ENOENT', text: stderr.trim() || error.message })
    })
  })
}

/** Git's own words in English, and no repository but the one that is asked about (hooks set GIT_DIR). */
function plainEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' }
}
