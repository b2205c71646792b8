import { z } from 'zod'
import { incidentNews } from '../domain/incidents/news.ts'
import type { State } from '../domain/state.ts'
import type { EventFeed } from './feed.ts'
import type { Delivery, Notifier } from './ports/notifier.ts'
import type { Store } from './ports/store.ts'
import type { Scheduling } from './scheduling.ts'

/** One delivery may take so long, ms. */
const PATIENCE_MS = 30_000
/** Before it is tried again, ms; twice as long each time, up to the longest. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 300_000
/** Events without news after which it is kept that they are done with. */
const KEEP_EVERY = 1_000

const cursorSchema = z.object({
  /** Up to here all is delivered. */
  done: z.number().int(),
  /** Being delivered when this was kept; null for nothing. */
  begun: z.number().int().nullable(),
})
type Cursor = z.infer<typeof cursorSchema>

export interface NewsParts {
  readonly store: Pick<Store, 'getMeta' | 'setMeta' | 'lastSeq'>
  readonly feed: Pick<EventFeed, 'from'>
  readonly state: () => State
  readonly scheduling: Scheduling
  readonly log: (line: string) => void
}

/**
 * Tells every notifier what is news in the log, each at its own pace: how far is on disk before and after each
 * delivery. A notifier that is new hears of nothing that was before it.
 */
export class NewsDelivery {
  readonly #parts: NewsParts
  readonly #closing = new AbortController()

  constructor(parts: NewsParts) {
    this.#parts = parts
  }

  open(notifiers: readonly Notifier[]): void {
    for (const notifier of notifiers)
      void this.#follow(notifier).catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#parts.log(`news for ${notifier.name}: ${String(error)}`)
      })
  }

  close(): void {
    this.#closing.abort()
  }

  async #follow(notifier: Notifier): Promise<void> {
    const { feed, state } = this.#parts
    const { signal } = this.#closing
    const { done, begun } = await this.#cursor(notifier.name)
    let kept = done
    for await (const event of feed.from(done, signal)) {
      const { seq } = event
      const news = incidentNews(event, state())
      if (news !== undefined) {
        await this.#keep(notifier.name, { done: seq - 1, begun: seq })
        if (!(await this.#deliver(notifier, { seq, news, again: seq === begun }))) return
      } else if (seq - kept < KEEP_EVERY) continue
      await this.#keep(notifier.name, { done: seq, begun: null })
      kept = seq
    }
  }

  /** Until it is delivered; false when the engine closes before. */
  async #deliver(notifier: Notifier, delivery: Delivery): Promise<boolean> {
    const { log } = this.#parts
    for (let pause = FIRST_PAUSE_MS, again = delivery.again; !this.#closing.signal.aborted; again = true) {
      try {
        await this.#try(notifier, { ...delivery, again })
        return true
      } catch (error) {
        if (this.#closing.signal.aborted) return false
        log(`news for ${notifier.name} (event ${delivery.seq}) is tried again: ${String(error)}`)
        await this.#pause(pause)
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    }
    return false
  }

  async #try(notifier: Notifier, delivery: Delivery): Promise<void> {
    const limit = new AbortController()
    const over = Promise.withResolvers<never>()
    over.promise.catch(() => undefined)
    const end = (): void => {
      limit.abort()
      over.reject(new Error(`it was not over within ${PATIENCE_MS / 1_000} s`))
    }
    const cancel = this.#parts.scheduling.after(PATIENCE_MS, end)
    this.#closing.signal.addEventListener('abort', end, { once: true })
    try {
      await Promise.race([notifier.deliver(delivery, limit.signal), over.promise])
    } finally {
      cancel()
      this.#closing.signal.removeEventListener('abort', end)
    }
  }

  /** Shorter where the engine closes. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#parts.scheduling.after(ms, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  async #cursor(name: string): Promise<Cursor> {
    const known = await this.#parts.store.getMeta(key(name))
    if (known !== undefined) return cursorSchema.parse(JSON.parse(known))
    const cursor = { done: await this.#parts.store.lastSeq(), begun: null }
    await this.#keep(name, cursor)
    return cursor
  }

  async #keep(name: string, cursor: Cursor): Promise<void> {
    await this.#parts.store.setMeta(key(name), JSON.stringify(cursor))
  }
}

const key = (name: string): string => `news/${name}`
