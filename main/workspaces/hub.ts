import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommitId, commitId } from '../domain/ids.ts'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { permanent } from './errors.ts'
import { makePrivateFolder, removeTree, unlessMissing } from './files.ts'
import { type Git, type GitCall, GitError, type GitOutput, text } from './git.ts'

/** A project's hub: bare, written by the engine only. Every call runs in `/` with `--git-dir` on the hub. */
export interface Hub {
  readonly gitDir: string
  /** The folder an agent's clone borrows its objects from. */
  readonly objects: string
  readonly format: ObjectFormat
  git(call: GitCall): Promise<GitOutput>
}

export type ObjectFormat = 'sha1' | 'sha256'

/**
 * Raw bytes in, raw bytes out: overrides every attribute a tree may carry, so that no line end, keyword,
 * encoding or filter is ever applied, and no merge driver chosen, by what an agent or a user committed.
 */
export const RAW_ATTRIBUTES = '* -text -filter -ident !working-tree-encoding !eol !merge !diff\n'

export const emptyTree = (format: ObjectFormat): string =>
  format === 'sha1'
    ? '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    : '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'

export const zeroId = (format: ObjectFormat): string => '0'.repeat(format === 'sha1' ? 40 : 64)

/** Undefined where the project has no hub yet. */
export async function openHub(git: Git, projectFolder: string): Promise<Hub | undefined> {
  const gitDir = join(projectFolder, 'hub.git')
  if ((await unlessMissing(lstat(join(gitDir, 'HEAD')))) === undefined) return undefined
  const config = await readFile(join(gitDir, 'config'), 'utf8')
  const format = /objectformat\s*=\s*sha256/i.test(config) ? 'sha256' : 'sha1'
  return makeHub(git, gitDir, format)
}

/** Makes the hub where there is none; one of another object format is an error, never replaced. */
export async function ensureHub(git: Git, projectFolder: string, format: ObjectFormat): Promise<Hub> {
  const there = await openHub(git, projectFolder)
  if (there?.format === format) return there
  if (there !== undefined) {
    throw permanent(
      `the project's hub keeps ${there.format} objects, but the repository has ${format} objects now`,
      `Register the repository as a new project, or move ${there.gitDir} away.`,
    )
  }
  await makePrivateFolder(projectFolder)
  const aside = join(projectFolder, '.hub.git.new')
  await removeTree(aside)
  await git({ args: ['init', '--bare', '--quiet', '--template=', `--object-format=${format}`, aside] })
  // Agents' users read the objects through a read-only mount whatever the engine's umask; the parents are 0700.
  await git({ args: [`--git-dir=${aside}`, 'config', 'core.sharedRepository', '0644'] })
  for (const folder of ['objects', 'objects/info', 'objects/pack']) await chmod(join(aside, folder), 0o755)
  await mkdir(join(aside, 'info'), { recursive: true })
  await writeFile(join(aside, 'info', 'attributes'), RAW_ATTRIBUTES)
  await rename(aside, join(projectFolder, 'hub.git'))
  return makeHub(git, join(projectFolder, 'hub.git'), format)
}

function makeHub(git: Git, gitDir: string, format: ObjectFormat): Hub {
  const run = (call: GitCall): Promise<GitOutput> =>
    git({ ...call, args: [`--git-dir=${gitDir}`, ...call.args] })
  return {
    gitDir,
    objects: join(gitDir, 'objects'),
    format,
    git: async (call) => {
      try {
        return await run(call)
      } catch (error) {
        if (!(await removeStaleLock(gitDir, error))) throw error
        return await run(call)
      }
    },
  }
}

/** git holds a lock file of the hub for milliseconds; one this old was left by a git that was killed. */
const STALE_LOCK_MS = 10_000

async function removeStaleLock(gitDir: string, error: unknown): Promise<boolean> {
  if (!(error instanceof GitError)) return false
  const path = /Unable to create '(.+\.lock)': File exists/.exec(error.stderr)?.[1]
  if (path === undefined || !path.startsWith(`${gitDir}/`)) return false
  const lock = await unlessMissing(lstat(path))
  if (lock !== undefined && Date.now() - lock.mtimeMs < STALE_LOCK_MS) return false
  await rm(path, { force: true })
  return true
}

/** The object a ref names; undefined where it does not exist. */
export async function readRef(hub: Hub, ref: string): Promise<CommitId | undefined> {
  const out = await hub.git({ args: ['rev-parse', '--quiet', '--verify', ref], answers: [0, 1] })
  return out.code === 0 ? commitId(text(out)) : undefined
}

/** Moves a ref only if it still is where the caller saw it (`null`: does not exist); else a transient error. */
export async function moveRef(hub: Hub, ref: string, to: string, from: string | null): Promise<void> {
  if (to === from) return
  try {
    await hub.git({ args: ['update-ref', '--no-deref', ref, to, from ?? zeroId(hub.format)] })
  } catch (error) {
    if (!(error instanceof GitError) || !/but expected|already exists|unable to resolve/.test(error.stderr))
      throw error
    throw new WorkspaceError('transient', `${ref} was moved by someone else meanwhile`, 'Try again.', {
      cause: error,
    })
  }
}

/** Sets a ref whatever it was. */
export async function setRef(hub: Hub, ref: string, to: string): Promise<void> {
  await hub.git({ args: ['update-ref', '--no-deref', ref, to] })
}

export async function deleteRefs(hub: Hub, prefix: string): Promise<void> {
  const out = await hub.git({ args: ['for-each-ref', '--format=%(refname)', `${prefix}/`] })
  const refs = text(out).split('\n').filter(Boolean)
  if (refs.length === 0) return
  await hub.git({
    args: ['update-ref', '--no-deref', '--stdin', '-z'],
    input: refs.map((ref) => `delete ${ref}\0\0`).join(''),
  })
}

export async function isAncestor(hub: Hub, ancestor: string, of: string): Promise<boolean> {
  const out = await hub.git({ args: ['merge-base', '--is-ancestor', ancestor, of], answers: [0, 1] })
  return out.code === 0
}

export async function hasCommit(hub: Hub, id: string): Promise<boolean> {
  const out = await hub.git({ args: ['cat-file', '-e', `${id}^{commit}`], answers: [0, 1, 128] })
  return out.code === 0
}

export async function treeOf(hub: Hub, commit: string): Promise<string> {
  return text(await hub.git({ args: ['rev-parse', '--verify', `${commit}^{tree}`] }))
}
