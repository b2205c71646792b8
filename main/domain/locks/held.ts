import { ruleOf, underRule } from '../rules/rule.ts'
import type { Run, State, TaskRecord } from '../state.ts'
import type { Grant, LockTable } from './changes.ts'
import { covers, type Lock } from './lock.ts'
import { setsConflict } from './meet.ts'
import { declaredLocks, holderOf, isDeclared, locksOfTask } from './taskLocks.ts'

/** What attempts hold, and what follows for their work. */

export function lockTable(state: State, run: Pick<Run, 'project'>): LockTable {
  return state.projects.get(run.project)!.locks
}

export function grantOf(table: LockTable, run: Run, task: number, attempt: number): Grant | undefined {
  const holder = holderOf(run, task, attempt)
  return table.grants.find((grant) => grant.holder === holder)
}

/** Beyond what its task declared. */
export function takenOnTheWay(table: LockTable, run: Run, task: number, attempt: number): readonly Lock[] {
  const held = grantOf(table, run, task, attempt)?.locks ?? []
  return held.filter((lock) => !isDeclared(run, task, lock))
}

/** Globs that an attempt may change and that are committed: those its task declared, and those it locked for itself. */
export function writableGlobs(table: LockTable, run: Run, task: number, attempt: number): readonly string[] {
  const { writes, workspace } = run.plan.tasks[task]!
  if (workspace === 'none') return []
  return [...new Set([...writes, ...globsTaken(takenOnTheWay(table, run, task, attempt))])]
}

export function globsTaken(locks: readonly Lock[]): readonly string[] {
  return locks.flatMap(({ kind, on, mode }) => (kind === 'files' && mode === 'exclusive' ? [on] : []))
}

/**
 * Why nothing an attempt made may be committed or merged: it does not hold all it declared any more. Undefined when it
 * does. What it may have taken since does not make up for it.
 */
export function lostLocks(state: State, run: Run, index: number, attempt: number): string | undefined {
  const declared = declaredLocks(run, index)
  const held = grantOf(lockTable(state, run), run, index, attempt)?.locks ?? []
  if (declared.every((lock) => held.some((one) => covers(one, lock)))) return undefined
  const detail = 'its locks were taken from it while it worked, so what it made is not merged'
  return underRule(detail, ruleOf(run.plan, 'one-writer'))
}

/** All that a task whose work is merged had locked for itself: what it declared, and what it took on the way. */
export function locksOfWork(run: Run, index: number, { alsoWrote = [] }: TaskRecord): readonly Lock[] {
  const taken = alsoWrote.map((on): Lock => ({ kind: 'files', on, mode: 'exclusive' }))
  return [...locksOfTask(run.plan.tasks[index]!), ...taken]
}

/** Who shares what it writes changes it all the same. */
function asWriter(lock: Lock): Lock {
  return lock.writes === true ? { ...lock, mode: 'exclusive' } : lock
}

/** Tasks of the run that had what this one asks for before it, and whose work it must not undo: they are done. */
export function earlierHolders(run: Run, task: number): readonly number[] {
  const locks = locksOfTask(run.plan.tasks[task]!)
    .filter(({ kind }) => kind === 'files')
    .map(asWriter)
  if (locks.length === 0) return []
  const found: number[] = []
  run.plan.tasks.forEach((_, i) => {
    const record = run.tasks.get(i)!
    if (i === task || record.result === null) return
    if (setsConflict(locksOfWork(run, i, record).map(asWriter), locks)) found.push(i)
  })
  return found
}
