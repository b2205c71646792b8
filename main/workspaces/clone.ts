import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import { permanent } from './errors.ts'
import { giveTree, readIfThere } from './files.ts'
import { GitError } from './git.ts'
import { type Hub, RAW_ATTRIBUTES } from './hub.ts'
import { type AttemptPaths, refPart } from './layout.ts'

/** The container's user; it owns the clones. */
export interface CloneOwner {
  readonly uid: number
  readonly gid: number
}

export interface CloneRequest<T> {
  readonly paths: AttemptPaths
  readonly commit: CommitId
  readonly task: string
  readonly owner: CloneOwner
  /** Places what belongs to the clone beside the commit's files, before the folder is given away. */
  fill(): Promise<T>
}

const CHECKOUT_TIMEOUT_MS = 15 * 60_000

/**
 * Fills an attempt's folder: the files by the engine's own index into an empty folder, and a small `.git` of the
 * agent's own that borrows the hub's objects. The index is the agent's and, as a copy beside the clone, the
 * engine's record of every file's stat.
 */
export async function makeClone<T>(hub: Hub, request: CloneRequest<T>): Promise<T> {
  const { paths, owner } = request
  await mkdir(paths.work, { mode: 0o700 })
  await inWork(hub, paths, ['read-tree', '-m', '-u', '--no-recurse-submodules', request.commit])
  const filled = await request.fill()
  await makeAgentGit(hub, request)
  await giveTree(paths.work, owner.uid, owner.gid)
  // Giving the files away changed their stat; the index is to know them as they are now.
  await inWork(hub, paths, ['update-index', '-q', '--refresh'], [0, 1])
  const agentIndex = join(paths.work, '.git', 'index')
  await copyFile(paths.index, agentIndex)
  await giveTree(agentIndex, owner.uid, owner.gid)
  return filled
}

/** git with the work tree on the clone: only while it is the engine's alone, before any agent has been in it. */
async function inWork(hub: Hub, paths: AttemptPaths, args: readonly string[], answers = [0]): Promise<void> {
  const settings = ['core.bare=false', 'core.fileMode=true', 'core.symlinks=true', 'index.version=2']
  try {
    await hub.git({
      args: [...settings.flatMap((setting) => ['-c', setting]), `--work-tree=${paths.work}`, ...args],
      env: { GIT_INDEX_FILE: paths.index },
      timeoutMs: CHECKOUT_TIMEOUT_MS,
      answers,
    })
  } catch (error) {
    const bad =
      error instanceof GitError ? /(?:invalid path|Invalid path) '(.*)'/.exec(error.stderr)?.[1] : undefined
    if (bad === undefined) throw error
    throw permanent(
      `the repository has a path git refuses to check out: ${bad}`,
      'Rename it and commit.',
      error,
    )
  }
}

async function makeAgentGit<T>(hub: Hub, request: CloneRequest<T>): Promise<void> {
  const gitDir = join(request.paths.work, '.git')
  const branch = `refs/heads/amphitheatre/${refPart(request.task)}`
  await mkdir(join(gitDir, 'refs', 'heads', 'amphitheatre'), { recursive: true })
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true })
  await mkdir(join(gitDir, 'objects', 'pack'))
  await mkdir(join(gitDir, 'info'))
  await writeFile(join(gitDir, 'HEAD'), `ref: ${branch}\n`)
  await writeFile(join(gitDir, branch), `${request.commit}\n`)
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${alternatesLine(hub.objects)}\n`)
  await writeFile(join(gitDir, 'info', 'attributes'), RAW_ATTRIBUTES)
  await writeFile(join(gitDir, 'config'), agentConfig(hub))
  const shallow = await readIfThere(join(hub.gitDir, 'shallow'))
  if (shallow !== undefined) await writeFile(join(gitDir, 'shallow'), shallow)
}

/** git takes a line that begins with a quote as a quoted one, and skips one that begins with `#`. */
function alternatesLine(path: string): string {
  if (/[\n\r]/.test(path)) throw permanent(`${path} has a line break in it`, 'Move the data folder.')
  return path
}

function agentConfig(hub: Hub): string {
  const sha256 = hub.format === 'sha256'
  return [
    '[core]',
    `\trepositoryformatversion = ${sha256 ? 1 : 0}`,
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    ...(sha256 ? ['[extensions]', '\tobjectformat = sha256'] : []),
    '[user]',
    '\tname = Amphitheatre agent',
    '\temail = agent@amphitheatre.invalid',
    '[gc]',
    '\tauto = 0',
    '[maintenance]',
    '\tauto = false',
    '',
  ].join('\n')
}
