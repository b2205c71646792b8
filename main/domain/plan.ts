import type { ConflictPolicies } from './conflicts/matrix.ts'
import type { Prediction } from './conflicts/prediction.ts'
import type { GateSpec } from './gates/gate.ts'
import type { HealthPolicy } from './health/policy.ts'
import type { RoleName, TaskId } from './ids.ts'
import type { PortRange } from './locks/ports.ts'
import type { LockRule } from './locks/rules.ts'
import type { MergePolicy } from './merging/mergePolicy.ts'
import type { ImageSpec, Limits, Phase, Role, TaskSpec } from './project.ts'
import type { RollbackOrder } from './rollback/order.ts'
import type { Rule } from './rules/rule.ts'
import type { StrayPolicy } from './strays/stray.ts'
import { type Communication, DEFAULT_COMMUNICATION } from './talk/talk.ts'
import type { TargetSpec } from './targets/target.ts'

/**
 * Everything a run needs of its project, frozen when it starts: later edits of the project file do not
 * reach a run that is under way, and a replay needs nothing but the log.
 */
export interface Plan {
  readonly epic: string
  readonly title: string
  readonly image: ImageSpec
  readonly limits: Limits
  readonly roles: readonly Role[]
  readonly phases: readonly Phase[]
  readonly tasks: readonly TaskSpec[]
  /** Missing in plans recorded before agents could talk. */
  readonly communication?: Communication
  /** Who settles conflicts of a kind and how fast, where the project says otherwise than the matrix. */
  readonly conflicts?: ConflictPolicies
  /** As the project writes them; those that hold everywhere need not be written. */
  readonly rules?: readonly Rule[]
  /** Missing in plans recorded before there were any. */
  readonly lockRules?: readonly LockRule[]
  /** What is done about conflicts that are foreseen; those of plans without it are warned of. */
  readonly prediction?: Prediction
  readonly ports?: PortRange
  /** Missing where work is merged as soon as it is committed. */
  readonly merge?: MergePolicy
  /** Those its tasks name. */
  readonly targets?: readonly TargetSpec[]
  /** Of a run that goes back to a point. */
  readonly rollback?: RollbackOrder
  /** Of a run that verifies again what a deployment put back, and the incident that hears of it. */
  readonly recheck?: { readonly incident: string }
  /** Those its tasks, phases and targets name; missing for none. */
  readonly gates?: readonly GateSpec[]
  /** What becomes of an agent that writes what it may not; missing in plans recorded before that was looked at. */
  readonly strays?: StrayPolicy
  /** Missing in plans recorded before health was looked after: nothing of theirs is paused for flapping. */
  readonly health?: HealthPolicy
}

/** For plans recorded before agents could talk: nothing is sent of its own accord. */
const SILENT: Communication = { ...DEFAULT_COMMUNICATION, digestMs: null }

export function communicationOf(plan: Plan): Communication {
  return plan.communication ?? SILENT
}

/** What is derived from a plan once and shared by every state that holds it. Numbers index `plan.tasks`. */
export interface PlanIndex {
  readonly byId: ReadonlyMap<TaskId, number>
  /** Place of each role in `plan.roles`. */
  readonly roleIndex: ReadonlyMap<RoleName, number>
  /** Tasks that name this one in `needs`. */
  readonly dependents: readonly (readonly number[])[]
  /** Tasks this one names in `needs`. */
  readonly needs: readonly (readonly number[])[]
  /** Tasks that name this one in `needs_soft`. */
  readonly softDependents: readonly (readonly number[])[]
  readonly byPhase: readonly (readonly number[])[]
  /** Tasks of each phase with a time-out on a blocking need. */
  readonly timedByPhase: readonly (readonly number[])[]
}

/** Does any of its tasks work on a copy of the code? Such a run is prepared before its first task. */
export function usesRepo(plan: Plan): boolean {
  return plan.tasks.some((task) => task.workspace === 'repo')
}

const cache = new WeakMap<Plan, PlanIndex>()

export function planIndex(plan: Plan): PlanIndex {
  const known = cache.get(plan)
  if (known !== undefined) return known
  const made = buildIndex(plan)
  cache.set(plan, made)
  return made
}

function buildIndex(plan: Plan): PlanIndex {
  const byId = new Map(plan.tasks.map((task, i) => [task.id, i] as const))
  const lists = (): number[][] => plan.tasks.map(() => [])
  const dependents = lists()
  const needs = lists()
  const softDependents = lists()
  const byPhase: number[][] = plan.phases.map(() => [])
  const timedByPhase: number[][] = plan.phases.map(() => [])
  plan.tasks.forEach((task, i) => {
    byPhase[task.phase]?.push(i)
    if (task.needs.some((need) => need.timeoutMs !== null)) timedByPhase[task.phase]?.push(i)
    for (const need of task.needs) {
      const n = byId.get(need.task)
      if (n === undefined) continue
      needs[i]!.push(n)
      dependents[n]!.push(i)
    }
    for (const need of task.needsSoft) {
      const n = byId.get(need.task)
      if (n !== undefined) softDependents[n]!.push(i)
    }
  })
  const roleIndex = new Map(plan.roles.map((role, i) => [role.name, i] as const))
  return { byId, roleIndex, dependents, needs, softDependents, byPhase, timedByPhase }
}
