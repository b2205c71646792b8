import { join } from 'node:path'
import type { CommitId } from '../domain/ids.ts'
import { applyPointKey, pointRef } from '../domain/points/point.ts'
import type { ApplyResult, RunRef } from '../engine/ports/workspaces.ts'
import { mergeCommits, withTrailers } from './commits.ts'
import { permanent } from './errors.ts'
import { fastForward } from './fastForward.ts'
import { type Git, GitError } from './git.ts'
import { type Hub, isAncestor, readRef, setRef } from './hub.ts'
import { projectFolder, refPart, runFolder, runRefs } from './layout.ts'
import { escapingLinks } from './links.ts'
import { type RunRecord, readRunRecord } from './prepare.ts'
import { transfer } from './transfer.ts'
import { linksOf, listTree } from './trees.ts'
import { openUserRepository, readCommit, type UserRepository } from './userRepository.ts'

interface Applying {
  readonly hub: Hub
  readonly repository: UserRepository
  readonly run: RunRef
  readonly tip: CommitId
  /** Engine-owned; for packs under way. */
  readonly scratch: string
  /** Says which fast-forward was under way when the engine died. */
  readonly journal: string
}

/**
 * The one thing that writes the user's repository: objects first (nothing refers to them yet), then the branch,
 * together with the checkout where it is checked out. Done twice it finds everything done.
 */
export async function apply(git: Git, dataDir: string, hub: Hub, run: RunRef): Promise<ApplyResult> {
  const record = await readRunRecord(dataDir, run)
  const tip = await readRef(hub, runRefs(run.run).tip)
  if (record === undefined || tip === undefined) {
    throw permanent(`run ${run.run} has nothing to apply`, 'It was discarded, or never started.')
  }
  const applying: Applying = {
    hub,
    repository: await openUserRepository(git, run.root),
    run,
    tip,
    scratch: projectFolder(dataDir, run.project),
    journal: join(runFolder(dataDir, run), 'apply.json'),
  }
  const escaping = escapingLinks(await linksOf(hub, await listTree(hub, tip)))
  if (escaping.length > 0) {
    const reason = `the run's files hold links that leave the repository: ${escaping.slice(0, 5).join(', ')}`
    return refused(reason, 'Discard the run, or have a task remove them.')
  }
  const branch = await targetBranch(applying, record)
  const current = await readCommit(applying.repository, `refs/heads/${branch}`)
  const target = current === null ? tip : await targetOn(applying, current)
  if (typeof target !== 'string') return target
  const before = (await readRef(hub, runRefs(run.run).beforeApply)) ?? null
  if (target === current) return { status: 'already', branch, commit: current, before }
  await send(applying, target, current)
  const moved = await fastForward({ ...applying, branch, from: current, to: target })
  return moved ?? { status: 'applied', branch, commit: target, before }
}

const refused = (reason: string, remedy: string): ApplyResult => ({ status: 'refused', reason, remedy })

/** The branch the run was started on; where that is gone or there was none, one of the run's own. */
async function targetBranch(applying: Applying, record: RunRecord): Promise<string> {
  const own = `amphitheatre/${refPart(applying.run.run)}`
  if (record.branch === null) return own
  const exists = (await readCommit(applying.repository, `refs/heads/${record.branch}`)) !== null
  // Started on a branch yet to be born: it is born now.
  return exists || record.base === null ? record.branch : own
}

/** The commit the branch is to stand on: the tip, or its merge with what was committed there meanwhile. */
async function targetOn(applying: Applying, current: CommitId): Promise<CommitId | ApplyResult> {
  const { hub, repository, tip } = applying
  const refs = runRefs(applying.run.run)
  if (current === tip) return current
  await transfer({
    from: repository.git,
    to: hub.git,
    wants: [current],
    haves: [tip, (await readRef(hub, refs.base)) ?? tip],
    scratch: applying.scratch,
  })
  await setRef(hub, refs.beforeApply, current)
  await setRef(hub, pointRef(applyPointKey(applying.run.run)), current)
  if (await isAncestor(hub, tip, current)) return current
  const message = withTrailers(`chore: merge run ${applying.run.run}`, { Run: applying.run.run })
  const merged = await mergeCommits(hub, current, tip, message)
  if (merged.status === 'merged') return merged.commit
  if (merged.status === 'unrelated') {
    return refused(
      'the branch was empty when the run started and has a history of its own now',
      'Apply to another branch: rename yours (`git branch -m`), apply, and merge with --allow-unrelated-histories.',
    )
  }
  return refused(
    `the branch has moved on and conflicts with the run in ${merged.files.slice(0, 10).join(', ')}`,
    'Undo or move the commits that conflict, or start the run again on the new state.',
  )
}

async function send(applying: Applying, target: CommitId, current: CommitId | null): Promise<void> {
  const { hub, repository } = applying
  const base = await readRef(hub, runRefs(applying.run.run).base)
  const haves = [current, base].filter((id) => id !== null && id !== undefined)
  const present: CommitId[] = []
  for (const id of haves) if ((await commitIn(repository, id)) !== null) present.push(id)
  await transfer({
    from: hub.git,
    to: repository.git,
    wants: [target],
    haves: present,
    scratch: applying.scratch,
  })
}

async function commitIn(repository: UserRepository, id: CommitId): Promise<CommitId | null> {
  try {
    return await readCommit(repository, `${id}^{commit}`)
  } catch (error) {
    if (error instanceof GitError) return null
    throw error
  }
}
