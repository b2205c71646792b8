import { type CommitId, commitId } from '../domain/ids.ts'
import { permanent } from './errors.ts'
import { GitError, records, text } from './git.ts'
import { type Hub, isAncestor } from './hub.ts'

export interface Person {
  readonly name: string
  readonly email: string
}

export const ENGINE: Person = { name: 'Amphitheatre', email: 'engine@amphitheatre.invalid' }

/** The author of what an agent of this role did. */
export function authorOf(role: string): Person {
  const address = role.replace(/[^A-Za-z0-9._-]+/g, '-')
  return { name: oneLine(role), email: `${address}@amphitheatre.invalid` }
}

export interface NewCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  /** Seconds since 1970, of author and committer both: the same input always gives the same commit. */
  readonly seconds: number
  readonly message: string
}

export async function commitTree(hub: Hub, commit: NewCommit): Promise<CommitId> {
  const date = `@${Math.max(0, Math.floor(commit.seconds))} +0000`
  const out = await hub.git({
    args: ['commit-tree', commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent])],
    env: {
      GIT_AUTHOR_NAME: commit.author.name,
      GIT_AUTHOR_EMAIL: commit.author.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: ENGINE.name,
      GIT_COMMITTER_EMAIL: ENGINE.email,
      GIT_COMMITTER_DATE: date,
    },
    input: commit.message,
  })
  return commitId(text(out))
}

export type MergedTree =
  | { readonly status: 'clean'; readonly tree: string }
  | { readonly status: 'conflict'; readonly files: readonly string[] }
  | { readonly status: 'unrelated' }

/** Merges without a work tree; in a bare hub no attribute of the trees counts. */
export async function mergeTrees(hub: Hub, ours: string, theirs: string): Promise<MergedTree> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs]
  try {
    const out = await hub.git({ args, answers: [0, 1] })
    const [tree, ...files] = records(out)
    // A bad name answers 1 as a conflict does, but says nothing.
    if (tree === undefined) throw permanent(`cannot merge ${theirs} into ${ours}: ${out.stderr.trim()}`, FSCK)
    if (out.code === 0) return { status: 'clean', tree }
    return { status: 'conflict', files: asWritten(files, [ours, theirs]) }
  } catch (error) {
    if (error instanceof GitError && /unrelated histories/.test(error.stderr)) return { status: 'unrelated' }
    throw error
  }
}

/** A file that stands where the other side has a folder is `name~<side>` to git; it is called by its own name. */
export function asWritten(files: readonly string[], sides: readonly string[]): readonly string[] {
  const names = files.map((file) => {
    const end = Math.max(...sides.map((side) => file.lastIndexOf(`~${side.replaceAll('/', '_')}`)))
    return end > 0 ? file.slice(0, end) : file
  })
  return [...new Set(names.filter((name) => name !== ''))]
}

const FSCK = 'Run `git fsck` in the hub named in the data folder.'

export type MergedCommit =
  | { readonly status: 'merged'; readonly commit: CommitId; readonly made: boolean }
  | Exclude<MergedTree, { status: 'clean' }>

/** Ancestors need no commit; otherwise one of both parents, dated like the younger of them unless told. */
export async function mergeCommits(
  hub: Hub,
  ours: CommitId,
  theirs: CommitId,
  message: string,
  seconds?: number,
): Promise<MergedCommit> {
  if (ours === theirs || (await isAncestor(hub, theirs, ours))) {
    return { status: 'merged', commit: ours, made: false }
  }
  if (await isAncestor(hub, ours, theirs)) return { status: 'merged', commit: theirs, made: false }
  const merged = await mergeTrees(hub, ours, theirs)
  if (merged.status !== 'clean') return merged
  const commit = await commitTree(hub, {
    tree: merged.tree,
    parents: [ours, theirs],
    author: ENGINE,
    seconds: seconds ?? (await youngest(hub, [ours, theirs])),
    message,
  })
  return { status: 'merged', commit, made: true }
}

async function youngest(hub: Hub, commits: readonly string[]): Promise<number> {
  const out = await hub.git({ args: ['log', '--no-walk=unsorted', '--format=%ct', ...commits] })
  return Math.max(...text(out).split('\n').map(Number))
}

/** One line of plain text: what others wrote cannot add trailers of its own to a message. */
export function oneLine(value: string, limit = 200): string {
  const plain = value
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return plain.length <= limit ? plain : `${plain.slice(0, limit - 1)}…`
}

export interface Trailers {
  readonly Agent?: string
  readonly Task?: string
  readonly Run?: string
}

/** A message with the trailers it does not carry yet. */
export function withTrailers(message: string, trailers: Trailers): string {
  const body = message.trimEnd()
  const missing = Object.entries(trailers)
    .filter(([key]) => !new RegExp(`^${key}: `, 'm').test(body))
    .map(([key, value]: [string, string]) => `${key}: ${oneLine(value)}`)
  if (missing.length === 0) return `${body}\n`
  const endsInTrailers = /\n\n(?:[A-Za-z-]+: .*\n?)+$/.test(`${body}\n`)
  return `${body}${endsInTrailers ? '\n' : '\n\n'}${missing.join('\n')}\n`
}
