import { constants } from 'node:fs'
import { lstat, mkdir, open, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { hashText, writeDurably } from './files.ts'
import { PointError } from './pointError.ts'

/** Files with settings. They hold secrets: kept 0600 in the data folder, never shown, never named by content. */

const MAX_BYTES = 4 * 1024 * 1024

export interface KeptFile {
  readonly path: string
  readonly hash: string
  readonly bytes: number
  /** Permission bits. */
  readonly mode: number
}

/** Copies those that are there into `folder`, by their content's hash. */
export async function keepFiles(
  root: string,
  paths: readonly string[],
  folder: string,
): Promise<readonly KeptFile[]> {
  const kept: KeptFile[] = []
  for (const path of paths) {
    const found = await readInside(root, path)
    if (found === undefined) continue
    const hash = hashText(found.content)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(join(folder, hash), found.content)
    kept.push({ path, hash, bytes: found.content.length, mode: found.mode })
  }
  return kept
}

/** Puts files back as they were kept; each is replaced whole. Resolves to the paths that were different. */
export async function putFiles(
  root: string,
  files: readonly KeptFile[],
  folder: string,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const { path, hash, mode } of files) {
    const content = await readKept(join(folder, hash), hash)
    const there = await readInside(root, path)
    if (there !== undefined && hashText(there.content) === hash) continue
    const place = await placeInside(root, path)
    await writeDurably(place, content, mode & 0o777)
    changed.push(path)
  }
  return changed
}

/** Of kept files, by their hashes, those that are different now or gone. */
export async function changedFiles(
  root: string,
  kept: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const [path, hash] of Object.entries(kept)) {
    const there = await readInside(root, path)
    if (there === undefined || hashText(there.content) !== hash) changed.push(path)
  }
  return changed
}

async function readKept(path: string, hash: string): Promise<Buffer> {
  const file = await open(path, 'r').catch(() => undefined)
  const content = await file?.readFile().finally(() => file.close())
  if (content !== undefined && hashText(content) === hash) return content
  throw new PointError('A kept file with settings is missing or was altered.', 'Go back to another point.')
}

/** Undefined where there is none. Links are not followed: what they lead to is nobody's settings. */
async function readInside(
  root: string,
  path: string,
): Promise<{ content: Buffer; mode: number } | undefined> {
  const place = await placeInside(root, path)
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw refusal(path, 'is no file')
      if (stat.size > MAX_BYTES) throw refusal(path, `is larger than ${MAX_BYTES} bytes`)
      return { content: await file.readFile(), mode: stat.mode & 0o777 }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'ELOOP') throw refusal(path, 'is a link')
    throw error
  }
}

async function placeInside(root: string, path: string): Promise<string> {
  const real = await realpath(root)
  const place = resolve(real, path)
  if (!place.startsWith(real + sep)) throw refusal(path, 'is outside of the repository')
  let folder = real
  for (const name of relative(real, dirname(place)).split(sep).filter(Boolean)) {
    folder = join(folder, name)
    const stat = await lstat(folder).catch(() => undefined)
    if (stat?.isSymbolicLink() === true) throw refusal(path, 'is behind a link')
    if (stat === undefined) return place
  }
  return place
}

function refusal(path: string, why: string): PointError {
  return new PointError(
    `${path} ${why}.`,
    'Name files with settings by their path in the repository ("env_files").',
  )
}
