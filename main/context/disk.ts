import { chmod, lstat, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Agents look, and nobody but the engine writes, whatever the umask. */
const FOLDER_MODE = 0o755
const FILE_MODE = 0o644
/** What is larger was not written by us. */
const LARGEST = 64 * 1024 * 1024

/** The files of one context folder. New text is made beside the folder and renamed into it: a file is old or new. */
export class ContextFolder {
  readonly folder: string
  readonly #making: string
  readonly #known = new Set<string>()
  #next = 0

  constructor(folder: string) {
    this.folder = folder
    this.#making = `${folder}.making`
  }

  /** What is there, by path; null for what cannot be one of our files. Leftovers of an interrupted write go. */
  async read(): Promise<Map<string, string | null>> {
    this.#known.clear()
    await rm(this.#making, { recursive: true, force: true })
    await mkdir(this.#making, { recursive: true, mode: 0o700 })
    if (!(await isFolder(this.folder))) await rm(this.folder, { recursive: true, force: true })
    await this.#make(this.folder)
    const found = new Map<string, string | null>()
    await this.#readInto(found, '')
    return found
  }

  async #readInto(found: Map<string, string | null>, at: string): Promise<void> {
    const folder = join(this.folder, at)
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      const full = join(folder, entry.name)
      if (entry.isDirectory()) {
        await chmod(full, FOLDER_MODE)
        await this.#readInto(found, path)
        continue
      }
      const fits = entry.isFile() && (await isOurs(full))
      found.set(path, fits ? await readFile(full, 'utf8') : null)
    }
    // An empty folder is of something that is gone.
    if (at !== '') await rmdir(folder).catch(() => undefined)
  }

  async write(path: string, text: string): Promise<void> {
    const target = join(this.folder, path)
    await this.#make(dirname(target))
    const made = join(this.#making, String(++this.#next))
    await writeFile(made, text, { mode: FILE_MODE })
    await chmod(made, FILE_MODE)
    await rename(made, target)
  }

  /** Folders that become empty go with it. */
  async remove(path: string): Promise<void> {
    await rm(join(this.folder, path), { recursive: true, force: true })
    for (let at = dirname(path); at !== '.'; at = dirname(at)) {
      const folder = join(this.folder, at)
      try {
        await rmdir(folder)
      } catch {
        return
      }
      this.#known.delete(folder)
    }
  }

  async close(): Promise<void> {
    await rm(this.#making, { recursive: true, force: true })
  }

  async #make(folder: string): Promise<void> {
    if (this.#known.has(folder)) return
    if (folder === this.folder) await mkdir(dirname(folder), { recursive: true })
    else await this.#make(dirname(folder))
    await mkdir(folder, { mode: FOLDER_MODE }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await chmod(folder, FOLDER_MODE)
    this.#known.add(folder)
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch {
    return false
  }
}

async function isOurs(path: string): Promise<boolean> {
  const { mode, size } = await lstat(path)
  // Windows has no such modes.
  return size <= LARGEST && (process.platform === 'win32' || (mode & 0o777) === FILE_MODE)
}
