import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { connectLocal } from '../api/localClient.ts'
import { clientEngine } from '../api/pages/clientEngine.ts'
import type { Engine } from '../api/pages/engineLink.ts'

/** What the engine's thread tells about its start. */
export type ThreadNews =
  | { readonly type: 'ready' }
  /** Another process hosts the data folder. */
  | { readonly type: 'busy' }
  | { readonly type: 'failed'; readonly message: string; readonly remedy: string }

/** What the engine's thread is started with. */
export interface ThreadData {
  readonly dataDir: string
  /** The Node that supervisors of processes run on, and their program. */
  readonly processes?: { readonly node: string; readonly supervisor: string }
}

export interface EngineOptions {
  readonly dataDir: string
  /** The thread's program. */
  readonly program: string | URL
  /** For agents that are processes; default what suits the sources. */
  readonly processes?: ThreadData['processes']
  readonly log: (line: string) => void
}

/** Throws with a `remedy` when there is no engine to be had now. */
class NoEngineError extends Error {
  override readonly name = 'NoEngineError'
  readonly remedy: string
  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** It takes its time; the same start is waited for again. */
class StartingError extends NoEngineError {
  constructor() {
    super('The engine is starting.', '')
  }
}

/** How long a closing engine may take before its thread is ended, ms. What it leaves open is found by the next. */
const CLOSE_MS = 20_000
/** How long a window waits for the engine before it opens without, ms. */
const PATIENCE_MS = 1_500

/**
 * The engine of a data folder: the one of another process if there is one, else one on a thread of ours. Whenever it
 * is gone, `open` gives the next: another process may have taken over, or this one does.
 */
export class EngineHost {
  readonly #options: EngineOptions
  /** Set while a thread of ours hosts. */
  #thread: Worker | undefined
  /** Set while an engine is looked for or started, and until `open` has handed it out. */
  #opening: Promise<Engine> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
  }

  /** Does this program host the engine? Then quitting concerns its agents. */
  get hosting(): boolean {
    return this.#thread !== undefined
  }

  /** For `keepEngine`. Throws while a start takes long, so that there is a window to say so; it goes on meanwhile. */
  async open(): Promise<Engine> {
    this.#opening ??= this.#find()
    const opening = this.#opening
    const patience = new AbortController()
    try {
      const engine = await Promise.race([opening, tooLong(patience.signal)])
      this.#opening = undefined
      return engine
    } catch (error) {
      if (!(error instanceof StartingError)) this.#opening = undefined
      throw error
    } finally {
      patience.abort()
      // Nobody may be waiting when it fails; the next call hears of it.
      opening.catch(() => undefined)
    }
  }

  async #find(): Promise<Engine> {
    const found = await this.#connect()
    if (found !== undefined) return found
    await this.#start()
    const engine = await this.#connect()
    if (engine !== undefined) return engine
    throw new NoEngineError('The engine does not answer yet.', 'It is being tried again.')
  }

  /** Ends the thread if there is one; agents go on and are adopted by the next engine. */
  async close(): Promise<void> {
    await this.#opening?.then((engine) => engine.close()).catch(() => undefined)
    const thread = this.#thread
    if (thread === undefined) return
    this.#thread = undefined
    const patience = new AbortController()
    const late = setTimeout(CLOSE_MS, undefined, { signal: patience.signal })
    late.then(() => thread.terminate()).catch(() => undefined)
    thread.postMessage('close')
    await once(thread, 'exit')
    patience.abort()
  }

  async #connect(): Promise<Engine | undefined> {
    const center = await connectLocal(this.#options.dataDir)
    return center === undefined ? undefined : clientEngine(center)
  }

  async #start(): Promise<void> {
    if (this.#thread !== undefined) return
    const { dataDir, program, processes, log } = this.#options
    const workerData: ThreadData = { dataDir, ...(processes === undefined ? {} : { processes }) }
    const thread = new Worker(program, { workerData })
    thread.on('error', (error) => log(`The engine's thread ended: ${error.stack ?? error.message}`))
    const news = await firstNews(thread)
    if (news.type === 'ready') {
      this.#thread = thread
      thread.once('exit', () => {
        if (this.#thread === thread) this.#thread = undefined
      })
    } else if (news.type === 'failed') throw new NoEngineError(news.message, news.remedy)
  }
}

async function tooLong(signal: AbortSignal): Promise<never> {
  await setTimeout(PATIENCE_MS, undefined, { signal }).catch(() => undefined)
  throw new StartingError()
}

function firstNews(thread: Worker): Promise<ThreadNews> {
  return new Promise((resolve) => {
    let failure = 'its thread ended at once'
    thread.once('error', (error) => {
      failure = error.message
    })
    thread.once('message', (news: ThreadNews) => resolve(news))
    thread.once('exit', () =>
      resolve({
        type: 'failed',
        message: `The engine could not be started: ${failure}.`,
        remedy: 'It is being tried again.',
      }),
    )
  })
}
