import type { Draft } from '../draft.ts'
import type { Request } from '../locks/changes.ts'
import type { Lock } from '../locks/lock.ts'
import { locksConflict } from '../locks/meet.ts'
import { ownersOf } from '../locks/ownership.ts'
import { holdersInTheWay } from '../locks/table.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { Run } from '../state.ts'
import { partyInfo } from './parties.ts'
import { raiseConflict } from './raising.ts'

/** Work of priority 0 waits for what less urgent agents hold: whether those are stopped for it a person decides. */
export function raiseContested(draft: Draft, run: Run, { holder, locks, priority }: Request): void {
  if (priority !== 0) return
  const table = draft.state.projects.get(run.project)!.locks
  const { name } = partyInfo(draft.state, holder, run.project)
  for (const grant of holdersInTheWay(table, holder, locks)) {
    const other = partyInfo(draft.state, grant.holder, run.project)
    if (!other.live || other.priority === 0) continue
    const met = grant.locks.filter((held) => locks.some((lock) => locksConflict(held, lock, table.folded)))
    raiseConflict(draft, run.project, {
      cause: 'priority',
      parties: [holder, grant.holder],
      files: met.map(({ on }) => on),
      text: `${name} has priority 0 and waits for ${other.name}, which has priority ${other.priority}`,
      evidence: [],
    })
  }
}

/** An agent takes files on the way that another role owns, while an agent of that role is at work. */
export function raiseOwned(draft: Draft, run: Run, task: number, locks: readonly Lock[]): void {
  const { role, n } = run.tasks.get(task)!.current!
  const own = holderOf(run, task, n)
  for (const { kind, on, mode } of locks) {
    if (kind !== 'files' || mode !== 'exclusive') continue
    const owners = ownersOf(run.plan.roles, on)
    if (owners.length === 0 || owners.includes(role)) continue
    const owner = run.plan.tasks.findIndex((_, i) => {
      const current = run.tasks.get(i)!.current
      return i !== task && current?.state === 'RUNNING' && owners.includes(current.role)
    })
    if (owner === -1) continue
    const { id } = run.plan.tasks[owner]!
    raiseConflict(draft, run.project, {
      cause: 'ownership',
      parties: [holderOf(run, owner, run.tasks.get(owner)!.current!.n), own],
      files: [on],
      text: `${run.plan.tasks[task]!.id} takes ${on}, which ${owners.join(' and ')} owns (${id} is at work)`,
      evidence: [],
    })
  }
}
