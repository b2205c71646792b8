import { type CommitId, commitId, type ProjectId } from '../domain/ids.ts'
import { pointRef } from '../domain/points/point.ts'
import type {
  BetweenRequest,
  CommitsBetween,
  KeepCommitRequest,
  KeptHead,
  LookRequest,
  PointCommits,
  SeenCommit,
  SeenRepository,
} from '../engine/ports/pointCommits.ts'
import { isDiskFull, toWorkspaceError } from './errors.ts'
import { createGit, type Git, text } from './git.ts'
import { ensureHub, type Hub, hasCommit, openHub, setRef } from './hub.ts'
import { projectFolder } from './layout.ts'
import { moveBack } from './moveBack.ts'
import { transfer } from './transfer.ts'
import { countUncommitted, openUserRepository, readHead, type UserRepository } from './userRepository.ts'

export interface PointCommitsOptions {
  readonly dataDir: string
  /** The git to run; default `git` on the path. */
  readonly git?: string
}

const POINTS = 'refs/amphitheatre/points/'
const MAX_COMMITS = 100

/** `PointCommits` on git and the local disk. */
export function createPointCommits(options: PointCommitsOptions): PointCommits {
  const { dataDir } = options
  const git = createGit(options.git)
  const explained = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw toWorkspaceError(error, doing, await isDiskFull(error, [dataDir]))
    }
  }
  return {
    moveBack: (request) => explained(`moving ${request.branch} back`, () => moveBack(git, dataDir, request)),
    lookAt: (request) => explained(`looking at ${request.root}`, () => lookAt(git, request)),
    keepHead: (request) => explained(`keeping ${request.root}`, () => keepHead(git, dataDir, request)),
    keepCommit: (request) => explained(`keeping ${request.commit}`, () => keepCommit(git, dataDir, request)),
    between: (request) =>
      explained(`comparing commits of ${request.project}`, () => between(git, dataDir, request)),
    releaseCommits: (project, keep) =>
      explained(`letting commits of ${project} go`, () => releaseCommits(git, dataDir, project, keep)),
  }
}

async function keepHead(
  git: Git,
  dataDir: string,
  request: Omit<KeepCommitRequest, 'commit'>,
): Promise<KeptHead | null> {
  const seen = await openUserRepository(git, request.root)
    .then(async (repository) => ({ repository, ...(await readHead(repository)) }))
    .catch(() => undefined)
  if (seen === undefined || seen.branch === null || seen.commit === null) return null
  const { repository, branch, commit } = seen
  await keep(git, dataDir, repository, { ...request, commit })
  return { branch, commit }
}

async function keepCommit(git: Git, dataDir: string, request: KeepCommitRequest): Promise<void> {
  await keep(git, dataDir, await openUserRepository(git, request.root), request)
}

async function keep(
  git: Git,
  dataDir: string,
  repository: UserRepository,
  request: KeepCommitRequest,
): Promise<void> {
  const folder = projectFolder(dataDir, request.project)
  const hub = await ensureHub(git, folder, repository.format)
  const ref = pointRef(request.key)
  // Git gives no name to what is not there: where the hub has it, as mostly, one question is enough.
  const isNamed = await setRef(hub, ref, request.commit).then(
    () => true,
    () => false,
  )
  if (isNamed) return
  if (!(await hasCommit(hub, request.commit))) {
    // What the hub keeps already need not travel again.
    const refs = text(await hub.git({ args: ['for-each-ref', '--format=%(objectname)'] }))
    const haves = refs.split('\n').filter(Boolean)
    await transfer({ from: repository.git, to: hub.git, wants: [request.commit], haves, scratch: folder })
  }
  await setRef(hub, ref, request.commit)
}

async function between(git: Git, dataDir: string, request: BetweenRequest): Promise<CommitsBetween | null> {
  const { from, to } = request
  const hub = await openHub(git, projectFolder(dataDir, request.project))
  if (hub === undefined || !(await hasCommit(hub, from)) || !(await hasCommit(hub, to))) return null
  const count = ['rev-list', '--count', '--left-right', `${from}...${to}`, '--']
  const [gone = 0, added = 0] = text(await hub.git({ args: count }))
    .split(/\s+/)
    .map(Number)
  return {
    added: added === 0 ? [] : await logOf(hub.git, from, to),
    gone: gone === 0 ? [] : await logOf(hub.git, to, from),
    counts: { added, gone },
  }
}

async function releaseCommits(
  git: Git,
  dataDir: string,
  project: ProjectId,
  keep: () => readonly string[] | null,
): Promise<void> {
  const hub = await openHub(git, projectFolder(dataDir, project))
  if (hub === undefined) return
  const refs = text(await hub.git({ args: ['for-each-ref', '--format=%(refname)', POINTS] })).split('\n')
  const keys = keep()
  if (keys === null) return
  const kept = new Set(keys.map(pointRef))
  const over = refs.filter((ref) => ref !== '' && !kept.has(ref))
  if (over.length === 0) return
  const input = over.map((ref) => `delete ${ref}\0\0`).join('')
  await hub.git({ args: ['update-ref', '--no-deref', '--stdin', '-z'], input })
}

async function lookAt(git: Git, request: LookRequest): Promise<SeenRepository> {
  const repository = await openUserRepository(git, request.root)
  const head = await readHead(repository)
  const branch = request.branch ?? head.branch
  const uncommitted = await countUncommitted(repository)
  const at = branch === null ? head.commit : await commitOf(repository, `refs/heads/${branch}`)
  const held: Record<string, readonly SeenCommit[]> = {}
  for (const commit of at === null ? [] : new Set(request.commits)) {
    const since = await commitsSince(repository, commit, at!)
    if (since !== undefined) held[commit] = since
  }
  return { branch, commit: at, uncommitted, held }
}

async function commitOf(repository: UserRepository, name: string): Promise<CommitId | null> {
  const args = ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`]
  const out = await repository.git({ args, answers: [0, 1, 128] })
  return out.code === 0 ? commitId(text(out)) : null
}

/** Undefined where `tip` does not hold it. */
async function commitsSince(
  repository: UserRepository,
  commit: string,
  tip: CommitId,
): Promise<readonly SeenCommit[] | undefined> {
  const ancestor = await repository.git({
    args: ['merge-base', '--is-ancestor', commit, tip],
    answers: [0, 1, 128],
  })
  if (ancestor.code !== 0) return undefined
  return logOf(repository.git, commit, tip)
}

/** Of what `tip` holds and `base` does not, the newest. */
async function logOf(run: Hub['git'], base: string, tip: string): Promise<readonly SeenCommit[]> {
  const format = '--format=%H%x00%an%x00%at%x00%s'
  const args = ['log', format, `--max-count=${MAX_COMMITS}`, `${base}..${tip}`, '--']
  const lines = (await run({ args })).stdout.toString('utf8').split('\n').filter(Boolean)
  return lines.map((line) => {
    const [id, author, at, subject] = line.split('\0')
    return { commit: commitId(id!), author: author!, at: Number(at) * 1_000, subject: subject ?? '' }
  })
}
