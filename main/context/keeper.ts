import { setImmediate } from 'node:timers/promises'
import type { ProjectId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { ContextFolder } from './disk.ts'
import { contextFolder, contextSections } from './project.ts'

/** How long the thread may be held by making texts, ms. */
const SLICE_MS = 8

export interface Rebuilt {
  readonly files: number
  readonly written: number
  readonly removed: number
}

interface Made {
  readonly of: readonly unknown[]
  readonly text: string
}

/**
 * Brings one project's folder to what the state says. It knows what lies there from its own writes and looks only at
 * the start, when told to, and after something went wrong. Only sections whose sources changed are made again, only
 * files whose text changed are written.
 */
export class ContextKeeper {
  readonly #project: ProjectId
  readonly #folder: ContextFolder
  /** What lies on the disk; undefined when that has to be looked up. */
  #there: Map<string, string | null> | undefined
  #made: Map<string, Made> = new Map()

  constructor(dataDir: string, project: ProjectId) {
    this.#project = project
    this.#folder = new ContextFolder(contextFolder(dataDir, project))
  }

  get folder(): string {
    return this.#folder.folder
  }

  /** The next `bring` trusts nothing: it reads all files and makes all texts. */
  forget(): void {
    this.#there = undefined
    this.#made = new Map()
  }

  /** Not twice at once. Throws when the disk refuses; the next call looks at the disk again. */
  async bring(state: State): Promise<Rebuilt> {
    const files = await this.#texts(state)
    const there = this.#there ?? (await this.#folder.read())
    this.#there = undefined
    let removed = 0
    for (const path of there.keys()) {
      if (files.has(path)) continue
      await this.#folder.remove(path)
      there.delete(path)
      removed++
    }
    let written = 0
    for (const [path, text] of files) {
      if (there.get(path) === text) continue
      if (there.get(path) === null) await this.#folder.remove(path)
      await this.#folder.write(path, text)
      there.set(path, text)
      written++
    }
    this.#there = there
    return { files: files.size, written, removed }
  }

  close(): Promise<void> {
    return this.#folder.close()
  }

  async #texts(state: State): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>()
    const made = new Map<string, Made>()
    let since = performance.now()
    for (const { path, of, text } of contextSections(state, this.#project)) {
      const before = this.#made.get(path)
      if (before !== undefined && sameItems(before.of, of)) {
        made.set(path, before)
        files.set(path, before.text)
        continue
      }
      const pieces: string[] = []
      for (const piece of text()) {
        pieces.push(piece)
        if (performance.now() - since < SLICE_MS) continue
        await setImmediate()
        since = performance.now()
      }
      const whole = pieces.join('').toWellFormed()
      made.set(path, { of, text: whole })
      files.set(path, whole)
    }
    this.#made = made
    return files
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
