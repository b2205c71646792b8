import { readdir, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Folder } from '../../preload/contract.ts'
import { PROJECT_FILE_NAMES } from '../config/index.ts'
import { DeskError } from './desk.ts'

/** More folders than this are no help in choosing one. */
const MOST_ENTRIES = 500

/** The folders in a folder, hidden ones left out unless the path leads into one. `~` is the person's home. */
export async function browse(path: string | null): Promise<Folder> {
  const folder = resolve((path ?? homedir()).replace(/^~(?=$|[/\\])/, homedir()))
  const names = await foldersIn(folder)
  const shown = names.filter((name) => !name.startsWith('.')).sort((a, b) => a.localeCompare(b))
  const entries = await Promise.all(shown.slice(0, MOST_ENTRIES).map((name) => describe(folder, name)))
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries,
    truncated: shown.length > MOST_ENTRIES,
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    const are = await Promise.all(
      entries.map(async (entry) => {
        if (entry.isDirectory()) return true
        return entry.isSymbolicLink() && (await isFolder(join(folder, entry.name)))
      }),
    )
    return entries.filter((_, index) => are[index]).map(({ name }) => name)
  } catch (error) {
    throw unreadable(folder, error)
  }
}

async function describe(folder: string, name: string): Promise<Folder['entries'][number]> {
  const path = join(folder, name)
  const [repository, ...projects] = await Promise.all([
    exists(join(path, '.git')),
    ...PROJECT_FILE_NAMES.map((file) => exists(join(path, file))),
  ])
  return { name, repository: repository === true, project: projects.includes(true) }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** A folder as the system knows it, without links on the way; throws DeskError for anything else. */
export async function realFolder(path: string): Promise<string> {
  try {
    const found = await realpath(resolve(path.replace(/^~(?=$|[/\\])/, homedir())))
    if ((await stat(found)).isDirectory()) return found
    return dirname(found)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): DeskError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return new DeskError(`There is no folder ${path}.`, 'Check the path.', { cause: error })
  if (code === 'ENOTDIR')
    return new DeskError(`${path} is not a folder.`, 'Choose the folder it is in.', { cause: error })
  if (code === 'EACCES' || code === 'EPERM') {
    return new DeskError(`${path} may not be read.`, 'Choose another, or change its permissions.', {
      cause: error,
    })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new DeskError(`${path} cannot be read: ${message}`, 'Choose another folder.', { cause: error })
}
