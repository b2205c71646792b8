import type { AttemptId } from '../../domain/ids.ts'
import { Random } from './random.ts'

/** What an agent does once its command has begun. */
export interface Behaviour {
  readonly runMs: number
  readonly code: number
  /** The command cannot be run at all. */
  readonly error: string | null
  readonly oomKilled: boolean
  /** Uses no CPU and writes nothing; with a long `runMs` it is stuck. */
  readonly quiet: boolean
  /** What it does when asked politely to stop; `finishes` ends with its own code. */
  readonly onTerm: 'dies' | 'ignores' | 'finishes'
  readonly outputs: Readonly<Record<string, string>>
  readonly output: Uint8Array
}

/** How often, 0 to 1, agents do badly. */
export interface BehaviourRates {
  readonly fails: number
  /** Would run for a day. */
  readonly hangs: number
  readonly cannotRun: number
  /** Upper bound of ordinary run times, ms. */
  readonly mostMs: number
}

export const WELL_BEHAVED: BehaviourRates = { fails: 0, hangs: 0, cannotRun: 0, mostMs: 20_000 }
export const ILL_BEHAVED: BehaviourRates = { fails: 0.15, hangs: 0.04, cannotRun: 0.01, mostMs: 60_000 }

const DAY_MS = 24 * 3_600_000

/** The same attempt of the same seed always does the same. */
export function behaviourOf(seed: number, attempt: AttemptId, rates: BehaviourRates): Behaviour {
  const random = Random.of(seed, `behaviour ${attempt}`)
  const hangs = random.chance(rates.hangs)
  const fails = random.chance(rates.fails)
  const short = random.chance(0.3)
  const lines = random.int(0, 3)
  return {
    runMs: hangs ? DAY_MS : short ? random.int(0, 5) : random.int(5, rates.mostMs),
    code: fails ? random.pick([1, 2, 126, 137]) : 0,
    error: random.chance(rates.cannotRun) ? 'exec: "sh": not found' : null,
    oomKilled: fails && random.chance(0.2),
    quiet: random.chance(hangs ? 0.7 : 0.1),
    onTerm: random.pick(['dies', 'dies', 'ignores', 'finishes']),
    outputs: random.chance(0.5) ? { made: `by ${attempt}` } : {},
    output: new TextEncoder().encode(`${attempt} says this\n`.repeat(lines)),
  }
}
