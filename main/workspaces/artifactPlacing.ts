import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactStore, ManifestFile } from './artifacts.ts'
import { eachOf, unlessMissing } from './files.ts'
import type { Hub } from './hub.ts'
import { ignoredPaths } from './ignore.ts'
import type { AttemptPaths } from './layout.ts'
import { followLink } from './links.ts'
import { pathProblem } from './names.ts'
import type { TreeEntry } from './trees.ts'

/** An artifact as it was put into a clone: unchanged, it is not handed on a second time. Numbers as text. */
export interface PlacedFile {
  readonly path: string
  readonly mode: string
  readonly size: string
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly ino: string
}

interface Place {
  readonly hub: Hub
  readonly entries: readonly TreeEntry[]
  readonly links: ReadonlyMap<string, string>
  readonly paths: AttemptPaths
}

export interface Placement {
  readonly files: readonly string[]
  /** Why a file of a manifest is not in the clone. */
  readonly leftOut: readonly string[]
}

/**
 * Puts the files of the manifests into a clone the engine has just made. Later manifests win. Only where the cut's
 * own rules ignore the path, never over or through what the commit placed, never through a link.
 */
export async function placeArtifacts(
  store: ArtifactStore,
  manifests: readonly string[],
  place: Place,
): Promise<Placement> {
  const wanted = new Map<string, ManifestFile>()
  for (const manifest of manifests) {
    for (const file of (await store.readManifest(manifest)).files) wanted.set(file.path, file)
  }
  const tree = place.entries.map((entry) => [entry.path, entry] as const)
  const ignored = await ignoredPaths(place.hub, tree, [...wanted.keys()], place.paths.folder)
  const tracked = new Set(place.entries.map((entry) => entry.path))
  const links = new Map(place.links)
  const leftOut: string[] = []
  const placed: string[] = []
  // Links last, so that nothing is ever written below one.
  const isLink = (file: ManifestFile): boolean => file.mode === '120000'
  const files = [...wanted.values()]
  for (const file of [...files.filter((f) => !isLink(f)), ...files.filter(isLink)]) {
    const problem = tracked.has(file.path)
      ? 'the commit has a file of that name'
      : ignored.has(file.path)
        ? pathProblem(file.path)
        : 'git does not ignore it here'
    const failed = problem ?? (await placeOne(store, file, place.paths.work, links))
    if (failed === undefined) placed.push(file.path)
    else leftOut.push(`artifact not placed, ${failed}: ${file.path}`)
  }
  return { files: placed, leftOut }
}

/** Resolves to why not, or undefined. */
async function placeOne(
  store: ArtifactStore,
  file: ManifestFile,
  work: string,
  links: Map<string, string>,
): Promise<string | undefined> {
  const segments = file.path.split('/')
  let folder = work
  for (const segment of segments.slice(0, -1)) {
    folder = join(folder, segment)
    await mkdir(folder).catch(() => undefined)
    if ((await unlessMissing(lstat(folder)))?.isDirectory() !== true) return 'something else is in its way'
  }
  const target = join(folder, segments.at(-1)!)
  if ((await unlessMissing(lstat(target))) !== undefined) return 'something else is in its place'
  const source = store.pathOf(file.sha256)
  if (file.mode === '120000') {
    const to = await readFile(source, 'utf8')
    links.set(file.path, to)
    if (followLink(file.path, links) === 'inside') await symlink(to, target)
    else {
      links.delete(file.path)
      return 'link leaves the workspace'
    }
    return undefined
  }
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  } catch (error) {
    await rm(target, { force: true })
    throw error
  }
  await chmod(target, file.mode === '100755' ? 0o755 : 0o644)
  return undefined
}

export async function statPlaced(work: string, files: readonly string[]): Promise<PlacedFile[]> {
  const placed: PlacedFile[] = []
  await eachOf(files, 16, async (path) => {
    const stat = await lstat(join(work, path), { bigint: true })
    placed.push({
      path,
      mode: String(stat.mode),
      size: String(stat.size),
      mtimeNs: String(stat.mtimeNs),
      ctimeNs: String(stat.ctimeNs),
      ino: String(stat.ino),
    })
  })
  return placed
}
