import { type Plan, planIndex } from '../../../../main/domain/plan.ts'

/**
 * The graph of a plan's tasks as it is drawn: phases as lanes, and edges from what must be over to what waits for it.
 * Numbers index `plan.tasks`.
 */
export interface TaskGraph {
  readonly plan: Plan
  readonly lanes: readonly TaskLane[]
  readonly edges: readonly TaskEdge[]
  /** Longest chain of needs within its own phase that leads to each task; 0 for a first one. */
  readonly depth: readonly number[]
}

export interface TaskLane {
  readonly title: string
  readonly tasks: readonly number[]
}

export interface TaskEdge {
  readonly from: number
  readonly to: number
  /** `phase`: no need says so, but the later phase opens only when the earlier one is over. */
  readonly kind: 'need' | 'soft' | 'phase'
}

/** Between two phases, the order of their tasks is drawn as edges up to so many; more would say no more. */
const MAX_PHASE_EDGES = 24

const cache = new WeakMap<Plan, TaskGraph>()

export function taskGraph(plan: Plan): TaskGraph {
  const known = cache.get(plan)
  if (known !== undefined) return known
  const index = planIndex(plan)
  const lanes = plan.phases.map((phase, i) => ({ title: phase.name, tasks: index.byPhase[i] ?? [] }))
  const edges: TaskEdge[] = []
  plan.tasks.forEach((spec, to) => {
    const needs = new Set(index.needs[to])
    for (const from of needs) edges.push({ from, to, kind: 'need' })
    for (const soft of spec.needsSoft) {
      const from = index.byId.get(soft.task)
      if (from !== undefined && !needs.has(from)) edges.push({ from, to, kind: 'soft' })
    }
  })
  const graph = { plan, lanes, edges: [...edges, ...phaseEdges(plan)], depth: depths(plan) }
  cache.set(plan, graph)
  return graph
}

/** From the last tasks of a phase to the first of the next that need nothing of it. */
function phaseEdges(plan: Plan): readonly TaskEdge[] {
  const { byPhase, needs, dependents } = planIndex(plan)
  const edges: TaskEdge[] = []
  for (let phase = 1; phase < byPhase.length; phase++) {
    const isIn = (p: number) => (i: number) => plan.tasks[i]!.phase === p
    const last = byPhase[phase - 1]!.filter((i) => !dependents[i]!.some(isIn(phase - 1)))
    const first = byPhase[phase]!.filter((i) => !needs[i]!.some((n) => plan.tasks[n]!.phase >= phase - 1))
    if (last.length * first.length > MAX_PHASE_EDGES) continue
    for (const from of last) for (const to of first) edges.push({ from, to, kind: 'phase' })
  }
  return edges
}

function depths(plan: Plan): readonly number[] {
  const { needs, dependents } = planIndex(plan)
  const inPhase = (i: number, list: readonly number[]): number[] =>
    list.filter((other) => plan.tasks[other]!.phase === plan.tasks[i]!.phase)
  const depth = plan.tasks.map(() => 0)
  const missing = plan.tasks.map((_, i) => inPhase(i, needs[i]!).length)
  const free = missing.flatMap((count, i) => (count === 0 ? [i] : []))
  for (let at = free.pop(); at !== undefined; at = free.pop()) {
    for (const next of inPhase(at, dependents[at]!)) {
      depth[next] = Math.max(depth[next]!, depth[at]! + 1)
      missing[next]! -= 1
      if (missing[next] === 0) free.push(next)
    }
  }
  return depth
}
