import { rerun } from '../decideTask.ts'
import type { Draft } from '../draft.ts'
import type { RunId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { isSettled, type Run } from '../state.ts'
import { rolesOfTask } from '../talk/address.ts'
import { tell } from '../talk/sending.ts'
import type { LockRule } from './rules.ts'

/** `notify_on_change`: who is told of a change to a file that is merged, and what runs again then. */

/** Globs of the plan's rules that somebody wants to be told about. */
export function watchedGlobs(plan: Plan): readonly string[] {
  return (plan.lockRules ?? []).flatMap(({ kind, on, notify }) =>
    kind === 'files' && notify.length > 0 ? [on] : [],
  )
}

/**
 * What `task` changed of the watched is merged, and the task is completed. Each named role is told, but for the one that
 * made the change; its completed tasks that its action means run again, with what was built on them. What runs again for
 * such a change sets nothing off itself, so that no two roles keep each other going.
 */
export function tellOfChange(draft: Draft, id: RunId, task: number, touched: readonly string[]): void {
  const { plan, tasks } = draft.run(id)
  const setsOff = tasks.get(task)!.remade !== true
  for (const rule of plan.lockRules ?? []) {
    if (!touched.includes(rule.on)) continue
    for (const notice of rule.notify) tellRole(draft, id, task, rule, { ...notice, setsOff })
  }
}

type Notice = LockRule['notify'][number] & { readonly setsOff: boolean }

function tellRole(draft: Draft, id: RunId, task: number, rule: LockRule, notice: Notice): void {
  const run = draft.run(id)
  if (rolesOfTask(run, task).some(({ name }) => name === notice.role)) return
  const own = tasksOfRole(run, notice.role).filter((other) => other !== task)
  const again = notice.setsOff ? own.filter((other) => meant(run, other, notice.action)) : []
  const begun = again.filter((other) => runAgain(draft, id, task, other))
  const now = draft.run(id)
  const name = (index: number): string => now.plan.tasks[index]!.id
  const readers = own.filter((other) => !isSettled(now.tasks.get(other)!))
  const will = begun.length === 0 ? '' : ` ${begun.map(name).join(', ')} will run again.`
  const please = notice.action === null ? '' : ` What is to be done: ${notice.action}.`
  tell(
    draft,
    id,
    { tasks: readers, person: false },
    {
      to: notice.role,
      type: 'UPDATE',
      kind: 'notice',
      subject: `${rule.on} was changed`,
      content: `${name(task)} changed ${rule.on}, and that is merged.${please}${will}`,
    },
  )
}

function tasksOfRole(run: Run, role: string): readonly number[] {
  return run.plan.tasks.flatMap((_, i) => (rolesOfTask(run, i).some(({ name }) => name === role) ? [i] : []))
}

/** Completed ones that the action speaks of: `re-run tests` means `unit-tests`, and whatever is a check. */
function meant(run: Run, index: number, action: string | null): boolean {
  if (action === null || run.tasks.get(index)!.state !== 'COMPLETED') return false
  const { id, title, kind } = run.plan.tasks[index]!
  const words = action
    .toLowerCase()
    .replaceAll(/\bre-?(?=[a-z]{3})/g, '')
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/s$/, ''))
    .filter((word) => word.length > 3)
  const about = `${id} ${title}`.toLowerCase()
  return words.some((word) => about.includes(word)) || (kind === 'check' && words.includes('test'))
}

/** Not where the one that made the change was itself built on it, or what is under way would have to be ended for it. */
function runAgain(draft: Draft, id: RunId, changed: number, index: number): boolean {
  const run = draft.run(id)
  if (run.stop !== null || run.tasks.get(index)!.state !== 'COMPLETED') return false
  return rerun(draft, run, index, changed) === undefined
}
