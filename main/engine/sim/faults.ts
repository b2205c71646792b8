import type { Random } from './random.ts'

/**
 * What becomes of one call to the outside. `before`: it fails and nothing happened. `after`: it is carried out and
 * reported as failed. `late`: reported as failed, and carried out some time later all the same.
 */
export type Fault = 'none' | 'before' | 'after' | 'late'

/** Shares of calls, 0 to 1. */
export interface FaultRates {
  readonly before: number
  readonly after: number
  readonly late: number
}

export const NO_FAULTS: FaultRates = { before: 0, after: 0, late: 0 }

/** The same share for each way to fail. */
export function faultsAt(share: number): FaultRates {
  return { before: share, after: share, late: share }
}

/** Asked once for every call, in order; `call` is `<port>.<method>`. */
export interface FaultPlan {
  next(call: string): Fault
}

export class RandomFaults implements FaultPlan {
  /** Set to NO_FAULTS when the trouble is over. */
  rates: FaultRates
  readonly #random: Random

  constructor(random: Random, rates: FaultRates) {
    this.#random = random
    this.rates = rates
  }

  next(): Fault {
    const { before, after, late } = this.rates
    const drawn = this.#random.int(0, 999_999) / 1_000_000
    if (drawn < before) return 'before'
    if (drawn < before + after) return 'after'
    return drawn < before + after + late ? 'late' : 'none'
  }
}
