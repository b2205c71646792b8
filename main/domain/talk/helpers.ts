import { isSettled, type Run } from '../state.ts'
import { type Receivers, rolesOfTask } from './address.ts'

/**
 * Who is asked for help: the agent at work with most of the skills, the one with the emptiest inbox among equals;
 * with no skills named, the coordinator. Where nobody fits, the person.
 */
export function findHelper(run: Run, skills: readonly string[], self: number | null): Receivers {
  let best: { readonly task: number; readonly score: number; readonly waiting: number } | undefined
  run.plan.tasks.forEach((_, task) => {
    const record = run.tasks.get(task)!
    if (task === self || isSettled(record)) return
    const skill = Math.max(0, ...rolesOfTask(run, task).map((role) => matching(role, skills)))
    if (skill === 0) return
    // Somebody at work now can help now.
    const score = skill * 2 + (record.current?.state === 'RUNNING' ? 1 : 0)
    const waiting = record.inbox.length
    if (best === undefined || score > best.score || (score === best.score && waiting < best.waiting))
      best = { task, score, waiting }
  })
  return best === undefined ? { tasks: [], person: true } : { tasks: [best.task], person: false }
}

function matching(
  role: { readonly skills: readonly string[]; readonly tier: number | null },
  skills: readonly string[],
): number {
  if (skills.length === 0) return role.tier === 1 ? 1 : 0
  const has = role.skills.map((skill) => skill.toLowerCase())
  return skills.filter((skill) => has.includes(skill.toLowerCase())).length
}
