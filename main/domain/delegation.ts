import type { RoleName } from './ids.ts'
import { type Plan, planIndex } from './plan.ts'
import type { Role, TaskSpec } from './project.ts'
import type { Run } from './state.ts'

/**
 * Delegation by capability. A task that names a role goes to it; one that names skills goes to a role that has
 * them all, the least busy first; failing that, to the one with most of them. Registry order breaks ties.
 */
export function candidates(plan: Plan, task: TaskSpec): readonly RoleName[] {
  if (task.role !== null) return [task.role]
  return rankBySkill(plan.roles, task.skills)
}

/** Other roles that could try what `role` failed at: those with all of the task's skills. */
export function otherCandidates(plan: Plan, task: TaskSpec, role: RoleName): readonly RoleName[] {
  if (task.skills.length === 0) return []
  return plan.roles
    .filter((other) => other.name !== role && task.skills.every((skill) => other.skills.includes(skill)))
    .map((other) => other.name)
}

function rankBySkill(roles: readonly Role[], skills: readonly string[]): readonly RoleName[] {
  const scored = roles
    .map((role) => ({ role: role.name, score: skills.filter((skill) => role.skills.includes(skill)).length }))
    .filter(({ score }) => score > 0)
  const best = Math.max(0, ...scored.map(({ score }) => score))
  return scored.filter(({ score }) => score === best).map(({ role }) => role)
}

/** The least busy of the candidates that has room, or undefined. */
export function freeRole(run: Run, names: readonly RoleName[]): RoleName | undefined {
  const { roleIndex } = planIndex(run.plan)
  let best: RoleName | undefined
  let least = Number.POSITIVE_INFINITY
  for (const name of names) {
    const index = roleIndex.get(name)
    if (index === undefined) continue
    const capacity = run.plan.roles[index]!.capacity
    const busy = run.busy[index] ?? 0
    if ((capacity !== null && busy >= capacity) || busy >= least) continue
    best = name
    least = busy
  }
  return best
}

export interface Queues {
  /** Queue of each task in the plan. Tasks in one queue have the same candidates. */
  readonly of: readonly number[]
  readonly candidates: readonly (readonly RoleName[])[]
  /** The queue of tasks that another role is to try; each has candidates of its own. */
  readonly other: number
}

const cache = new WeakMap<Plan, Queues>()

/** One ready queue for each distinct set of candidates, so that a busy role never holds up another's work. */
export function planQueues(plan: Plan): Queues {
  const known = cache.get(plan)
  if (known !== undefined) return known
  const numbers = new Map<string, number>()
  const lists: (readonly RoleName[])[] = []
  const of = plan.tasks.map((task) => {
    const names = candidates(plan, task)
    const key = names.join('\n')
    let number = numbers.get(key)
    if (number === undefined) {
      number = lists.push(names) - 1
      numbers.set(key, number)
    }
    return number
  })
  const queues = { of, candidates: lists, other: lists.length }
  cache.set(plan, queues)
  return queues
}
