import type { RoleName } from './ids.ts'
import { type Plan, planIndex } from './plan.ts'
import type { Role, TaskSpec } from './project.ts'
import type { TaskRecord } from './state.ts'

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
    .filter((other) => other.name !== role && other.capacity !== 0)
    .filter((other) => task.skills.every((skill) => other.skills.includes(skill)))
    .map((other) => other.name)
}

function rankBySkill(roles: readonly Role[], skills: readonly string[]): readonly RoleName[] {
  const scored = roles
    .map((role) => ({ role: role.name, score: skills.filter((skill) => role.skills.includes(skill)).length }))
    .filter(({ score }) => score > 0)
  const best = Math.max(0, ...scored.map(({ score }) => score))
  return scored.filter(({ score }) => score === best).map(({ role }) => role)
}

/** Who makes the next attempt: retries stay with the role that failed, then another tries, then a person decides. */
export function nextCandidates(plan: Plan, index: number, task: TaskRecord): readonly RoleName[] {
  const last = task.past.at(-1)?.role
  const { of, candidates } = planQueues(plan)
  if (task.next === null || last === undefined) return candidates[of[index]!]!
  if (task.next.by === 'other') return otherCandidates(plan, plan.tasks[index]!, last)
  return task.tries > 0 ? [last] : candidates[of[index]!]!
}

/** Has this task's next attempt candidates of its own, other than those of its queue? */
export function isPersonal(plan: Plan, index: number, task: TaskRecord): boolean {
  if (task.next === null) return false
  const { of, candidates } = planQueues(plan)
  const usual = candidates[of[index]!]!
  const names = nextCandidates(plan, index, task)
  return names.length !== usual.length || names.some((name, i) => name !== usual[i])
}

/** Slots held by each role, by its place in `plan.roles`. */
export type Busy = readonly number[]

/** The least busy of the candidates that has room, or undefined. */
export function freeRole(plan: Plan, busyRoles: Busy, names: readonly RoleName[]): RoleName | undefined {
  const { roleIndex } = planIndex(plan)
  let best: RoleName | undefined
  let least = Number.POSITIVE_INFINITY
  for (const name of names) {
    const index = roleIndex.get(name)
    if (index === undefined) continue
    const { capacity } = plan.roles[index]!
    const busy = busyRoles[index] ?? 0
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
  /** The queue of tasks with candidates of their own: another role is to try, or the same role once more. */
  readonly own: number
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
  const queues = { of, candidates: lists, own: lists.length }
  cache.set(plan, queues)
  return queues
}
