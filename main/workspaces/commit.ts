import { createHash } from 'node:crypto'
import { type CommitId, commitId } from '../domain/ids.ts'
import { matchesGlob } from '../domain/locks/glob/matchGlob.ts'
import { parseGlob } from '../domain/locks/glob/parseGlob.ts'
import type { CommitRequest, CommitResult } from '../engine/ports/workspaces.ts'
import { type ArtifactLimits, collectArtifacts } from './artifactCollecting.ts'
import { contentOf, storeBlobs } from './blobs.ts'
import { changedTree, changeOf, type StockLimits, takeStock } from './change.ts'
import { authorOf, commitTree, oneLine, withTrailers } from './commits.ts'
import { text } from './git.ts'
import { type Hub, readRef, setRef, treeOf } from './hub.ts'
import { type AttemptPaths, attemptParts, runRefs } from './layout.ts'
import { printable } from './names.ts'
import { type AsideContext, setAside } from './setAside.ts'
import type { Refusal } from './survey.ts'

export interface CommitContext extends AsideContext {
  readonly limits: CommitLimits
}

export type CommitLimits = StockLimits & ArtifactLimits

export async function commit(context: CommitContext, request: CommitRequest): Promise<CommitResult> {
  const { hub } = context
  const { task, number } = attemptParts(request, request.attempt)
  const refs = runRefs(request.run)
  const resultRef = refs.result(task, number)
  const known = await readResult(hub, resultRef, request)
  if (known !== undefined) return known

  const stock = await takeStock(context, request)
  const { paths, record, found, vetted } = stock
  const ids = await storeBlobs(hub, vetted.files, (file) => contentOf(paths.work, file))
  const change = await changeOf(hub, stock, ids)
  const made = change.lines.length === 0 ? null : await makeCommit(hub, paths, request, change.lines)
  const artifacts = await collectArtifacts(context.store, paths.work, found.artifacts, record, context.limits)
  const result: CommitResult = {
    commit: made,
    changed: change.lines.length,
    undeclared: found.undeclared.map(printable),
    patch: found.undeclared.length === 0 ? null : await patchOfUndeclared(context, request),
    refused: inWords([...found.refused, ...vetted.refused, ...change.refused, ...artifacts.refused]),
    artifacts: artifacts.manifest,
    ...touchedOf(change.lines, made === null ? [] : (request.watched ?? [])),
  }
  if (made !== null) await setRef(hub, refs.attempt(task, number), made)
  await writeResult(hub, resultRef, request, result)
  return result
}

/** `lines`: `<mode> <id>\t<path>\0`. */
function touchedOf(lines: readonly string[], watched: readonly string[]): Pick<CommitResult, 'touched'> {
  const paths = watched.length === 0 ? [] : lines.map((line) => line.slice(line.indexOf('\t') + 1, -1))
  const touched = watched.filter((glob) => paths.some((path) => matchesGlob(parseGlob(glob), path)))
  return touched.length === 0 ? {} : { touched }
}

/** Evidence of what was written without being declared; who declares nothing is no writer, and leaves none. */
async function patchOfUndeclared(context: CommitContext, request: CommitRequest): Promise<string | null> {
  if (request.writes.length === 0) return null
  return (await setAside(context, { ...request, count: 0, restore: false })).patch
}

async function makeCommit(
  hub: Hub,
  paths: AttemptPaths,
  request: CommitRequest,
  lines: readonly string[],
): Promise<CommitId | null> {
  const tree = await changedTree(hub, paths, request.attempt, lines)
  if (tree === (await treeOf(hub, request.cut))) return null
  return commitTree(hub, {
    tree,
    parents: [request.cut],
    author: authorOf(request.role),
    seconds: request.time / 1000,
    message: withTrailers(
      `${TYPES[request.kind] ?? 'feat'}(${oneLine(request.role)}): ${oneLine(request.title)}`,
      {
        Agent: request.agent,
        Task: request.task,
        Run: request.run,
      },
    ),
  })
}

/** Conventional commit type by task kind. */
const TYPES: Readonly<Record<string, string>> = {
  work: 'feat',
  deploy: 'chore',
  migrate: 'chore',
  backup: 'chore',
  check: 'test',
}

const MAX_REFUSALS = 200

function inWords(refusals: readonly Refusal[]): string[] {
  const words = refusals.map((refusal) => `${refusal.reason}: ${printable(refusal.path)}`).sort()
  if (words.length <= MAX_REFUSALS) return words
  return [...words.slice(0, MAX_REFUSALS), `and ${words.length - MAX_REFUSALS} more`]
}

interface StoredResult {
  readonly request: string
  readonly result: CommitResult
}

/** The answer given before to the very same request, even if the clone is gone by now. */
async function readResult(hub: Hub, ref: string, request: CommitRequest): Promise<CommitResult | undefined> {
  const id = await readRef(hub, ref)
  if (id === undefined) return undefined
  const blob = await hub.git({ args: ['cat-file', 'blob', id] })
  const stored = JSON.parse(blob.stdout.toString('utf8')) as StoredResult
  // One that was stored before there were patches has none.
  return stored.request === fingerprint(request)
    ? { ...stored.result, patch: stored.result.patch ?? null }
    : undefined
}

async function writeResult(
  hub: Hub,
  ref: string,
  request: CommitRequest,
  result: CommitResult,
): Promise<void> {
  const stored: StoredResult = { request: fingerprint(request), result }
  const blob = await hub.git({ args: ['hash-object', '-w', '--stdin'], input: JSON.stringify(stored) })
  await setRef(hub, ref, commitId(text(blob)))
}

function fingerprint(request: CommitRequest): string {
  const { root: _, ...rest } = request
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(rest).sort()))
    .digest('hex')
}
