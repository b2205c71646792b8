import type { AttemptId, RunId } from '../ids.ts'
import { attemptId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import type { TaskSpec } from '../project.ts'
import type { Run } from '../state.ts'
import type { LockTable, Request } from './changes.ts'
import { type Lock, sameLock } from './lock.ts'
import { portLock } from './ports.ts'

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
          ...spec.writes.map(
            (glob): Lock =>
              spec.sharesWrites === true
                ? { ...files(glob, 'shared'), writes: true }
                : files(glob, 'exclusive'),
          ),
          ...spec.reads.filter((glob) => !spec.writes.includes(glob)).map((glob) => files(glob, 'shared')),
        ]
  const locks = [...code, ...spec.uses]
  cache.set(spec, locks)
  return locks
}

/** What its attempt under way holds from its start to the merge of its work: the ports leased for it, too. */
export function declaredLocks(run: Run, task: number): readonly Lock[] {
  const locks = locksOfTask(run.plan.tasks[task]!)
  const ports = run.tasks.get(task)!.current?.ports
  return ports === undefined ? locks : [...locks, ...ports.map(portLock)]
}

export function isDeclared(run: Run, task: number, lock: Lock): boolean {
  return declaredLocks(run, task).some((one) => sameLock(one, lock))
}

/** The schema of the database, which whoever migrates it holds without saying so. */
export const SCHEMA = 'database_schema'

/** Has anybody used that name for something that is no file? */
export function isKnownResource(plan: Plan, table: LockTable, name: string): boolean {
  const isIt = ({ kind, on }: Lock): boolean => kind === 'resource' && on === name
  return (
    name === SCHEMA ||
    plan.tasks.some(({ uses }) => uses?.some(isIt)) ||
    [...table.grants, ...table.waiters].some(({ locks }) => locks.some(isIt))
  )
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
    locks: declaredLocks(run, task),
    priority: spec.priority,
    since: now,
    begun: false,
  }
}
