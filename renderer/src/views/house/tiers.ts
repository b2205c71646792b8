import { type Plan, planIndex } from '../../../../main/domain/plan.ts'

/** What makes a tier: the plan's phases, the registry's tiers of the roles, or depth in the graph of needs. */
export const TIER_KINDS = ['phase', 'registry', 'wave'] as const
export type TierKind = (typeof TIER_KINDS)[number]

export interface Tier {
  /** Phases and waves count from 1, registry tiers have their own numbers; null: roles without a tier. */
  readonly from: number | null
  /** The last one, where neighbours share a tier because there are too many to show. */
  readonly to: number | null
  /** A phase's own name, where the tier is one phase. */
  readonly name: string
  /** Indices of the plan's tasks, in its order. */
  readonly tasks: readonly number[]
}

/** More half rings than this are too thin to read. */
export const MOST_TIERS = 12

/** The first tier is the innermost. Tiers without tasks are left out. */
export function tiersOf(plan: Plan, kind: TierKind): readonly Tier[] {
  const keys = keysOf(plan, kind)
  const members = new Map<number, number[]>()
  keys.forEach((key, task) => {
    const known = members.get(key)
    if (known === undefined) members.set(key, [task])
    else known.push(task)
  })
  const sorted = [...members].sort(([a], [b]) => a - b)
  const share = Math.ceil(sorted.length / MOST_TIERS)
  const tiers: Tier[] = []
  for (let at = 0; at < sorted.length; at += share) {
    const some = sorted.slice(at, at + share)
    const from = numberOf(some[0]![0])
    const to = numberOf(some.at(-1)![0])
    const name = kind === 'phase' && some.length === 1 ? (plan.phases[some[0]![0] - 1]?.name ?? '') : ''
    tiers.push({ from, to, name, tasks: some.flatMap(([, tasks]) => tasks) })
  }
  return tiers
}

/** Kinds that tell anything about this plan; the first is what it opens with. */
export function kindsOf(plan: Plan): readonly TierKind[] {
  const { roleIndex } = planIndex(plan)
  const ranked = plan.tasks.some(
    ({ role }) => role !== null && tierOfRole(plan, roleIndex.get(role)) !== null,
  )
  const linked = plan.tasks.some((task) => task.needs.length > 0)
  return TIER_KINDS.filter((kind) => kind === 'phase' || (kind === 'registry' ? ranked : linked))
}

function keysOf(plan: Plan, kind: TierKind): readonly number[] {
  if (kind === 'phase') return plan.tasks.map((task) => task.phase + 1)
  if (kind === 'wave') return depths(plan).map((depth) => depth + 1)
  const { roleIndex } = planIndex(plan)
  return plan.tasks.map(({ role }) =>
    role === null ? NO_TIER : (tierOfRole(plan, roleIndex.get(role)) ?? NO_TIER),
  )
}

const NO_TIER = Number.MAX_SAFE_INTEGER

function numberOf(key: number): number | null {
  return key === NO_TIER ? null : key
}

function tierOfRole(plan: Plan, index: number | undefined): number | null {
  return index === undefined ? null : (plan.roles[index]?.tier ?? null)
}

/** Longest way of needs to each task, counted in edges. */
export function depths(plan: Plan): readonly number[] {
  const { needs, dependents } = planIndex(plan)
  const depth = needs.map(() => 0)
  const missing = needs.map((list) => list.length)
  const free = missing.flatMap((count, task) => (count === 0 ? [task] : []))
  for (let task = free.pop(); task !== undefined; task = free.pop()) {
    for (const next of dependents[task]!) {
      depth[next] = Math.max(depth[next]!, depth[task]! + 1)
      missing[next]! -= 1
      if (missing[next] === 0) free.push(next)
    }
  }
  return depth
}
