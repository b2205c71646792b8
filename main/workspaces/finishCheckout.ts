import { lstat, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import type { ApplyResult } from '../engine/ports/workspaces.ts'
import { unlessMissing } from './files.ts'
import { text } from './git.ts'
import { MODE } from './trees.ts'
import type { UserRepository } from './userRepository.ts'

export interface Interrupted {
  readonly repository: UserRepository
  readonly checkout: string
  readonly from: CommitId | null
  readonly to: CommitId
}

/** A git that is still at work renews nothing; one that was killed leaves its lock. So long is alive enough. */
const LOCK_ALIVE_MS = 10_000

/**
 * After a fast-forward that was killed between its first file and its last: brings the checkout to a state from
 * which git will do the rest. Files that have their new content already are told to the index; a file cut short
 * in the middle of being written is removed, for git to write again. Everything else is left as it is, so that
 * git still refuses to touch what a person changed.
 */
export async function finishCheckout(job: Interrupted): Promise<ApplyResult | undefined> {
  const gitDir = text(await job.repository.gitIn(job.checkout, { args: ['rev-parse', '--absolute-git-dir'] }))
  const lock = join(gitDir, 'index.lock')
  const stat = await unlessMissing(lstat(lock))
  if (stat !== undefined) {
    if (Date.now() - stat.mtimeMs < LOCK_ALIVE_MS) {
      const reason = `the git of an interrupted apply may still be at work in ${job.checkout}`
      return { status: 'refused', reason, remedy: 'Wait ten seconds, then apply again.' }
    }
    await rm(lock, { force: true })
  }
  const lines: string[] = []
  for (const change of await changesOf(job)) {
    const state = await stateOf(job, change)
    if (state === 'torn') await rm(join(job.checkout, change.path), { force: true })
    if (state === 'new') lines.push(`${change.mode} ${change.id}\t${change.path}\0`)
  }
  if (lines.length > 0) {
    await job.repository.gitIn(job.checkout, {
      args: ['update-index', '-z', '--index-info'],
      env: { GIT_OPTIONAL_LOCKS: '1' },
      input: lines.join(''),
    })
  }
  return undefined
}

interface FileChange {
  readonly path: string
  /** As the target has it; mode 0 where it has no such path. */
  readonly mode: string
  readonly id: string
}

async function changesOf(job: Interrupted): Promise<FileChange[]> {
  const from =
    job.from ?? text(await job.repository.git({ args: ['hash-object', '-t', 'tree', '--stdin'], input: '' }))
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, job.to]
  const parts = (await job.repository.git({ args })).stdout.toString('utf8').split('\0')
  const changes: FileChange[] = []
  // `:<mode> <mode> <id> <id> <status>` NUL `<path>` NUL
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode, , id] = parts[i]!.split(' ')
    changes.push({ path: parts[i + 1]!, mode: mode!, id: id! })
  }
  return changes
}

async function stateOf(job: Interrupted, change: FileChange): Promise<'new' | 'torn' | 'other'> {
  const path = join(job.checkout, change.path)
  const stat = await unlessMissing(lstat(path))
  if (stat === undefined || stat.isDirectory()) return Number(change.mode) === 0 ? 'new' : 'other'
  if (change.mode === MODE.link) {
    const blob = await job.repository.git({ args: ['cat-file', 'blob', change.id] })
    const same = stat.isSymbolicLink() && (await readlink(path)) === blob.stdout.toString('utf8')
    return same ? 'new' : 'other'
  }
  if (!stat.isFile() || Number(change.mode) === 0 || change.mode === MODE.gitlink) return 'other'
  const executable = (stat.mode & 0o100) !== 0
  if (executable === (change.mode === MODE.executable)) {
    const args = ['hash-object', `--path=${change.path}`, '--', change.path]
    if (text(await job.repository.gitIn(job.checkout, { args })) === change.id) return 'new'
  }
  return (await isTorn(job, change, path, stat.size)) ? 'torn' : 'other'
}

/** Shorter than the target and equal as far as it goes: git was killed while it wrote it. */
async function isTorn(job: Interrupted, change: FileChange, path: string, size: number): Promise<boolean> {
  const args = ['cat-file', '--filters', `${job.to}:${change.path}`]
  const whole = (await job.repository.gitIn(job.checkout, { args })).stdout
  if (size >= whole.length) return false
  return whole.subarray(0, size).equals(await readFile(path))
}
