import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Problem, wholeFile } from './problems.ts'

/** Larger files are refused before they are parsed, in bytes. */
export const MAX_FILE_BYTES = 1024 * 1024

/** The names a project file goes by, in the order they are looked for. */
export const PROJECT_FILE_NAMES = ['amphitheatre.yaml', 'amphitheatre.yml'] as const

export type ReadResult =
  | { readonly ok: true; readonly file: string; readonly text: string }
  | { readonly ok: false; readonly problem: Problem }

/** The text of a file; for a folder, of the project file in it. The size is checked before anything is read. */
export function readText(path: string): ReadResult {
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) return readProjectIn(path)
    if (!stat.isFile()) return refuse(path, 'this is not a regular file')
    if (stat.size > MAX_FILE_BYTES) return refuse(path, tooLarge(stat.size))
    return decode(path, readFileSync(path))
  } catch (error) {
    return refuse(path, explainReadError(error))
  }
}

function readProjectIn(folder: string): ReadResult {
  for (const name of PROJECT_FILE_NAMES) {
    const file = join(folder, name)
    const stat = statSync(file, { throwIfNoEntry: false })
    if (stat?.isFile() === true) return readText(file)
    if (stat !== undefined) return refuse(file, 'this is not a regular file')
  }
  return refuse(folder, `there is no ${PROJECT_FILE_NAMES[0]} in this folder; "amphi init" writes one`)
}

/** Bytes to text: UTF-8 with or without a byte order mark, nothing else. */
export function decode(file: string, bytes: Uint8Array): ReadResult {
  if (bytes.byteLength > MAX_FILE_BYTES) return refuse(file, tooLarge(bytes.byteLength))
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse(file, 'this file is UTF-16: save it as UTF-8')
  }
  try {
    return { ok: true, file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return refuse(file, 'this file is not UTF-8 text: save it as UTF-8')
  }
}

export function tooLarge(bytes: number): string {
  const size = (bytes / MAX_FILE_BYTES).toFixed(1)
  return `the file is ${size} MiB; the most is 1 MiB. Split large lists with "count" or generate fewer tasks`
}

function refuse(file: string, message: string): ReadResult {
  return { ok: false, problem: wholeFile(file, message) }
}

/** Why the operating system did not hand over a file, and what to do. */
export function explainReadError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'this file may not be read: check its permissions'
  if (code === 'ELOOP') return 'this is a symbolic link that leads back to itself'
  return `this file cannot be read: ${error instanceof Error ? error.message : String(error)}`
}
