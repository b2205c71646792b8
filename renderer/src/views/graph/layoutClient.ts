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
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

/** A worker of one view; what is asked after `stop`, or when the worker cannot run, is rejected. */
export class LayoutClient {
  readonly #worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #broken: Error | undefined

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      performance.measure('graph layout', { start: performance.now() - data.ms, duration: data.ms })
      this.#waiting.get(data.id)?.resolve(data.result as never)
      this.#waiting.delete(data.id)
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.#fail(new Error(event.message || 'the layout worker could not be loaded'))
    }
  }

  layout(input: LayoutInput): Promise<Layout> {
    return this.#ask((id) => ({ id, kind: 'layout', input }))
  }

  critical(input: CriticalInput): Promise<readonly number[]> {
    return this.#ask((id) => ({ id, kind: 'critical', input }))
  }

  stop(): void {
    this.#worker.terminate()
    this.#fail(new Error('the view was closed'))
  }

  #ask<T>(question: (id: number) => Question): Promise<T> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    this.#last += 1
    const id = this.#last
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage(question(id))
    })
  }

  #fail(error: Error): void {
    this.#broken = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
