import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type CommitId, commitId } from '../domain/ids.ts'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import { permanent } from './errors.ts'
import { unlessMissing } from './files.ts'
import { type Git, type GitCall, GitError, type GitOutput, text } from './git.ts'
import type { ObjectFormat } from './hub.ts'

/** The user's repository. Opening it, and everything `prepareRun` asks of it, only reads. */
export interface UserRepository {
  readonly root: string
  /** Of this checkout (differs from `commonDir` in a linked worktree). */
  readonly gitDir: string
  readonly commonDir: string
  readonly format: ObjectFormat
  readonly shallow: boolean
  /** False in a bare repository. */
  readonly hasWorkTree: boolean
  /** git on the repository itself, in `/`, with no settings but the repository's own. */
  git(call: GitCall): Promise<GitOutput>
  /** git in one of its work trees, with the person's own settings (filters, excludes) where they are ours to use. */
  gitIn(workTree: string, call: GitCall): Promise<GitOutput>
}

export interface Head {
  readonly commit: CommitId | null
  /** Null when detached. */
  readonly branch: string | null
}

const ABOUT = [
  '--absolute-git-dir',
  '--git-common-dir',
  '--is-bare-repository',
  '--show-object-format',
  '--is-shallow-repository',
] as const

/**
 * Finds the repository `root` lies in. As root, git then runs as the repository's owner: what the engine writes
 * at `apply` belongs to them, and settings of theirs that name programs never run with more than their rights.
 */
export async function openUserRepository(git: Git, root: string): Promise<UserRepository> {
  const ask = async (...options: readonly string[]): Promise<string> =>
    text(await git({ args: ['-C', root, 'rev-parse', ...options] }))
  let gitDir: string
  let commonDir: string
  let bare: boolean
  let format: ObjectFormat
  let shallow: boolean
  try {
    if (!(await stat(root)).isDirectory()) throw permanent(`${root} is not a folder`, 'Name a folder.')
    const answers = (await ask(...ABOUT)).split('\n')
    // A path may hold a line break: then each on its own.
    const [absolute, common, isBare, objectFormat, isShallow] =
      answers.length === ABOUT.length ? answers : await Promise.all(ABOUT.map((option) => ask(option)))
    gitDir = absolute!
    commonDir = resolve(root, common!)
    bare = isBare === 'true'
    format = objectFormat === 'sha256' ? 'sha256' : 'sha1'
    shallow = isShallow === 'true'
  } catch (error) {
    throw explainOpening(error, root)
  }
  const access = await accessTo(commonDir)
  const git_ = (call: GitCall): Promise<GitOutput> =>
    git({ ...call, ...access.user, args: [`--git-dir=${gitDir}`, ...call.args] })
  const repository: UserRepository = {
    root,
    gitDir,
    commonDir,
    format,
    shallow,
    hasWorkTree: !bare,
    git: git_,
    gitIn: async (workTree, call) => {
      const neutral = access.mine ? [] : await withoutFilters(git_)
      const settings = access.mine ? 'user' : 'none'
      const env = { ...access.env, ...call.env }
      return git({ settings, ...call, ...access.user, env, args: ['-C', workTree, ...neutral, ...call.args] })
    },
  }
  // As ourselves it was read just now.
  if (access.user.user !== undefined) await checkReadable(repository)
  return repository
}

function explainOpening(error: unknown, root: string): unknown {
  if (error instanceof WorkspaceError) return error
  if (error instanceof GitError && /not a git repository/i.test(error.stderr)) {
    return permanent(`${root} is not in a git repository`, `Run \`git init\` in ${root} and commit.`, error)
  }
  if (error instanceof GitError && error.reason === 'exit') {
    return permanent(
      `the git repository at ${root} cannot be read: ${error.stderr.trim()}`,
      'Run `git fsck` in it and repair what it finds.',
      error,
    )
  }
  if (error instanceof Error && 'syscall' in error && !(error instanceof GitError)) {
    return permanent(
      `${root} cannot be read: ${error.message}`,
      'Check that the folder exists and its permissions.',
      error,
    )
  }
  return error
}

