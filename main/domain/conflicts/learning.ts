import { parseAttemptId } from '../ids.ts'
import type { Lock } from '../locks/lock.ts'
import { allowsWriting } from '../locks/meet.ts'
import { type Plan, planIndex } from '../plan.ts'
import type { TaskSpec } from '../project.ts'
import type { Run } from '../state.ts'
import type { Clash } from './conflict.ts'

/** What earlier conflicts teach: which files are likely to be fought over again. */
type Clashes = Readonly<Record<string, Clash>>

export interface LikelyClash {
  readonly file: string
  /** Tasks of the plan that may meet in it, in the order of the plan. */
  readonly tasks: readonly string[]
  /** In so many runs it was in conflict, of so many in which it could have been. */
  readonly runs: number
  readonly of: number
  /** That it is again, 0 to 1. */
  readonly odds: number
}

/** Files that are looked up in a plan: those that clashed last. */
const MOST_FILES = 200
/** Tasks that are compared with each other for one file. */
const MOST_TASKS = 32

/**
 * Odds that a file which was in conflict before is in conflict again, where it can be: one more run of either kind is
 * taken as seen (Laplace), so that little evidence says little.
 */
export function oddsOf({ runs = 1, met = 0 }: Pick<Clash, 'runs' | 'met'>): number {
  return (runs + 1) / (Math.max(met, runs) + 2)
}

export interface Suspect {
  readonly file: string
  readonly clash: Clash
  readonly odds: number
}

const suspects = new WeakMap<Clashes, WeakMap<TaskSpec, readonly Suspect[]>>()

/** Files of earlier conflicts that a task may clash in again: it met others in them, or declares to write them. */
export function mayClash(clashes: Clashes, spec: TaskSpec): readonly Suspect[] {
  const known = suspects.get(clashes) ?? new WeakMap<TaskSpec, readonly Suspect[]>()
  suspects.set(clashes, known)
  const found = known.get(spec) ?? suspectsOf(clashes, spec)
  known.set(spec, found)
  return found
}

function suspectsOf(clashes: Clashes, spec: TaskSpec): readonly Suspect[] {
  if (spec.workspace === 'none' || spec.writes.length === 0) return []
  return newest(clashes).flatMap(([file, clash]) =>
    clash.tasks.includes(spec.id) || allowsWriting(locksOfWrites(spec), file)
      ? [{ file, clash, odds: oddsOf(clash) }]
      : [],
  )
}

/** Can this holder of locks be met in the file? */
export function meetsIn(clash: Clash, file: string, holder: string, locks: readonly Lock[]): boolean {
  return clash.tasks.includes(parseAttemptId(holder)?.task ?? holder) || allowsWriting(locks, file)
}

/**
 * Files of the plan that clashed before and may again: two tasks, neither of which waits for the other, declare to write
 * it or met in it before. The likeliest first.
 */
export function likelyClashes(plan: Plan, clashes: Clashes): readonly LikelyClash[] {
  const order = orderOf(plan)
  return newest(clashes)
    .flatMap(([file, clash]) => {
      const tasks = meeting(order, writersOf(plan, file, clash))
      if (tasks.length < 2) return []
      const runs = clash.runs ?? 1
      const ids = tasks.map((task) => plan.tasks[task]!.id)
      return [{ file, tasks: ids, runs, of: Math.max(clash.met ?? 0, runs), odds: oddsOf(clash) }]
    })
    .sort((a, b) => b.odds - a.odds || (a.file < b.file ? -1 : 1))
}

/** For people, when a run begins; at most `most` lines and one for the rest. */
export function clashWarnings(plan: Plan, clashes: Clashes, most = 5): readonly string[] {
  const likely = likelyClashes(plan, clashes)
  const lines = likely
    .slice(0, most)
    .map(
      ({ file, tasks, runs, of, odds }) =>
        `${file} clashed in ${runs} of ${of} ${of === 1 ? 'run' : 'runs'} (${tasks.join(', ')}): odds of ${Math.round(odds * 100)} % that it does again`,
    )
  const more = likely.length - lines.length
  return more > 0 ? [...lines, `${more} more files clashed before`] : lines
}

/** Files of earlier conflicts in which two tasks of this run, which is over, could have met. */
export function couldHaveClashed(run: Run, clashes: Clashes): readonly string[] {
  const known = newest(clashes)
  if (known.length === 0) return []
  const order = orderOf(run.plan)
  return known.flatMap(([file, clash]) => {
    const began = writersOf(run.plan, file, clash).filter((task) => run.tasks.get(task)!.attempts > 0)
    return meeting(order, began).length < 2 ? [] : [file]
  })
}

/** Counts a run in which these files could have clashed; each run once. */
export function withMet(clashes: Clashes, files: readonly string[], run: string): Clashes {
  const all = { ...clashes }
  for (const file of files) {
    const clash = Object.hasOwn(all, file) ? all[file] : undefined
    if (clash === undefined || clash.metIn === run) continue
    all[file] = { ...clash, met: (clash.met ?? 0) + 1, metIn: run }
  }
  return all
}

const latest = new WeakMap<Clashes, readonly (readonly [string, Clash])[]>()

function newest(clashes: Clashes): readonly (readonly [string, Clash])[] {
  const known = latest.get(clashes) ?? Object.entries(clashes).slice(-MOST_FILES)
  latest.set(clashes, known)
  return known
}

function writersOf(plan: Plan, file: string, clash: Clash): readonly number[] {
  return plan.tasks.flatMap((spec, task) =>
    allowsWriting(locksOfWrites(spec), file) || clash.tasks.includes(spec.id) ? [task] : [],
  )
}

const cache = new WeakMap<TaskSpec, readonly Lock[]>()

function locksOfWrites(spec: TaskSpec): readonly Lock[] {
  const known = cache.get(spec) ?? (spec.workspace === 'none' ? [] : locksOn(spec.writes))
  cache.set(spec, known)
  return known
}

function locksOn(writes: readonly string[]): readonly Lock[] {
  return writes.map((on) => ({ kind: 'files', on, mode: 'exclusive' }))
}

/** Tells whether the first is over, and merged, before the second begins. */
type Order = (first: number, second: number) => boolean

function orderOf(plan: Plan): Order {
  const { needs } = planIndex(plan)
  const known = new Map<number, ReadonlySet<number>>()
  const before = (task: number): ReadonlySet<number> => {
    const found = known.get(task) ?? reached(needs, task)
    known.set(task, found)
    return found
  }
  return (first, second) => plan.tasks[first]!.phase < plan.tasks[second]!.phase || before(second).has(first)
}

function reached(needs: readonly (readonly number[])[], task: number): ReadonlySet<number> {
  const found = new Set<number>()
  const queue = [...needs[task]!]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...needs[next]!)
  }
  return found
}

/** Those of the tasks that have another one beside them. */
function meeting(order: Order, all: readonly number[]): readonly number[] {
  const tasks = all.slice(0, MOST_TASKS)
  return tasks.filter((one) =>
    tasks.some((other) => one !== other && !order(one, other) && !order(other, one)),
  )
}
