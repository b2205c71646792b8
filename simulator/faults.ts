import type { Random } from './random.ts'
import type { Life, Turns } from './turns.ts'
import { WORLD } from './turns.ts'

/** What may go wrong in a call to the outside, as shares of calls. */
export interface FaultRates {
  /** It fails and nothing took place. */
  readonly fail: number
  /** It takes place and is reported as failed. */
  readonly lie: number
  /** The engine's process dies, half of the time before, half after it took place. */
  readonly crash: number
}

export const CALM: FaultRates = { fail: 0, lie: 0, crash: 0 }

/** Where a process is to die: at one call, before or after it took place. */
export interface CrashPoint {
  /** Asked at each call; true once, at the point. */
  readonly before?: (call: string, detail: unknown) => boolean
  readonly after?: (call: string, detail: unknown) => boolean
  /** It takes place and is reported as failed. */
  readonly lie?: (call: string, detail: unknown) => boolean
  /** It fails and nothing took place. */
  readonly refuse?: (call: string, detail: unknown) => boolean
}

export interface Outside {
  readonly turns: Turns
  readonly random: Random
  rates: FaultRates
  crashPoint: CrashPoint
  /** Ends the life of the engine that made the call. */
  readonly crash: (life: Life) => void
}

/**
 * A call from a life to the world: takes a turn to get there and one to answer; may fail, lie, or be the last thing
 * its caller did, in which case it may still be carried out later, after the caller's death.
 */
export async function outsideCall<T>(
  outside: Outside,
  life: Life,
  name: string,
  detail: unknown,
  work: () => T,
  failure: (name: string, tookPlace: boolean) => Error,
): Promise<T> {
  const { turns, random, rates, crashPoint } = outside
  await turns.wait(life, random.int(0, 3))
  if (crashPoint.before?.(name, detail) || random.chance(rates.crash / 2)) {
    outside.crash(life)
    // A request that was on its way when its sender died.
    if (name.startsWith('runner.') && random.chance(0.5))
      turns.add(WORLD, random.int(0, 2_000), () => void quietly(work))
    return never()
  }
  if (crashPoint.refuse?.(name, detail) || random.chance(rates.fail)) throw failure(name, false)
  const result = work()
  if (crashPoint.after?.(name, detail) || random.chance(rates.crash / 2)) {
    outside.crash(life)
    return never()
  }
  await turns.wait(life, random.int(0, 3))
  if (crashPoint.lie?.(name, detail) || random.chance(rates.lie)) throw failure(name, true)
  return result
}

function quietly(work: () => unknown): void {
  try {
    work()
  } catch {
    // Nobody is left to hear of it.
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}
