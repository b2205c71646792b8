import type { AttemptId, RunId } from '../ids.ts'
import { attemptId } from '../ids.ts'
import type { TaskSpec } from '../project.ts'
import type { Run } from '../state.ts'
import type { Request } from './changes.ts'
import type { Lock } from './lock.ts'
import { setsConflict } from './meet.ts'

const cache = new WeakMap<TaskSpec, readonly Lock[]>()

/** What a task declares: shared locks on what it reads, exclusive ones on what it writes, and the resources it uses. */
export function locksOfTask(spec: TaskSpec): readonly Lock[] {
  if (spec.uses === undefined) return []
  const known = cache.get(spec)
  if (known !== undefined) return known
  const files = (on: string, mode: Lock['mode']): Lock => ({ kind: 'files', on, mode })
  const code: readonly Lock[] =
    spec.workspace === 'none'
      ? []
      : [
          ...spec.writes.map((glob) => files(glob, 'exclusive')),
          ...spec.reads.filter((glob) => !spec.writes.includes(glob)).map((glob) => files(glob, 'shared')),
        ]
  const locks = [...code, ...spec.uses]
  cache.set(spec, locks)
  return locks
}

/** Of one attempt at a task: locks are held by the attempt and die with it. */
export function holderOf(run: Run, task: number, attempt: number): AttemptId {
  return attemptId(run.id, run.plan.tasks[task]!.id, attempt)
}

export function isOfRun(holder: string, run: RunId): boolean {
  return holder.startsWith(`${run}/`)
}

/** What an attempt that has not begun asks for. */
export function declaredBy(run: Run, task: number, attempt: number, now: number): Request {
  const spec = run.plan.tasks[task]!
  return {
    holder: holderOf(run, task, attempt),
    locks: locksOfTask(spec),
    priority: spec.priority,
    since: now,
    begun: false,
  }
}

/** Tasks of the run that had what this one asks for before it, and whose work it must not undo: they are done. */
export function earlierHolders(run: Run, task: number): readonly number[] {
  const locks = locksOfTask(run.plan.tasks[task]!).filter(({ kind }) => kind === 'files')
  if (locks.length === 0) return []
  const found: number[] = []
  run.plan.tasks.forEach((spec, i) => {
    if (i === task || run.tasks.get(i)!.result === null) return
    if (setsConflict(locksOfTask(spec), locks)) found.push(i)
  })
  return found
}