interface Access {
  /** Whether the person's own settings and filters may be used: the repository is ours, or we act as its owner. */
  readonly mine: boolean
  readonly user: { readonly user?: { readonly uid: number; readonly gid: number } }
  readonly env: Readonly<Record<string, string>>
}

async function accessTo(commonDir: string): Promise<Access> {
  const me = process.getuid?.()
  if (me === undefined) return { mine: true, user: {}, env: {} }
  const { uid, gid } = await stat(commonDir)
  if (uid === me) return { mine: true, user: {}, env: {} }
  if (me !== 0) return { mine: false, user: {}, env: {} }
  return { mine: true, user: { user: { uid, gid } }, env: { HOME: await homeOf(uid), XDG_CONFIG_HOME: '' } }
}

async function homeOf(uid: number): Promise<string> {
  const users = await unlessMissing(readFile('/etc/passwd', 'utf8'))
  const line = users?.split('\n').find((user) => user.split(':')[2] === String(uid))
  return line?.split(':')[5] ?? '/nonexistent'
}

/** Settings that switch off the filters a repository of someone else configures: they would run with our rights. */
async function withoutFilters(git: UserRepository['git']): Promise<string[]> {
  const args = [
    'config',
    '--null',
    '--name-only',
    '--get-regexp',
    '^filter\\..*\\.(clean|smudge|process|required)$',
  ]
  const names = (await git({ args, answers: [0, 1] })).stdout.toString('utf8').split('\0').filter(Boolean)
  return names.flatMap((name) => ['-c', `${name}=${name.endsWith('.required') ? 'false' : ''}`])
}

async function checkReadable(repository: UserRepository): Promise<void> {
  try {
    await repository.git({ args: ['rev-parse', '--git-dir'] })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw permanent(
      `the git repository at ${repository.root} cannot be read by its owner: ${error.message}`,
      'Give its owner access to every folder above it, or change who owns it.',
      error,
    )
  }
}

export async function readHead(repository: UserRepository): Promise<Head> {
  const [symbolic, commit] = await Promise.all([
    repository.git({ args: ['symbolic-ref', '--quiet', 'HEAD'], answers: [0, 1] }),
    readCommit(repository, 'HEAD'),
  ])
  const ref = symbolic.code === 0 ? text(symbolic) : null
  const branch = ref?.startsWith('refs/heads/') === true ? ref.slice('refs/heads/'.length) : null
  return { commit, branch }
}

/** Null where the name does not exist (a branch yet to be born); throws where it names a damaged object. */
export async function readCommit(repository: UserRepository, name: string): Promise<CommitId | null> {
  const whole = await repository.git({
    args: ['rev-parse', '--quiet', '--verify', `${name}^{commit}`],
    answers: [0, 1, 128],
  })
  if (whole.code === 0) return commitId(text(whole))
  // Which of the two it is takes another question.
  const id = await repository.git({ args: ['rev-parse', '--quiet', '--verify', name], answers: [0, 1] })
  if (id.code === 1) return null
  const commit = await repository.git({
    args: ['rev-parse', '--quiet', '--verify', `${text(id)}^{commit}`],
    answers: [0, 1, 128],
  })
  if (commit.code === 0) return commitId(text(commit))
  throw permanent(
    `${name} of ${repository.root} names ${text(id)}, which is missing or damaged`,
    'Run `git fsck` in the repository and repair what it finds.',
  )
}

/** Commits whose parents the repository does not have. */
export async function shallowCommits(repository: UserRepository): Promise<string[]> {
  if (!repository.shallow) return []
  const file = await unlessMissing(readFile(join(repository.commonDir, 'shallow'), 'utf8'))
  return (file ?? '').split('\n').filter(Boolean)
}

/** Files changed or untracked in the checkout; null where git could not tell in time. */
export async function countUncommitted(repository: UserRepository): Promise<number | null> {
  if (!repository.hasWorkTree) return 0
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--no-renames',
    '--untracked-files=normal',
    '--ignore-submodules=dirty',
  ]
  try {
    const out = await repository.gitIn(repository.root, { args, timeoutMs: 60_000 })
    return out.stdout.toString('utf8').split('\0').length - 1
  } catch (error) {
    if (error instanceof GitError) return null
    throw error
  }
}
