import { lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ProjectId } from '../domain/ids.ts'
import { pointFolder } from '../domain/points/point.ts'
import { pointContentSchema } from '../domain/points/takePoints.ts'
import { syncFolder, writeDurably } from './files.ts'
import { PointError } from './pointError.ts'

/**
 * Points on the disk, under `projects/<project>/points/`: a folder for each, called after its key. `manifest.json` says
 * what is in it and is written last; a folder is made aside and gets its name when it is whole.
 */
const manifestSchema = z.object({
  version: z.literal(1),
  content: pointContentSchema,
  /** Of the database, what tells it from any other. */
  measure: z
    .object({
      tables: z.record(z.string(), z.object({ rows: z.number(), sum: z.string() })),
      schemaVersion: z.string(),
    })
    .nullable(),
  files: z.array(z.object({ path: z.string(), hash: z.string(), bytes: z.number(), mode: z.number() })),
})
export type Manifest = z.infer<typeof manifestSchema>

export const DUMP = 'database.dump'
export const FILES = 'files'
const MANIFEST = 'manifest.json'
const ASIDE = '.making-'
const REMOVED = '.removed-'

export function pointsFolder(dataDir: string, project: ProjectId): string {
  return join(dataDir, 'projects', project, 'points')
}

export function folderOf(dataDir: string, project: ProjectId, key: string): string {
  return join(pointsFolder(dataDir, project), pointFolder(key))
}

/** A folder to fill; what an interrupted try left in it is gone. */
export async function beginPoint(dataDir: string, project: ProjectId, key: string): Promise<string> {
  const aside = join(pointsFolder(dataDir, project), `${ASIDE}${pointFolder(key)}`)
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true, mode: 0o700 })
  return aside
}

/** From here on it is there, for whoever looks for its key. */
export async function finishPoint(
  dataDir: string,
  project: ProjectId,
  aside: string,
  manifest: Manifest,
): Promise<void> {
  await writeDurably(join(aside, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`)
  await syncFolder(aside)
  const place = folderOf(dataDir, project, manifest.content.key)
  await rm(place, { recursive: true, force: true })
  await rename(aside, place)
  await syncFolder(pointsFolder(dataDir, project))
}

export async function dropAside(dataDir: string, project: ProjectId, key: string): Promise<void> {
  const aside = join(pointsFolder(dataDir, project), `${ASIDE}${pointFolder(key)}`)
  await rm(aside, { recursive: true, force: true })
}

/** Undefined where there is none. Throws where it cannot be read. */
export async function readManifest(
  dataDir: string,
  project: ProjectId,
  key: string,
): Promise<Manifest | undefined> {
  const path = join(folderOf(dataDir, project, key), MANIFEST)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const parsed = manifestSchema.safeParse(parse(text))
  if (parsed.success) return parsed.data
  throw new PointError(
    `The manifest ${path} cannot be read.`,
    'Go back to another point, or bring it back from its copy.',
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Those that are whole, by the names of their folders, and those that were half made. */
export async function listPoints(
  dataDir: string,
  project: ProjectId,
): Promise<{
  readonly whole: readonly string[]
  readonly rest: readonly string[]
  readonly removed: readonly string[]
}> {
  const names = await readdir(pointsFolder(dataDir, project)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return {
    whole: names.filter((name) => !name.startsWith('.')),
    rest: names.filter((name) => name.startsWith(ASIDE)),
    removed: names.filter((name) => name.startsWith(REMOVED)).map((name) => name.slice(REMOVED.length)),
  }
}

/** It is a point no more; its folder stays until `dropRemoved`, so that nothing of it elsewhere is forgotten. */
export async function setRemoved(dataDir: string, project: ProjectId, name: string): Promise<void> {
  const folder = pointsFolder(dataDir, project)
  const target = join(folder, `${REMOVED}${name}`)
  if ((await lstat(target).catch(() => undefined)) !== undefined) await rm(target, { recursive: true })
  await rename(join(folder, name), target)
  await syncFolder(folder)
}

export async function dropRemoved(dataDir: string, project: ProjectId, name: string): Promise<void> {
  await rm(join(pointsFolder(dataDir, project), `${REMOVED}${name}`), { recursive: true, force: true })
}
