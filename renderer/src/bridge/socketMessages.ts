/** Between the page and the worker that holds its WebSocket. `id` numbers the page's connections. */
export type ToWorker =
  | {
      readonly do: 'open'
      readonly id: number
      readonly url: string
      /** The page's key is among them: it reaches the worker this way only. */
      readonly protocols: readonly string[]
    }
  | { readonly do: 'send'; readonly id: number; readonly text: string }
  | { readonly do: 'close'; readonly id: number }

export type FromWorker =
  | { readonly event: 'open' | 'close'; readonly id: number }
  /** Bytes are handed over, not copied. */
  | { readonly event: 'message'; readonly id: number; readonly data: string | ArrayBuffer }
