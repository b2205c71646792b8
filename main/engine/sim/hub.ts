import { type AttemptId, type CommitId, commitId, type RunId } from '../../domain/ids.ts'
import {
  type ApplyResult,
  type CommitRequest,
  type CommitResult,
  type CutRequest,
  type CutResult,
  type MergeRequest,
  type MergeResult,
  type PreparedRun,
  WorkspaceError,
} from '../ports/workspaces.ts'
import { hash, Random } from './random.ts'

/** How often, 0 to 1, work does not fit together, and attempts change nothing. */
export interface WorkRates {
  readonly mergeConflicts: number
  readonly cutConflicts: number
  readonly nothing: number
  readonly applyRefused: number
}

export const WORK_FITS: WorkRates = { mergeConflicts: 0, cutConflicts: 0, nothing: 0.2, applyRefused: 0 }
export const WORK_CLASHES: WorkRates = {
  mergeConflicts: 0.06,
  cutConflicts: 0.02,
  nothing: 0.2,
  applyRefused: 0.3,
}

interface HubRun {
  readonly base: CommitId
  tip: CommitId
  /** How often each commit was merged in earnest. */
  readonly merged: Map<CommitId, number>
}

/**
 * Git as sets: a commit is the set of attempts whose work is in it. Lives on disk, so it outlives every process;
 * every operation is done whole or not at all, and answers the same when it is asked for again.
 */
export class Hub {
  readonly runs = new Map<RunId, HubRun>()
  readonly clones = new Map<AttemptId, CommitId>()
  readonly results = new Map<AttemptId, CommitResult>()
  /** Runs brought to the user, and how often the user's branch was moved for each. */
  readonly applied = new Map<RunId, number>()
  readonly discarded = new Set<RunId>()
  rates: WorkRates
  readonly #content = new Map<CommitId, ReadonlySet<AttemptId>>()
  readonly #seed: number

  constructor(seed: number, rates: WorkRates) {
    this.#seed = seed
    this.rates = rates
  }

  content(commit: CommitId): ReadonlySet<AttemptId> {
    const content = this.#content.get(commit)
    if (content === undefined) throw permanent(`commit ${commit} is not in the hub`)
    return content
  }

  prepare(run: RunId): PreparedRun {
    if (this.discarded.has(run)) throw permanent(`run ${run} was discarded`)
    const known = this.runs.get(run)
    const base = known?.base ?? this.#commit(new Set())
    if (known === undefined) this.runs.set(run, { base, tip: base, merged: new Map() })
    return { base, branch: 'main', tip: known?.tip ?? base, warnings: [] }
  }

  /** The same attempt is cut once: from other inputs it is refused, as its files are kept. */
  cut(request: CutRequest): CutResult {
    const { attempt } = request
    this.#run(request.run)
    if (this.#by(`cut ${attempt} ${request.from.join()}`, this.rates.cutConflicts))
      return { status: 'conflict', files: ['src/both.ts'] }
    const inputs = [request.base, ...request.from].map((commit) => this.content(commit))
    const commit = this.#commit(new Set(inputs.flatMap((content) => [...content])))
    const before = this.clones.get(attempt)
    if (before !== undefined && before !== commit)
      throw permanent(`${attempt} was cut before, from other commits`)
    this.clones.set(attempt, commit)
    return { status: 'cut', commit, path: `/clones/${attempt}`, readOnlyMounts: ['/hub/objects'] }
  }

  commit({ attempt, cut }: CommitRequest): CommitResult {
    const known = this.results.get(attempt)
    if (known !== undefined) return known
    if (this.clones.get(attempt) !== cut) throw permanent(`${attempt} has no workspace to commit`)
    const nothing = this.#by(`nothing ${attempt}`, this.rates.nothing)
    const commit = nothing ? null : this.#commit(new Set([...this.content(cut), attempt]))
    const result = { commit, changed: nothing ? 0 : 1, undeclared: [], refused: [], artifacts: null }
    this.results.set(attempt, result)
    return result
  }

  merge({ run: id, commit }: MergeRequest): MergeResult {
    const run = this.#run(id)
    const [there, added] = [this.content(run.tip), this.content(commit)]
    if ([...added].every((attempt) => there.has(attempt))) return { status: 'merged', tip: run.tip }
    if (this.#by(`merge ${commit}`, this.rates.mergeConflicts))
      return { status: 'conflict', files: ['src/both.ts'] }
    run.tip = this.#commit(new Set([...there, ...added]))
    run.merged.set(commit, (run.merged.get(commit) ?? 0) + 1)
    return { status: 'merged', tip: run.tip }
  }

  apply(id: RunId): ApplyResult {
    const run = this.#run(id)
    const times = this.applied.get(id) ?? 0
    if (times > 0) return { status: 'already', branch: 'main', commit: run.tip }
    if (this.#by(`apply ${id} ${run.tip}`, this.rates.applyRefused))
      return { status: 'refused', reason: 'The branch has moved on.', remedy: 'Move it back.' }
    this.applied.set(id, times + 1)
    return { status: 'applied', branch: 'main', commit: run.tip }
  }

  discard(id: RunId): void {
    this.runs.delete(id)
    this.discarded.add(id)
    for (const attempt of this.clones.keys()) if (attempt.startsWith(`${id}/`)) this.clones.delete(attempt)
  }

  #run(id: RunId): HubRun {
    const run = this.runs.get(id)
    if (run === undefined) throw permanent(`run ${id} has no branch in the hub`)
    return run
  }

  /** Equal contents are one commit. */
  #commit(content: ReadonlySet<AttemptId>): CommitId {
    const name = [...content].sort().join('\n')
    const id = commitId(
      [1, 2, 3, 4, 5].map((n) => hash(`${n}${name}`).toString(16).padStart(8, '0')).join(''),
    )
    this.#content.set(id, content)
    return id
  }

  /** Chance that falls the same way each time the same thing is asked. */
  #by(label: string, share: number): boolean {
    return Random.of(this.#seed, label).chance(share)
  }
}

function permanent(message: string): WorkspaceError {
  return new WorkspaceError('permanent', message, 'This is a defect.')
}
