import type { CriticalInput } from './critical.ts'
import type { Layout, LayoutInput } from './layout.ts'

export type Question =
  | { readonly id: number; readonly kind: 'layout'; readonly input: LayoutInput }
  | { readonly id: number; readonly kind: 'critical'; readonly input: CriticalInput }

export interface Answer {
  readonly id: number
  readonly result: Layout | readonly number[]
  /** Time the worker took, ms. */
  readonly ms: number
}

interface Waiting {
  readonly question: Question
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

const MOST_STARTS = 4
/** Before it is fetched again, ms. */
const AGAIN_MS = 300

/** A worker of one view; what is asked after `stop`, or when the worker cannot run, is rejected. */
export class LayoutClient {
  #worker = this.#start()
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #broken: Error | undefined
  #starts = 1
  /** It has answered: an error after that is its own. */
  #answered = false
  #again: ReturnType<typeof setTimeout> | undefined

  #start(): Worker {
    const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      this.#answered = true
      performance.measure('graph layout', { start: performance.now() - data.ms, duration: data.ms })
      this.#waiting.get(data.id)?.resolve(data.result as never)
      this.#waiting.delete(data.id)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      worker.terminate()
      if (this.#broken !== undefined) return
      const error = new Error(event.message || 'the layout worker could not be loaded')
      if (this.#answered || this.#starts >= MOST_STARTS) this.#fail(error)
      else this.#again = setTimeout(() => this.#restart(), AGAIN_MS)
    }
    return worker
  }

  /** It could not be fetched: what it has not been asked it is asked now. */
  #restart(): void {
    this.#starts += 1
    this.#worker = this.#start()
    for (const { question } of this.#waiting.values()) this.#worker.postMessage(question)
  }

  layout(input: LayoutInput): Promise<Layout> {
    return this.#ask((id) => ({ id, kind: 'layout', input }))
  }

  critical(input: CriticalInput): Promise<readonly number[]> {
    return this.#ask((id) => ({ id, kind: 'critical', input }))
  }

  stop(): void {
    clearTimeout(this.#again)
    this.#worker.terminate()
    this.#fail(new Error('the view was closed'))
  }

  #ask<T>(question: (id: number) => Question): Promise<T> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    this.#last += 1
    const id = this.#last
    return new Promise((resolve, reject) => {
      const asked = question(id)
      this.#waiting.set(id, { resolve, reject, question: asked })
      this.#worker.postMessage(asked)
    })
  }

  #fail(error: Error): void {
    this.#broken = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
