import { join } from 'node:path'
import { type CommitId, commitId } from '../domain/ids.ts'
import type { PreparedRun, RunRef } from '../engine/ports/workspaces.ts'
import { commitTree, ENGINE } from './commits.ts'
import { isDiskFull, permanent } from './errors.ts'
import { makePrivateFolder, readIfThere, writeAtomically } from './files.ts'
import { type Git, GitError, text } from './git.ts'
import { emptyTree, ensureHub, type Hub, hasCommit, openHub, readRef, setRef } from './hub.ts'
import { projectFolder, runFolder, runRefs } from './layout.ts'
import { escapingLinks } from './links.ts'
import { transfer } from './transfer.ts'
import { linksOf, listTree, MODE, readBlobs, type TreeEntry } from './trees.ts'
import {
  countUncommitted,
  openUserRepository,
  readHead,
  shallowCommits,
  type UserRepository,
} from './userRepository.ts'

/** What `prepareRun` found the first time; later calls and `apply` go by it. */
export interface RunRecord {
  readonly base: CommitId | null
  readonly branch: string | null
  readonly warnings: readonly string[]
}

export async function readRunRecord(dataDir: string, run: RunRef): Promise<RunRecord | undefined> {
  const file = await readIfThere(join(runFolder(dataDir, run), 'run.json'))
  return file === undefined ? undefined : (JSON.parse(file.toString('utf8')) as RunRecord)
}

/** Order, for the sake of crashes: objects, then refs, then the record, whose presence says all is there. */
export async function prepareRun(git: Git, dataDir: string, run: RunRef): Promise<PreparedRun> {
  const folder = projectFolder(dataDir, run.project)
  const refs = runRefs(run.run)
  const record = await readRunRecord(dataDir, run)
  if (record !== undefined) {
    const known = await openHub(git, folder)
    const tip = known === undefined ? undefined : await readRef(known, refs.tip)
    if (tip !== undefined) return { ...record, tip }
  }
  const repository = await openUserRepository(git, run.root)
  const head = await readHead(repository)
  const hub = await ensureHub(git, folder, repository.format)
  const start = head.commit ?? (await emptyStart(hub))
  if (head.commit !== null) await bring(hub, repository, head.commit, folder)
  const warnings = await warningsOf(hub, repository, start)
  await setRef(hub, refs.base, start)
  await setRef(hub, refs.tip, start)
  await setRef(hub, LAST_BASE, start)
  await makePrivateFolder(runFolder(dataDir, run))
  const made: RunRecord = { base: head.commit, branch: head.branch, warnings }
  await writeAtomically(join(runFolder(dataDir, run), 'run.json'), JSON.stringify(made))
  return { ...made, tip: start }
}

/** Keeps the last base reachable when its run is discarded, so that the next run sends little. */
const LAST_BASE = 'refs/amphitheatre/last-base'

async function emptyStart(hub: Hub): Promise<CommitId> {
  const tree = text(await hub.git({ args: ['mktree'], input: '' }))
  if (tree !== emptyTree(hub.format)) throw new Error(`git made ${tree} of an empty tree`)
  return commitTree(hub, {
    tree,
    parents: [],
    author: ENGINE,
    seconds: Date.now() / 1000,
    message: 'chore: start of an empty repository\n',
  })
}

async function bring(hub: Hub, repository: UserRepository, commit: CommitId, scratch: string): Promise<void> {
  if (await isComplete(hub, commit)) return
  const bases = await hub.git({
    args: [
      'for-each-ref',
      '--format=%(objectname)',
      '--sort=-creatordate',
      '--count=200',
      'refs/amphitheatre/runs/*/base',
      LAST_BASE,
    ],
  })
  const haves = [...new Set(text(bases).split('\n').filter(Boolean))]
  try {
    await transfer({ from: repository.git, to: hub.git, wants: [commit], haves, scratch })
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== 'exit') throw error
    if (await isDiskFull(error, [scratch])) throw error
    throw permanent(
      `the repository at ${repository.root} cannot be read completely: ${error.stderr.trim()}`,
      'Run `git fsck` in it; a partial clone needs all its objects (`git fetch --refetch --no-filter`).',
      error,
    )
  }
  await addShallow(hub, await shallowCommits(repository))
}

/** A commit object may be there without its history, left by a transfer that was cut short; a ref says it is whole. */
async function isComplete(hub: Hub, commit: CommitId): Promise<boolean> {
  if (!(await hasCommit(hub, commit))) return false
  const holders = await hub.git({
    args: [
      'for-each-ref',
      '--count=1',
      `--contains=${commit}`,
      '--format=%(refname)',
      'refs/amphitheatre/runs/*/base',
      LAST_BASE,
    ],
  })
  return text(holders) !== ''
}

async function addShallow(hub: Hub, commits: readonly string[]): Promise<void> {
  if (commits.length === 0) return
  const path = join(hub.gitDir, 'shallow')
  const known = (await readIfThere(path))?.toString('utf8').split('\n').filter(Boolean) ?? []
  const present: string[] = []
  for (const commit of commits) if (await hasCommit(hub, commitId(commit))) present.push(commit)
  const all = [...new Set([...known, ...present])].sort()
  await writeAtomically(path, all.map((id) => `${id}\n`).join(''))
}

async function warningsOf(hub: Hub, repository: UserRepository, start: CommitId): Promise<string[]> {
  const warnings: string[] = []
  const uncommitted = await countUncommitted(repository)
  if (uncommitted === null) warnings.push('Uncommitted changes could not be counted; they do not travel.')
  else if (uncommitted > 0) {
    warnings.push(
      `${count(uncommitted, 'uncommitted change')} in the checkout: agents work on the last commit.`,
    )
  }
  const entries = await listTree(hub, start)
  const submodules = entries.filter((entry) => entry.mode === MODE.gitlink).map((entry) => entry.path)
  if (submodules.length > 0) {
    warnings.push(`${count(submodules.length, 'submodule')} left empty in the copies: ${some(submodules)}.`)
  }
  const pointers = await lfsPointers(hub, entries, start)
  if (pointers.length > 0) {
    warnings.push(`${count(pointers.length, 'LFS file')} stay pointers in the copies: ${some(pointers)}.`)
  }
  const escaping = escapingLinks(await linksOf(hub, entries))
  if (escaping.length > 0) {
    warnings.push(`Links that leave the repository, so it cannot be given to agents: ${some(escaping)}.`)
  }
  if (repository.shallow) warnings.push('The repository is a shallow clone: agents see no older history.')
  return warnings
}

async function lfsPointers(hub: Hub, entries: readonly TreeEntry[], commit: CommitId): Promise<string[]> {
  const attributes = entries.filter(
    (entry) => /(?:^|\/)\.gitattributes$/.test(entry.path) && entry.mode !== MODE.link,
  )
  const blobs = await readBlobs(
    hub,
    attributes.map((entry) => entry.id),
  )
  if (![...blobs.values()].some((blob) => blob.includes('filter=lfs'))) return []
  const out = await hub.git({
    args: ['grep', '-l', '-z', '-F', '-e', 'version https://git-lfs.github.com/spec/v', commit],
    answers: [0, 1],
  })
  const found = out.stdout.toString('utf8').split('\0').filter(Boolean)
  return found.map((name) => name.slice(name.indexOf(':') + 1))
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
const some = (paths: readonly string[]): string =>
  paths.slice(0, 5).join(', ') + (paths.length > 5 ? `, and ${paths.length - 5} more` : '')
