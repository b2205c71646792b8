import { randomUUID } from 'node:crypto'
import { copyFile, lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttemptId, CommitId } from '../domain/ids.ts'
import type { RunRef } from '../engine/ports/workspaces.ts'
import { type CutRecord, readCutRecord } from './cut.ts'
import { permanent } from './errors.ts'
import { breathe, unlessMissing } from './files.ts'
import { text } from './git.ts'
import { type IndexEntry, readIndex } from './gitIndex.ts'
import { type Hub, zeroId } from './hub.ts'
import type { OpenInside } from './inside.ts'
import { type AttemptPaths, attemptPaths } from './layout.ts'
import { modeOf, type Refusal, type Survey, survey } from './survey.ts'
import { type Vetted, vet } from './vetting.ts'

export interface StockContext {
  readonly dataDir: string
  readonly hub: Hub
  readonly limits: StockLimits
}

export interface StockLimits {
  /** A larger file is not committed, bytes. */
  readonly maxFileBytes: number
  /** A workspace with more files is refused as a whole. */
  readonly maxEntries: number
}

export interface StockRequest extends RunRef {
  readonly attempt: AttemptId
  readonly cut: CommitId
  readonly writes: readonly string[]
}

/** An attempt's files against its cut, and which of the changes may enter a commit. */
export interface Stock {
  readonly paths: AttemptPaths
  readonly record: CutRecord
  readonly tracked: ReadonlyMap<string, IndexEntry>
  readonly found: Survey
  readonly vetted: Vetted
}

/** `live`: the agent is at work meanwhile, and this is how its folders are opened. */
export async function takeStock(
  context: StockContext,
  request: StockRequest,
  live?: OpenInside,
): Promise<Stock> {
  const { hub, limits } = context
  const paths = attemptPaths(context.dataDir, request, request.attempt)
  const record = await checkCut(paths, request)
  const tracked = await readIndex(paths.index, hub.format)
  const found = await survey({
    hub,
    work: paths.work,
    scratch: paths.folder,
    tracked,
    record,
    writes: request.writes,
    maxEntries: limits.maxEntries,
    live,
  })
  const links = new Map(record.links)
  const vetted = vet({ ...found, tracked, links, maxFileBytes: limits.maxFileBytes })
  return { paths, record, tracked, found, vetted }
}

async function checkCut(paths: AttemptPaths, request: StockRequest): Promise<CutRecord> {
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

export interface Change {
  /** For `update-index --index-info`; deletions first, so that a folder may take a file's place. */
  readonly lines: readonly string[]
  readonly refused: readonly Refusal[]
}

/** `ids`: the blob of each file that could be read. */
export async function changeOf(
  hub: Hub,
  { tracked, vetted }: Stock,
  ids: ReadonlyMap<string, string>,
): Promise<Change> {
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

/** The tree of the cut with the change in it. */
export async function changedTree(
  hub: Hub,
  paths: AttemptPaths,
  attempt: AttemptId,
  lines: readonly string[],
): Promise<string> {
  const index = join(paths.folder, `index.${randomUUID()}`)
  const env = { GIT_INDEX_FILE: index }
  try {
    await copyFile(paths.index, index)
    const args = ['update-index', '-z', '--index-info']
    const out = await hub.git({ args, env, input: lines.join('') })
    // git skips a path it does not like, says so, and still ends with 0.
    if (out.stderr.trim() !== '') {
      throw permanent(`git refused a path of ${attempt}: ${out.stderr.trim()}`, 'Rename the file.')
    }
    return text(await hub.git({ args: ['write-tree'], env }))
  } finally {
    await rm(index, { force: true })
    await rm(`${index}.lock`, { force: true })
  }
}
