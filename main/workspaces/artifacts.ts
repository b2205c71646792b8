import { createHash, randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { permanent } from './errors.ts'
import { makePrivateFolder, unlessMissing } from './files.ts'

/** Git-ignored files that travel from a task to its dependents, by content: `<folder>/<sha256>`. Never changed. */
export interface ArtifactStore {
  pathOf(sha256: string): string
  /** The path of what is stored under that hash; undefined where nothing is, also where it is no hash at all. */
  find(sha256: string): Promise<string | undefined>
  /** Stores the chunks; resolves to their hash. What is stored already is not stored again. */
  put(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string>
  readManifest(sha256: string): Promise<Manifest>
}

export interface Manifest {
  readonly version: 1
  /** Sorted by path. */
  readonly files: readonly ManifestFile[]
}

export interface ManifestFile {
  readonly path: string
  /** A link's content is its target. */
  readonly mode: '100644' | '100755' | '120000'
  readonly size: number
  readonly sha256: string
}

const HASH = /^[0-9a-f]{64}$/

export function createArtifactStore(folder: string): ArtifactStore {
  const pathOf = (sha256: string): string => {
    if (!HASH.test(sha256))
      throw permanent(`${sha256} is not a content hash`, 'This is a defect; please report it.')
    return join(folder, sha256)
  }
  return {
    pathOf,
    find: async (sha256) => {
      if (!HASH.test(sha256)) return undefined
      const path = join(folder, sha256)
      return (await unlessMissing(lstat(path)))?.isFile() === true ? path : undefined
    },
    put: (chunks) => put(folder, chunks),
    readManifest: async (sha256) => {
      const bytes = await unlessMissing(readFile(pathOf(sha256)))
      if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== sha256) {
        throw permanent(
          `the artifacts ${sha256} are ${bytes === undefined ? 'missing' : 'damaged'}`,
          'Run the task that made them again.',
        )
      }
      return JSON.parse(bytes.toString('utf8')) as Manifest
    },
  }
}

async function put(
  folder: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  await makePrivateFolder(folder)
  const aside = join(folder, `.new-${randomUUID()}`)
  const hash = createHash('sha256')
  try {
    const file = await open(aside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
    try {
      for await (const chunk of chunks) {
        hash.update(chunk)
        await file.appendFile(chunk)
      }
      await file.datasync()
    } finally {
      await file.close()
    }
    const sha256 = hash.digest('hex')
    const target = join(folder, sha256)
    if ((await unlessMissing(lstat(target))) === undefined) await rename(aside, target)
    return sha256
  } finally {
    await rm(aside, { force: true })
  }
}
