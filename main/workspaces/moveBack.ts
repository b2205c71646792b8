import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import { pointRef } from '../domain/points/point.ts'
import type { MoveBackRequest, MoveBackResult } from '../engine/ports/pointCommits.ts'
import { CANNOT_WRITE, checkoutOf, explainRefusal, rebaseOf } from './fastForward.ts'
import { readIfThere, writeAtomically } from './files.ts'
import { finishCheckout } from './finishCheckout.ts'
import { type Git, GitError, text } from './git.ts'
import { hasCommit, openHub, zeroId } from './hub.ts'
import { projectFolder } from './layout.ts'
import { transfer } from './transfer.ts'
import { openUserRepository, readCommit, type UserRepository } from './userRepository.ts'

interface Moving extends MoveBackRequest {
  readonly repository: UserRepository
  /** Says which move was under way when the engine died. */
  readonly journal: string
}

/**
 * The other way round from `apply`, and as careful: what is taken away gets a branch first, then the branch goes back
 * together with the checkout where it is checked out. Done twice it finds everything done.
 */
export async function moveBack(git: Git, dataDir: string, request: MoveBackRequest): Promise<MoveBackResult> {
  const repository = await openUserRepository(git, request.root)
  const folder = projectFolder(dataDir, request.project)
  const moving = { ...request, repository, journal: join(folder, 'move-back.json') }
  const current = await readCommit(repository, `refs/heads/${request.branch}`)
  if (current === null)
    return refused(
      `the branch ${request.branch} is gone`,
      `Make it again: git branch ${request.branch} ${request.to}`,
    )
  const interrupted = await wasInterrupted(moving)
  if (current === request.to && !interrupted) return { status: 'already', kept: await keptAs(moving) }
  if (current !== request.to && current !== request.from) return movedSince(moving, current)
  const rebasing = await rebaseOf({ repository, branch: request.branch })
  if (rebasing !== undefined)
    return refused(
      `a rebase of ${request.branch} is under way in ${rebasing}`,
      'Finish or abort it, then retry.',
    )
  await bring(git, dataDir, moving, folder)
  const kept = await keep(moving)
  const moved = await move(moving, interrupted)
  return moved ?? { status: 'moved', kept }
}

const refused = (reason: string, remedy: string): MoveBackResult => ({ status: 'refused', reason, remedy })

function movedSince({ branch, from, to }: MoveBackRequest, current: CommitId): MoveBackResult {
  const at = `${branch} is at ${current.slice(0, 12)} now and not at ${from.slice(0, 12)}, where it was when you looked`
  const remedy = `Look again; or move it yourself: git branch rollback/mine ${branch} && git reset --keep ${to}`
  return refused(at, remedy)
}

async function wasInterrupted(moving: Moving): Promise<boolean> {
  const noted = await readIfThere(moving.journal)
  return noted !== undefined && noted.toString('utf8') === entry(moving)
}

const entry = ({ root, branch, from, to }: MoveBackRequest): string =>
  JSON.stringify({ root, branch, from, to })

/** The commit to go back to, where the repository has lost it. */
async function bring(git: Git, dataDir: string, moving: Moving, scratch: string): Promise<void> {
  const { repository, to, from } = moving
  const there = await repository.git({ args: ['cat-file', '-e', `${to}^{commit}`], answers: [0, 1, 128] })
  if (there.code === 0) return
  const hub = await openHub(git, projectFolder(dataDir, moving.project))
  if (hub === undefined || !(await hasCommit(hub, to)))
    throw new Error(`${to} is neither in the repository nor kept at ${pointRef(moving.key)}`)
  await transfer({ from: hub.git, to: repository.git, wants: [to], haves: [from], scratch })
}

/** How many names are tried before it is somebody's mistake. */
const MAX_NAMES = 100

