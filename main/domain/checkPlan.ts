import { candidates } from './delegation.ts'
import { planAgainstGates } from './gates/checkGates.ts'
import { findCycle } from './graph.ts'
import { MERGE_CHECK } from './merging/mergePolicy.ts'
import type { Plan } from './plan.ts'
import type { Role, TaskSpec } from './project.ts'
import { planAgainstRules } from './rules/beforeStart.ts'
import { ruleOf, underRule } from './rules/rule.ts'

/**
 * What would keep a run of this plan from ever ending, in words, or undefined. The configuration has said so with
 * line and column; this is the last check for plans that come another way, so that no run can stall in silence.
 */
export function checkPlan(plan: Plan): string | undefined {
  if (plan.tasks.length === 0) return 'it has no tasks'
  if (!(plan.limits.maxConcurrentAgents >= 1)) return 'max_concurrent_agents is less than 1'
  const tasks = new Map<string, TaskSpec>(plan.tasks.map((task) => [task.id, task]))
  if (tasks.size < plan.tasks.length) return 'two tasks have the same id'
  const roles = new Map<string, Role>(plan.roles.map((role) => [role.name, role]))
  for (const task of plan.tasks) {
    const flaw = checkTask(plan, task, tasks, roles)
    if (flaw !== undefined) return `task ${task.id} ${flaw}`
  }
  const edges = new Map(plan.tasks.map((task) => [task.id, task.needs.map((need) => need.task)] as const))
  if (plan.merge !== undefined && tasks.has(MERGE_CHECK))
    return `a task is called ${MERGE_CHECK}, as its merge checks are`
  const loop = findCycle([...edges.keys()], edges)
  if (loop !== undefined)
    return underRule(`tasks need each other in a loop: ${loop.join(' → ')}`, ruleOf(plan, 'no-cycles'))
  return planAgainstGates(plan) ?? planAgainstRules(plan)
}

function checkTask(
  plan: Plan,
  task: TaskSpec,
  tasks: ReadonlyMap<string, TaskSpec>,
  roles: ReadonlyMap<string, Role>,
): string | undefined {
  if (plan.phases[task.phase] === undefined) return `is in phase ${task.phase}, which does not exist`
  for (const { task: need } of [...task.needs, ...task.needsSoft])
    if (!tasks.has(need)) return `needs ${need}, which does not exist`
  const later = task.needs.find((need) => tasks.get(need.task)!.phase > task.phase)
  if (later !== undefined) return `needs ${later.task}, which is in a later phase`
  const able = candidates(plan, task)
  if (able.length === 0)
    return `finds nobody: name a role, or give one of ${task.skills.join(', ') || 'its skills'} to a role`
  const unknown = able.find((name) => !roles.has(name))
  if (unknown !== undefined) return `names the role ${unknown}, which does not exist`
  if (able.every((name) => (roles.get(name)!.capacity ?? 1) < 1))
    return `finds no room: ${able.join(', ')} has a capacity of 0`
  return undefined
}
