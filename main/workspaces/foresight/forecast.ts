import type { Hub } from '../hub.ts'
import { Ancestry } from './ancestry.ts'
import { both, type ChangedPaths, mayClash, sharedPaths } from './changedPaths.ts'
import { type CommitPair, type Merged, mergeBatch } from './mergeBatch.ts'

/** One side of merges to come. */
export interface Work {
  /** An attempt, or the branch of a run. */
  readonly id: string
  /** What it amounts to now; a commit on `cut`, or `cut` itself. */
  readonly commit: string
  readonly cut: string
  /** From `cut` to `commit`. */
  readonly changed: ChangedPaths
}

export type Verdict =
  | { readonly status: 'clean' }
  | { readonly status: 'conflict'; readonly files: readonly string[] }
  /** Not known: the budget was used up, or git would not merge them. */
  | { readonly status: 'unknown' }

export interface Foreseen {
  readonly a: Work
  readonly b: Work
  readonly verdict: Verdict
}

/** What a look has cost, in pairs: `known` from before, `apart` without asking git, `merged` by git, `left` for later. */
export interface LookCost {
  readonly pairs: number
  readonly known: number
  readonly apart: number
  readonly merged: number
  readonly left: number
  readonly ms: number
}

export interface LookOptions {
  /** Asked before each batch: is there time for more? */
  readonly goOn?: () => boolean
}

const BATCH = 32
const CLEAN: Verdict = { status: 'clean' }
const UNKNOWN: Verdict = { status: 'unknown' }

/**
 * Tells which of the works that are to meet would conflict, by merging them pair by pair. A pair is merged anew only
 * when one of its sides has changed and their changed paths allow a conflict at all (`mayClash` says why that loses
 * none). Without a look at them in between, pairs are forgotten.
 */
export class Forecast {
  readonly #hub: Hub
  readonly #ancestry: Ancestry
  /** By both commits: a pair stays what it is as long as neither changes. */
  #known = new Map<string, Verdict>()

  constructor(hub: Hub) {
    this.#hub = hub
    this.#ancestry = new Ancestry(hub)
  }

  async look(
    pairs: readonly (readonly [Work, Work])[],
    { goOn = () => true }: LookOptions = {},
  ): Promise<{ readonly foreseen: readonly Foreseen[]; readonly cost: LookCost }> {
    const start = performance.now()
    const now = new Map<string, Verdict>()
    const toMerge = new Map<string, { readonly pair: CommitPair; readonly shared: readonly string[] }>()
    let [known, apart] = [0, 0]
    for (const [a, b] of pairs) {
      const key = keyOf(a, b)
      const before = this.#known.get(key)
      if (before !== undefined) {
        now.set(key, before)
        known++
        continue
      }
      const meeting = await this.#meeting(a, b)
      if (meeting === 'apart') {
        now.set(key, CLEAN)
        apart++
      } else toMerge.set(key, { pair: [a.commit, b.commit], shared: meeting })
    }
    const waiting = [...toMerge]
    let merged = 0
    while (waiting.length > 0 && goOn()) {
      const batch = waiting.splice(0, BATCH)
      const answers = await mergeBatch(
        this.#hub,
        batch.map(([, { pair }]) => pair),
      )
      for (const [i, [key, { shared }]] of batch.entries()) now.set(key, verdictOf(answers[i]!, shared))
      merged += batch.length
    }
    this.#known = now
    const foreseen = pairs.map(([a, b]) => ({ a, b, verdict: now.get(keyOf(a, b)) ?? UNKNOWN }))
    const ms = performance.now() - start
    return { foreseen, cost: { pairs: pairs.length, known, apart, merged, left: waiting.length, ms } }
  }

  /** `apart` when no conflict is possible, else the paths both sides have to do with. */
  async #meeting(a: Work, b: Work): Promise<'apart' | readonly string[]> {
    const bases = await this.#ancestry.bases(a.cut, b.cut)
    const [base] = bases
    if (base === undefined) return 'apart'
    const [ofA, ofB] = [await this.#since(base, a), await this.#since(base, b)]
    // Of several bases git makes one of its own by merging them: what changed since that is not known beforehand.
    if (bases.length === 1 && !mayClash(ofA, ofB)) return 'apart'
    return sharedPaths(ofA, ofB)
  }

  async #since(base: string, { cut, changed }: Work): Promise<ChangedPaths> {
    return both(await this.#ancestry.changes(base, cut), changed)
  }
}

function keyOf(a: Work, b: Work): string {
  return `${a.commit} ${b.commit}`
}

function verdictOf(merged: Merged, shared: readonly string[]): Verdict {
  switch (merged.status) {
    case 'clean':
      return CLEAN
    case 'unrelated':
      return UNKNOWN
    case 'conflict':
      return { status: 'conflict', files: merged.files.length > 0 ? merged.files : shared }
  }
}