/** Gives what is taken away a branch; a name that holds something else is left alone. */
async function keep(moving: Moving): Promise<string> {
  const { repository, from } = moving
  const taken = await branchesLike(moving)
  for (const name of names(moving.keepAs)) {
    const there = taken.get(name)
    if (there === from) return name
    if (there !== undefined) continue
    const ref = `refs/heads/${name}`
    await repository.git({
      args: ['update-ref', '-m', 'amphitheatre rollback', ref, from, zeroId(repository.format)],
    })
    return name
  }
  throw new Error(`there are ${MAX_NAMES} branches like ${moving.keepAs} already`)
}

async function keptAs(moving: Moving): Promise<string | null> {
  const taken = await branchesLike(moving)
  for (const name of names(moving.keepAs)) {
    const there = taken.get(name)
    if (there === moving.from) return name
    if (there === undefined) return null
  }
  return null
}

/** What the branches name that are called so, or so with a number: one question for all of them. */
async function branchesLike({ repository, keepAs }: Moving): Promise<ReadonlyMap<string, string>> {
  const head = 'refs/heads/'
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', `${head}${keepAs}`, `${head}${keepAs}-*`]
  const lines = text(await repository.git({ args }))
    .split('\n')
    .filter(Boolean)
  return new Map(
    lines.map((line) => {
      const at = line.indexOf(' ')
      return [line.slice(at + 1 + head.length), line.slice(0, at)]
    }),
  )
}

function* names(first: string): Generator<string> {
  yield first
  for (let n = 2; n <= MAX_NAMES; n++) yield `${first}-${n}`
}

async function move(moving: Moving, interrupted: boolean): Promise<MoveBackResult | undefined> {
  const { repository, branch, from, to } = moving
  const checkout = await checkoutOf({ repository, branch })
  if (checkout === undefined) return moveOnly(moving)
  if (interrupted) {
    const unfinished = await finishCheckout({ repository, checkout, from, to })
    if (unfinished?.status === 'refused') return refused(unfinished.reason, 'Wait ten seconds, then retry.')
  } else {
    const changed = await changedIn(repository, checkout)
    if (changed.length > 0)
      return refused(
        `there are uncommitted changes in ${checkout}: ${changed.slice(0, 10).join(', ')}`,
        'Commit or stash them, then retry.',
      )
  }
  await writeAtomically(moving.journal, entry(moving))
  const outcome = await reset(moving, checkout)
  await rm(moving.journal, { force: true })
  return outcome
}

async function moveOnly({ repository, branch, from, to }: Moving): Promise<MoveBackResult | undefined> {
  try {
    await repository.git({
      args: ['update-ref', '-m', 'amphitheatre rollback', `refs/heads/${branch}`, to, from],
    })
    return undefined
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
    return refused(`git would not move ${branch}: ${error.stderr.trim()}`, 'Retry.')
  }
}

/** Tracked files that differ from what is committed. New files are git's to look at: it refuses where one is in the way. */
async function changedIn(repository: UserRepository, checkout: string): Promise<readonly string[]> {
  const args = [
    'status',
    '--porcelain=v1',
    '-z',
    '--no-renames',
    '--untracked-files=no',
    '--ignore-submodules=dirty',
  ]
  const out = await repository.gitIn(checkout, { args, timeoutMs: 60_000 })
  return out.stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(3))
}

/** `--keep` looks at every file before it touches the first and never overwrites one that is not committed. */
async function reset(moving: Moving, checkout: string): Promise<MoveBackResult | undefined> {
  try {
    await moving.repository.gitIn(checkout, {
      args: ['reset', '--keep', '--quiet', moving.to],
      env: { GIT_REFLOG_ACTION: 'amphitheatre rollback', GIT_OPTIONAL_LOCKS: '1' },
      timeoutMs: 15 * 60_000,
    })
    return undefined
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
    // Stopped on the way: the journal stays, and the next try finishes it.
    if (CANNOT_WRITE.test(error.stderr)) throw error
    const why = await explainRefusal(error, checkout)
    return why.status === 'refused'
      ? refused(why.reason, why.remedy.replace('apply again', 'retry'))
      : undefined
  }
}
