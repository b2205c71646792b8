import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import type { ApplyResult } from '../engine/ports/workspaces.ts'
import { readIfThere, unlessMissing, writeAtomically } from './files.ts'
import { finishCheckout } from './finishCheckout.ts'
import { GitError, text } from './git.ts'
import { zeroId } from './hub.ts'
import type { UserRepository } from './userRepository.ts'

export interface FastForward {
  readonly repository: UserRepository
  readonly branch: string
  /** Where the branch stands; null for one that does not exist. */
  readonly from: CommitId | null
  readonly to: CommitId
  readonly journal: string
}

/** Moves the branch, and its checkout where it has one. Resolves to the refusal, or undefined when done. */
export async function fastForward(move: FastForward): Promise<ApplyResult | undefined> {
  const rebasing = await rebaseOf(move)
  if (rebasing !== undefined) {
    return refused(
      `a rebase of ${move.branch} is under way in ${rebasing}`,
      'Finish or abort it, then apply again.',
    )
  }
  const checkout = await checkoutOf(move)
  if (checkout === undefined) return await moveOnly(move)
  const entry = { checkout, from: move.from, to: move.to }
  const before = await readIfThere(move.journal)
  const interrupted = before !== undefined && before.toString('utf8') === JSON.stringify(entry)
  if (interrupted) {
    const unfinished = await finishCheckout({ ...move, checkout })
    if (unfinished !== undefined) return unfinished
  }
  await writeAtomically(move.journal, JSON.stringify(entry))
  const outcome = await mergeInCheckout(move, checkout)
  await rm(move.journal, { force: true })
  return outcome
}

export function refused(reason: string, remedy: string): ApplyResult {
  return { status: 'refused', reason, remedy }
}

async function moveOnly(move: FastForward): Promise<ApplyResult | undefined> {
  const ref = `refs/heads/${move.branch}`
  const old = move.from ?? zeroId(move.repository.format)
  try {
    await move.repository.git({ args: ['update-ref', '-m', 'amphitheatre apply', ref, move.to, old] })
    return undefined
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
    return refused(`git would not move ${move.branch}: ${error.stderr.trim()}`, 'Try again.')
  }
}

interface WorkTree {
  readonly path: string
  readonly branch: string | undefined
}

async function workTrees(repository: UserRepository): Promise<WorkTree[]> {
  const out = await repository.git({ args: ['worktree', 'list', '--porcelain', '-z'] })
  const blocks = out.stdout.toString('utf8').split('\0\0').filter(Boolean)
  return blocks.flatMap((block) => {
    const lines = block.split('\0')
    const value = (key: string): string | undefined =>
      lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1)
    const path = value('worktree')
    const usable =
      path !== undefined && !lines.includes('bare') && !lines.some((line) => line.startsWith('prunable'))
    return usable ? [{ path, branch: value('branch') }] : []
  })
}

export async function checkoutOf(
  move: Pick<FastForward, 'repository' | 'branch'>,
): Promise<string | undefined> {
  const { repository, branch } = move
  // The checkout the run was started from is asked itself: a repository may say its work tree is elsewhere.
  if (repository.hasWorkTree) {
    const head = await repository.git({ args: ['symbolic-ref', '--quiet', 'HEAD'], answers: [0, 1] })
    if (text(head) === `refs/heads/${branch}`) {
      return text(await repository.gitIn(repository.root, { args: ['rev-parse', '--show-toplevel'] }))
    }
  }
  return (await workTrees(repository)).find((tree) => tree.branch === `refs/heads/${branch}`)?.path
}

/** The checkout in which the branch is being rebased (it is detached meanwhile); undefined for none. */
export async function rebaseOf(
  move: Pick<FastForward, 'repository' | 'branch'>,
): Promise<string | undefined> {
  for (const tree of await workTrees(move.repository)) {
    const gitDir = await move.repository
      .gitIn(tree.path, { args: ['rev-parse', '--absolute-git-dir'] })
      .then(text, () => undefined)
    if (gitDir === undefined) continue
    for (const kind of ['rebase-merge', 'rebase-apply']) {
      const name = await unlessMissing(readFile(join(gitDir, kind, 'head-name'), 'utf8'))
      if (name?.trim() === `refs/heads/${move.branch}`) return tree.path
    }
  }
  return undefined
}

/** All of git's own checks apply: it looks at every file before it touches the first. Hooks are off. */
async function mergeInCheckout(move: FastForward, checkout: string): Promise<ApplyResult | undefined> {
  const options = [
    '--ff-only',
    '--commit',
    '--no-squash',
    '--no-autostash',
    '--no-stat',
    '--no-verify-signatures',
    '--quiet',
  ]
  try {
    await move.repository.gitIn(checkout, {
      args: ['merge', ...options, move.to],
      env: { GIT_REFLOG_ACTION: 'amphitheatre apply', GIT_OPTIONAL_LOCKS: '1' },
      timeoutMs: 15 * 60_000,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
    // Stopped on the way: the journal stays, and the next apply finishes it.
    if (CANNOT_WRITE.test(error.stderr)) throw error
    return await explainRefusal(error, checkout)
  }
}

export const CANNOT_WRITE =
  /No space left|(?:unable to|could not|cannot) (?:write|create (?!.*index\.lock)|unlink)/i

export async function explainRefusal(error: GitError, checkout: string): Promise<ApplyResult> {
  const files = [...error.stderr.matchAll(/^\t(.+)$/gm)].map((match) => match[1]!)
  if (files.length > 0) {
    const named = files.slice(0, 10).join(', ')
    return refused(
      `uncommitted changes in ${checkout} are in the way: ${named}`,
      'Commit, stash or move them, then apply again.',
    )
  }
  if (/index\.lock/.test(error.stderr)) {
    return refused(
      `another git is at work in ${checkout} (it holds index.lock)`,
      'Let it end, or remove the lock file if none is running; then apply again.',
    )
  }
  return refused(
    `git would not move the checkout: ${error.stderr.trim()}`,
    'Resolve what git says, then apply again.',
  )
}
