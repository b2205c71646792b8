import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Facts } from './step.ts'

/**
 * What is known of an action's steps, one JSON line each, on disk before it is acted on: `begun` before a step is
 * carried out, `done` after it (with the next entry, see `write`), `noted` for facts in between, `failed` once (with it the turn back begins),
 * `undone` for each step that was put back.
 */
export type Entry =
  | { readonly is: 'begun'; readonly step: string }
  | { readonly is: 'noted'; readonly step: string; readonly facts: Facts }
  | { readonly is: 'done'; readonly step: string; readonly facts: Facts }
  | { readonly is: 'skipped'; readonly step: string; readonly words: string }
  | { readonly is: 'failed'; readonly step: string; readonly words: string; readonly cause: FailCause }
  | { readonly is: 'undone'; readonly step: string }
  | { readonly is: 'stuck'; readonly step: string; readonly words: string }

export type FailCause = 'failed' | 'stopped' | 'timeout'

export interface Known {
  readonly begun: ReadonlySet<string>
  /** Done, or skipped though it failed. */
  readonly over: ReadonlySet<string>
  readonly undone: ReadonlySet<string>
  readonly facts: Facts
  readonly failed: Extract<Entry, { is: 'failed' }> | null
  /** What could not be put back. */
  readonly stuck: readonly Extract<Entry, { is: 'stuck' }>[]
}

const FILE = 'journal.jsonl'

export class Journal {
  readonly #path: string
  #fd: number | undefined
  #entries: Entry[]

  constructor(folder: string) {
    this.#path = join(folder, FILE)
    this.#entries = read(this.#path)
  }

  /**
   * On disk when it returns; nothing of it is when it throws. That a step is done is written at once, too, so that it
   * outlives the program, and gets onto the disk with the next entry, before anything else is begun: where the power
   * fails in between, the step is carried out once more, which finds everything there.
   */
  write(entry: Entry): void {
    this.#fd ??= openSync(this.#path, 'a', 0o600)
    const before = fstatSync(this.#fd).size
    try {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`)
      // A full disk may take a part of it.
      for (let at = 0; at < line.length; ) at += writeSync(this.#fd, line, at)
      if (entry.is !== 'done') fsyncSync(this.#fd)
    } catch (error) {
      ftruncateSync(this.#fd, before)
      throw error
    }
    this.#entries.push(entry)
  }

  known(): Known {
    const of = (...kinds: readonly Entry['is'][]): ReadonlySet<string> =>
      new Set(this.#entries.filter(({ is }) => kinds.includes(is)).map(({ step }) => step))
    return {
      begun: of('begun'),
      over: of('done', 'skipped'),
      undone: of('undone'),
      facts: Object.assign(
        {},
        ...this.#entries.map((entry) => ('facts' in entry ? entry.facts : {})),
      ) as Facts,
      failed: this.#entries.find((entry) => entry.is === 'failed') ?? null,
      stuck: this.#entries.filter((entry) => entry.is === 'stuck'),
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

/** A last line that a crash cut short was never acted on. A whole one after it begins on a line of its own. */
function read(path: string): Entry[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  if (text !== '' && !text.endsWith('\n')) {
    const fd = openSync(path, 'a')
    writeSync(fd, '\n')
    closeSync(fd)
  }
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as Entry]
    } catch {
      return []
    }
  })
}
