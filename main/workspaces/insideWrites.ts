import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lchown,
  lstat,
  mkdir,
  open,
  rename,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises'
import { join } from 'node:path'
import type { CloneOwner } from './clone.ts'
import { unlessMissing } from './files.ts'
import { isErrno } from './git.ts'
import { type OpenInside, throughHandle } from './inside.ts'
import { folderOf } from './strays.ts'
import { MODE } from './trees.ts'

/**
 * Changes files of a clone an agent had its hands in. Each folder on the way is opened and asked where it lies, and
 * what is done is done through the open folder: no link an agent has put in a folder's place leads to the host's files.
 */
export interface InsideWriter {
  readonly root: string
  readonly open: OpenInside
  /** Given what is made, where the engine is root. */
  readonly owner: CloneOwner
}

/** Something stands where a folder has to be, or the agent has closed it: said in words. */
export class InTheWay extends Error {}

/** Puts a file or link there, whole or not at all, in place of a file or link; makes the folders it needs. */
export async function putInside(
  writer: InsideWriter,
  path: string,
  mode: string,
  content: Uint8Array,
): Promise<void> {
  await inFolder(writer, folderOf(path), true, async (base) => {
    const target = join(base, nameOf(path))
    const there = await unlessMissing(lstat(target))
    if (there?.isDirectory() === true) throw new InTheWay('a folder is in its place')
    const aside = join(base, `.amphitheatre-${randomUUID()}`)
    try {
      if (mode === MODE.link) await symlink(Buffer.from(content), aside)
      else await writeNew(aside, content, mode === MODE.executable ? 0o755 : 0o644)
      await give(writer, aside)
      await rename(aside, target)
    } finally {
      await unlink(aside).catch(() => undefined)
    }
  })
}

/** Takes a file or link away, and the folders that are empty without it and that `keep` does not want. */
export async function takeInside(
  writer: InsideWriter,
  path: string,
  keep: (folder: string) => boolean,
): Promise<void> {
  await inFolder(writer, folderOf(path), false, async (base) => {
    const target = join(base, nameOf(path))
    const there = await unlessMissing(lstat(target))
    if (there?.isDirectory() === true) throw new InTheWay('a folder is in its place')
    if (there !== undefined) await unlink(target)
  })
  for (let folder = folderOf(path); folder !== '' && !keep(folder); folder = folderOf(folder)) {
    let empty = true
    await inFolder(writer, folderOf(folder), false, async (base) => {
      empty = await rmdir(join(base, nameOf(folder))).then(
        () => true,
        () => false,
      )
    })
    if (!empty) return
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

async function writeNew(path: string, content: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode)
  } finally {
    await file.close()
  }
}

async function give({ owner }: InsideWriter, path: string): Promise<void> {
  if (process.getuid?.() === 0) await lchown(path, owner.uid, owner.gid)
}

/** Without `make`, a folder that is not there is passed over: nothing can be in it. */
async function inFolder(
  writer: InsideWriter,
  folder: string,
  make: boolean,
  work: (base: string) => Promise<void>,
): Promise<void> {
  const handle = await folderAt(writer, folder, make)
  if (handle === undefined) return
  try {
    await work(throughHandle(handle, join(writer.root, folder)))
  } catch (error) {
    if (isErrno(error) && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS'))
      throw new InTheWay('the agent has closed its folder')
    throw error
  } finally {
    await handle.close()
  }
}

async function folderAt(
  writer: InsideWriter,
  folder: string,
  make: boolean,
): Promise<FileHandle | undefined> {
  const there = await writer.open(folder, 'folder')
  if (there !== undefined || !make) return there
  if (folder === '') throw new InTheWay('the workspace is gone')
  await inFolder(writer, folderOf(folder), true, async (base) => {
    const path = join(base, nameOf(folder))
    try {
      await mkdir(path, { mode: 0o755 })
      await chmod(path, 0o755)
      await give(writer, path)
    } catch (error) {
      if (!isErrno(error) || error.code !== 'EEXIST') throw error
    }
  })
  const made = await writer.open(folder, 'folder')
  if (made === undefined) throw new InTheWay(`${folder} is no folder`)
  return made
}
