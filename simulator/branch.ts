import type { AttemptId, CommitId } from '../main/domain/ids.ts'
import { commitId } from '../main/domain/ids.ts'

/** Two attempts' work that do not go together, or one that goes with nothing. */
export type Clash = readonly AttemptId[]

/**
 * What a run's branch holds, and what it was tried with: sets of attempts whose work is in it. Says of any of them
 * whether the check passes, the same at every time.
 */
export class SimulatedBranch {
  /** Attempts whose work is in the branch, in the order in which it was merged. */
  tip: readonly AttemptId[] = []
  /** Every move of the branch: what it held then. */
  readonly moves: (readonly AttemptId[])[] = []
  readonly #made = new Map<CommitId, readonly AttemptId[]>()
  readonly #clones = new Map<AttemptId, readonly AttemptId[]>()
  #clashes: readonly Clash[] = []
  /** Fails whatever is in it, until a person has seen to it. */
  broken = false

  /** Of attempts that repeat a task's number the first only: the next one has heard of the clash. */
  clash(clashes: readonly Clash[]): void {
    this.#clashes = clashes
  }

  verdict(contents: readonly AttemptId[]): boolean {
    return !this.broken && !this.#clashes.some((clash) => clash.every((one) => contents.includes(one)))
  }

  /** The name of a commit with these contents. */
  commitOf(contents: readonly AttemptId[]): CommitId {
    const name = contents.join(' ')
    let hash = 0n
    for (const char of name)
      hash = (hash * 1_099_511_628_211n + BigInt(char.charCodeAt(0)) + 7n) % (1n << 160n)
    const commit = commitId(hash.toString(16).padStart(40, '0'))
    this.#made.set(commit, contents)
    return commit
  }

  /** Moves to what was made before. */
  move(to: CommitId): void {
    this.tip = this.#made.get(to)!
    this.moves.push(this.tip)
  }

  clone(check: AttemptId, base: CommitId): void {
    this.#clones.set(check, this.#made.get(base)!)
  }

  contentsOf(check: AttemptId): readonly AttemptId[] {
    return this.#clones.get(check)!
  }
}
