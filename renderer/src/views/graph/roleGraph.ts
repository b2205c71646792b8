import { type Plan, planIndex } from '../../../../main/domain/plan.ts'
import { type EdgeKind, EdgeSum, type Scene, type Unit } from './scene.ts'
import { taskGraph } from './taskGraph.ts'

/**
 * The second level: roles and how they hang together. What the registry says (who depends on whom, who may message
 * whom) and what this run's tasks make of it, each with its count. Tiers are lanes where the registry has tiers.
 */
export function roleScene(
  plan: Plan,
  shown: ReadonlySet<EdgeKind>,
  laneTitle: (tier: number | null) => string,
): Scene {
  const { roleIndex } = planIndex(plan)
  const tiers = [...new Set(plan.roles.map((role) => role.tier))].sort((a, b) => (a ?? 1e9) - (b ?? 1e9))
  const tasksOf: number[][] = plan.roles.map(() => [])
  const unitOfTask = plan.tasks.map((spec, i) => {
    const role = spec.role === null ? undefined : roleIndex.get(spec.role)
    if (role !== undefined) tasksOf[role]!.push(i)
    return role ?? -1
  })
  const units: Unit[] = plan.roles.map((role, i) => ({
    kind: 'role',
    id: `role:${role.name}`,
    lane: tiers.indexOf(role.tier),
    role: i,
    tasks: tasksOf[i]!,
  }))
  const lanes = tiers.map((tier, lane) => ({
    title: tiers.length === 1 && tier === null ? '' : laneTitle(tier),
    folded: false,
    count: units.filter((unit) => unit.lane === lane).length,
  }))
  return { lanes, units, unitOfTask, edges: roleEdges(plan).filter((edge) => shown.has(edge.kind)) }
}

const cache = new WeakMap<Plan, ReturnType<EdgeSum['edges']>>()

/** All edges between roles, one for each kind of each pair; numbers index `plan.roles`. */
export function roleEdges(plan: Plan): ReturnType<EdgeSum['edges']> {
  const known = cache.get(plan)
  if (known !== undefined) return known
  const { roleIndex } = planIndex(plan)
  const sum = new EdgeSum(false)
  const place = (name: string | null): number => roleIndex.get(name as never) ?? -1
  for (const { from, to, kind } of taskGraph(plan).edges) {
    const [a, b] = [place(plan.tasks[from]!.role), place(plan.tasks[to]!.role)]
    if (a >= 0 && b >= 0) sum.add(a, b, kind === 'phase' ? 'order' : 'work')
  }
  plan.roles.forEach((role, i) => {
    for (const name of role.dependencies) if (place(name) >= 0) sum.add(place(name), i, 'asks')
    for (const name of role.communication) if (place(name) >= 0) sum.add(i, place(name), 'tells')
  })
  const edges = sum.edges()
  cache.set(plan, edges)
  return edges
}
