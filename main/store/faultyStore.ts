import type { Store } from '../engine/ports/store.ts'
import { StoreError } from '../engine/ports/store.ts'

/** What becomes of one call. `failAfter`: it takes place and is reported as failed, kind `unknown`. */
export type Fault = 'none' | 'failBefore' | 'unknownBefore' | 'failAfter'

export interface FaultPlan {
  /** Asked once for each call, in order; only writes get `unknownBefore` and `failAfter`. */
  readonly next: (call: FaultyCall) => Fault
  /** Awaited before each call: a scheduler's turn, a gate, nothing. */
  readonly pause?: () => Promise<void>
}

export type FaultyCall = Exclude<keyof Store, 'close'>
const WRITES: readonly FaultyCall[] = ['append', 'writeKeyFrame', 'setMeta']

/** Shares of calls, 0 to 1; together at most 1. */
export interface FaultRates {
  readonly failBefore: number
  readonly unknownBefore: number
  readonly failAfter: number
}

/** A plan by chance: `random` gives numbers in [0, 1), seeded for a repeatable run. */
export function randomFaults(random: () => number, rates: FaultRates): FaultPlan {
  return {
    next: () => {
      const drawn = random()
      if (drawn < rates.failBefore) return 'failBefore'
      if (drawn < rates.failBefore + rates.unknownBefore) return 'unknownBefore'
      if (drawn < rates.failBefore + rates.unknownBefore + rates.failAfter) return 'failAfter'
      return 'none'
    },
  }
}

/** For the simulator and tests: any store, failing as disks do, according to a plan. Closing never fails. */
export function faultyStore(store: Store, plan: FaultPlan): Store {
  async function call<T>(name: FaultyCall, work: () => Promise<T>): Promise<T> {
    await plan.pause?.()
    const fault = effective(plan.next(name), name)
    if (fault === 'failBefore') throw injected('unavailable', name)
    if (fault === 'unknownBefore') throw injected('unknown', name)
    const result = await work()
    if (fault === 'failAfter') throw injected('unknown', name)
    return result
  }
  return {
    append: (batch) => call('append', () => store.append(batch)),
    lastSeq: () => call('lastSeq', () => store.lastSeq()),
    read: (query) => call('read', () => store.read(query)),
    keyFrame: (seq) => call('keyFrame', () => store.keyFrame(seq)),
    writeKeyFrame: (frame) => call('writeKeyFrame', () => store.writeKeyFrame(frame)),
    outcome: (command) => call('outcome', () => store.outcome(command)),
    runs: (query) => call('runs', () => store.runs(query)),
    tasks: (run) => call('tasks', () => store.tasks(run)),
    getMeta: (key) => call('getMeta', () => store.getMeta(key)),
    setMeta: (key, value) => call('setMeta', () => store.setMeta(key, value)),
    close: () => store.close(),
  }
}

/** A read that failed was not done: nothing about it is unknown. */
function effective(fault: Fault, name: FaultyCall): Fault {
  return fault === 'none' || WRITES.includes(name) ? fault : 'failBefore'
}

function injected(kind: 'unavailable' | 'unknown', name: string): StoreError {
  return new StoreError(kind, `Injected: ${name} failed.`, 'Try again; this fault was planned.')
}
