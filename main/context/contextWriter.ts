import type { EventEnvelope } from '../domain/events.ts'
import type { ProjectId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { ContextKeeper, type Rebuilt } from './keeper.ts'

/** What it follows: an engine. */
export interface ContextSource {
  /** The last published state. */
  readonly state: State
  onPublish(listener: (events: readonly EventEnvelope[], state: State) => void): () => void
}

export interface ContextWriterOptions {
  readonly dataDir: string
  readonly log: (line: string) => void
  /** Changes that come within this time are written together, ms. */
  readonly delayMs?: number
}

const DELAY_MS = 100
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000

/**
 * Keeps `projects/<project>/context/` of every project equal to the state. Each project: resting → (an event) → due,
 * by timer → writing → resting, or due again when more came meanwhile. A disk that refuses: writing → due, later.
 */
export class ContextWriter {
  readonly #options: ContextWriterOptions
  readonly #projects = new Map<ProjectId, Follower>()
  /** Resolves with the engine once it is there. */
  readonly #source: Promise<ContextSource>
  #attach!: (source: ContextSource) => void
  #off: (() => void) | undefined
  #closed = false

  constructor(options: ContextWriterOptions) {
    this.#options = options
    this.#source = new Promise((resolve) => {
      this.#attach = resolve
    })
  }

  /**
   * Makes what lies on the disk equal to the state, and keeps it so. Resolves when it is so for the
   * first time, and rejects where the disk refuses, which is tried again all the same.
   */
  async follow(source: ContextSource): Promise<void> {
    this.#off = source.onPublish((events) => {
      for (const { project } of events) if (project !== null) this.#of(project).changed()
    })
    this.#attach(source)
    let failure: unknown
    for (const project of source.state.projects.keys())
      await this.#of(project)
        .written()
        .catch((error: unknown) => {
          failure ??= error
        })
    if (failure !== undefined) throw failure
  }

  /**
   * The project's context folder, when it is what the state says now or later. Waits for `follow`. A disk that refuses
   * keeps nobody waiting: the files are behind then, which `trouble` tells.
   */
  async ready(project: ProjectId): Promise<string> {
    await this.#source
    const follower = this.#of(project)
    await follower.written().catch(() => undefined)
    return follower.folder
  }

  /** Makes all of it again from the state, whatever lies there. */
  async rebuild(project: ProjectId): Promise<Rebuilt> {
    await this.#source
    return this.#of(project).rebuild()
  }

  /** What is in the way of writing, in words; null when nothing is. */
  trouble(): string | null {
    for (const follower of this.#projects.values()) if (follower.trouble !== null) return follower.trouble
    return null
  }

  /** Writes what is due and ends. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#off?.()
    for (const follower of this.#projects.values()) await follower.close()
  }

  #of(project: ProjectId): Follower {
    const known = this.#projects.get(project)
    if (known !== undefined) return known
    const { dataDir, log, delayMs = DELAY_MS } = this.#options
    const state = this.#source.then((source) => () => source.state)
    const made = new Follower(new ContextKeeper(dataDir, project), { state, log, delayMs })
    this.#projects.set(project, made)
    return made
  }
}

interface FollowerParts {
  readonly state: Promise<() => State>
  readonly log: (line: string) => void
  readonly delayMs: number
}

class Follower {
  trouble: string | null = null
  readonly #keeper: ContextKeeper
  readonly #parts: FollowerParts
  /** Set while a write is due. */
  #timer: NodeJS.Timeout | undefined
  /** The write under way and those asked for after it, one after the other. */
  #last: Promise<unknown> = Promise.resolve()
  /** Something changed since the last write took its state. */
  #dirty = true
  #retryMs = FIRST_RETRY_MS
  #closed = false

  constructor(keeper: ContextKeeper, parts: FollowerParts) {
    this.#keeper = keeper
    this.#parts = parts
  }

  get folder(): string {
    return this.#keeper.folder
  }

  changed(): void {
    this.#dirty = true
    this.#due(this.#parts.delayMs)
  }

  /** Resolves when the files are what the state was at this call, or newer. Rejects when the disk refuses. */
  written(): Promise<void> {
    return this.#queue(async () => {
      if (this.#dirty) await this.#write()
    })
  }

  rebuild(): Promise<Rebuilt> {
    return this.#queue(() => {
      this.#keeper.forget()
      return this.#write()
    })
  }

  async close(): Promise<void> {
    await this.written().catch(() => undefined)
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#keeper.close().catch(() => undefined)
  }

  #due(ms: number): void {
    if (this.#closed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.written().catch(() => undefined)
    }, ms)
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work)
    this.#last = next.catch(() => undefined)
    return next
  }

  async #write(): Promise<Rebuilt> {
    const state = await this.#parts.state
    this.#dirty = false
    try {
      const done = await this.#keeper.bring(state())
      this.trouble = null
      this.#retryMs = FIRST_RETRY_MS
      return done
    } catch (error) {
      this.#dirty = true
      const reason = (error as Error).message
      if (this.trouble === null) this.#parts.log(`the context at ${this.folder} cannot be written: ${reason}`)
      this.trouble = `The context at ${this.folder} is behind: ${reason}. It is tried again by itself.`
      this.#due(this.#retryMs)
      this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
      throw error
    }
  }
}
