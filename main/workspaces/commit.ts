import { createHash, randomUUID } from 'node:crypto'
import { copyFile, lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommitId, commitId } from '../domain/ids.ts'
import type { CommitRequest, CommitResult } from '../engine/ports/workspaces.ts'
import { collectArtifacts } from './artifactCollecting.ts'
import type { ArtifactStore } from './artifacts.ts'
import { storeBlobs } from './blobs.ts'
import { commitTree, oneLine, withTrailers } from './commits.ts'
import { type CutRecord, readCutRecord } from './cut.ts'
import { permanent } from './errors.ts'
import { breathe, unlessMissing } from './files.ts'
import { text } from './git.ts'
import { type IndexEntry, readIndex } from './gitIndex.ts'
import { type Hub, readRef, setRef, treeOf, zeroId } from './hub.ts'
import { type AttemptPaths, attemptParts, attemptPaths, runRefs } from './layout.ts'
import { printable } from './names.ts'
import { modeOf, type Refusal, survey } from './survey.ts'
import { type Vetted, vet } from './vetting.ts'

export interface CommitContext {
  readonly dataDir: string
  readonly hub: Hub
  readonly store: ArtifactStore
  readonly limits: CommitLimits
}

export interface CommitLimits {
  /** A larger file is not committed, bytes. */
  readonly maxFileBytes: number
  /** A larger git-ignored file is not handed on, bytes. */
  readonly maxArtifactBytes: number
  /** All artifacts of one attempt, bytes. */
  readonly maxArtifactTotalBytes: number
  /** A workspace with more files is refused as a whole. */
  readonly maxEntries: number
}

export async function commit(context: CommitContext, request: CommitRequest): Promise<CommitResult> {
  const { hub } = context
  const { task, number } = attemptParts(request, request.attempt)
  const refs = runRefs(request.run)
  const resultRef = refs.result(task, number)
  const known = await readResult(hub, resultRef, request)
  if (known !== undefined) return known

  const paths = attemptPaths(context.dataDir, request, request.attempt)
  const record = await checkCut(paths, request)
  const tracked = await readIndex(paths.index, hub.format)
  const found = await survey({
    hub,
    work: paths.work,
    scratch: paths.folder,
    tracked,
    record,
    request,
    maxEntries: context.limits.maxEntries,
  })
  const vetted = vet({
    ...found,
    tracked,
    links: new Map(record.links),
    maxFileBytes: context.limits.maxFileBytes,
  })
  const change = await storeChange(hub, paths, tracked, vetted)
  const made = change.lines.length === 0 ? null : await makeCommit(hub, paths, request, change.lines)
  const artifacts = await collectArtifacts(context.store, paths.work, found.artifacts, record, context.limits)
  const result: CommitResult = {
    commit: made,
    changed: change.lines.length,
    undeclared: found.undeclared.map(printable),
    refused: inWords([...found.refused, ...vetted.refused, ...change.refused, ...artifacts.refused]),
    artifacts: artifacts.manifest,
  }
  if (made !== null) await setRef(hub, refs.attempt(task, number), made)
  await writeResult(hub, resultRef, request, result)
  return result
}

async function checkCut(paths: AttemptPaths, request: CommitRequest): Promise<CutRecord> {
  const record = await readCutRecord(paths.marker)
  const work = await unlessMissing(lstat(paths.work))
  if (record === undefined || work?.isDirectory() !== true) {
    throw permanent(`attempt ${request.attempt} has no workspace to commit`, 'Start a new attempt.')
  }
  if (record.commit === request.cut) return record
  throw permanent(
    `attempt ${request.attempt} was cut from ${record.commit}, not from ${request.cut}`,
    'This is a defect; please report it.',
  )
}

interface Change {
  /** For `update-index --index-info`; deletions first, so that a folder may take a file's place. */
  readonly lines: readonly string[]
  readonly refused: readonly Refusal[]
}

async function storeChange(
  hub: Hub,
  paths: AttemptPaths,
  tracked: ReadonlyMap<string, IndexEntry>,
  vetted: Vetted,
): Promise<Change> {
  const ids = await storeBlobs(hub, paths.work, vetted.files)
  const lines = vetted.deleted.map((path) => `0 ${zeroId(hub.format)}\t${path}\0`)
  const refused: Refusal[] = []
  for (const found of vetted.files) {
    const id = ids.get(found.path)
    const before = tracked.get(found.path)
    const mode = modeOf(found)
    if (id === undefined) refused.push({ path: found.path, reason: 'cannot be read' })
    else if (before?.id !== id || before.mode !== mode) lines.push(`${mode} ${id}\t${found.path}\0`)
    if (lines.length % 2000 === 1999) await breathe()
  }
  return { lines, refused }
}

async function makeCommit(
  hub: Hub,
  paths: AttemptPaths,
  request: CommitRequest,
  lines: readonly string[],
): Promise<CommitId | null> {
  const index = join(paths.folder, `index.${randomUUID()}`)
  const env = { GIT_INDEX_FILE: index }
  let tree: string
  try {
    await copyFile(paths.index, index)
    const args = ['update-index', '-z', '--index-info']
    const out = await hub.git({ args, env, input: lines.join('') })
    // git skips a path it does not like, says so, and still ends with 0.
    if (out.stderr.trim() !== '') {
      throw permanent(`git refused a path of ${request.attempt}: ${out.stderr.trim()}`, 'Rename the file.')
    }
    tree = text(await hub.git({ args: ['write-tree'], env }))
  } finally {
    await rm(index, { force: true })
    await rm(`${index}.lock`, { force: true })
  }
  if (tree === (await treeOf(hub, request.cut))) return null
  return commitTree(hub, {
    tree,
    parents: [request.cut],
    author: {
      name: oneLine(request.role),
      email: `${request.role.replace(/[^A-Za-z0-9._-]+/g, '-')}@amphitheatre.invalid`,
    },
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
  return stored.request === fingerprint(request) ? stored.result : undefined
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
