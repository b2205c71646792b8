import type { Bus, BusHandler, BusRecord } from '../../engine/ports/bus.ts'

export interface Unruliness {
  /** Share of records that are delivered twice. */
  readonly duplicated: number
  /** Share of records that are overtaken by later ones. */
  readonly reordered: number
  /** Share of acknowledgements that get lost, so that the record comes again. */
  readonly acksLost: number
}

/** Places a record overtakes at most, and records on their way at most. */
const FURTHEST = 1_000
const ROOM = 4_000

/**
 * A transport that keeps no order and forgets acknowledgements, as buses do in bad hours; it loses nothing. All of it
 * happens by turns of `setImmediate`, by chance from `random` (0 to 1).
 */
export function unrulyBus(
  rates: Unruliness,
  random: () => number,
): Bus & { readonly deliveries: () => number } {
  const handlers: BusHandler[] = []
  let queue: BusRecord[] = []
  let pumping = false
  let deliveries = 0

  const put = (record: BusRecord): void => {
    const back = Math.min(queue.length, FURTHEST)
    if (random() < rates.reordered) queue.splice(queue.length - Math.floor(random() * (back + 1)), 0, record)
    else queue.push(record)
  }

  function pump(): void {
    if (pumping) return
    pumping = true
    setImmediate(() => {
      pumping = false
      for (const record of queue.splice(0, 64)) {
        deliveries++
        void handlers[0]!(record).then(
          () => random() < rates.acksLost && again(record),
          () => again(record),
        )
      }
      if (queue.length > 0) pump()
    })
  }

  function again(record: BusRecord): void {
    put(record)
    pump()
  }

  return {
    kind: 'embedded',
    deliveries: () => deliveries,
    publish: async (records) => {
      for (const record of records) {
        put(record)
        if (random() < rates.duplicated) put(record)
      }
      if (handlers.length > 0) pump()
      while (handlers.length > 0 && queue.length > ROOM) await new Promise((resolve) => setImmediate(resolve))
    },
    subscribe: async (_, handler) => {
      handlers.push(handler)
      pump()
      return {
        close: async () => {
          queue = []
        },
      }
    },
    check: async () => ({ status: 'ready' }),
    close: async () => undefined,
  }
}
