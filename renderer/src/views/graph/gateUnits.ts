import type { GatePlace } from '../../../../main/domain/gates/gateRecord.ts'
import { gatePlaceKey } from '../../../../main/domain/gates/placeKey.ts'
import { gatesAfter, gatesBefore, gatesOfPhase } from '../../../../main/domain/gates/places.ts'
import { type Plan, planIndex } from '../../../../main/domain/plan.ts'
import type { EdgeKind, EdgeSum, Unit } from './scene.ts'
import type { TaskGraph } from './taskGraph.ts'

export type GateUnit = Extract<Unit, { kind: 'gate' }>

/** Where gates stand among the units: behind and before tasks, and at the end of lanes. Numbers index `units`. */
export interface GateUnits {
  readonly after: ReadonlyMap<number, number>
  readonly before: ReadonlyMap<number, number>
  readonly ofLane: ReadonlyMap<number, number>
}

/** Adds a unit for each place that has gates and whose task has a card of its own. */
export function addGateUnits(plan: Plan, units: Unit[], unitOfTask: readonly number[]): GateUnits {
  const after = new Map<number, number>()
  const before = new Map<number, number>()
  const ofLane = new Map<number, number>()
  if ((plan.gates ?? []).length === 0) return { after, before, ofLane }
  const add = (at: GatePlace, lane: number, names: readonly string[]): number =>
    units.push({ kind: 'gate', id: gatePlaceKey(plan, at), lane, names }) - 1
  plan.tasks.forEach(({ phase }, task) => {
    if (units[unitOfTask[task]!]?.kind !== 'task') return
    const names = { after: gatesAfter(plan, task), before: gatesBefore(plan, task) }
    if (names.after.length > 0) after.set(task, add({ kind: 'task', task, attempt: 1 }, phase, names.after))
    if (names.before.length > 0) before.set(task, add({ kind: 'deploy', task }, phase, names.before))
  })
  plan.phases.forEach((_, phase) => {
    const names = gatesOfPhase(plan, phase)
    if (names.length > 0) ofLane.set(phase, add({ kind: 'phase', phase }, phase, names))
  })
  return { after, before, ofLane }
}

/**
 * The edges of the graph, led through the gates that stand on their way: nothing goes around one. Gives, for pairs of
 * tasks whose edge is led through any, the units it goes through.
 */
export function addEdges(
  graph: TaskGraph,
  unitOfTask: readonly number[],
  gates: GateUnits,
  sum: EdgeSum,
): ReadonlyMap<string, readonly number[]> {
  const ways = new Map<string, readonly number[]>()
  const { plan } = graph
  const walk = (way: readonly number[], kind: EdgeKind): void => {
    for (let i = 1; i < way.length; i++)
      if (way[i - 1]! >= 0 && way[i]! >= 0) sum.add(way[i - 1]!, way[i]!, kind)
  }
  for (const { from, to, kind } of graph.edges) {
    const [a, b] = [plan.tasks[from]!.phase, plan.tasks[to]!.phase]
    const gate = a < b ? gates.ofLane.get(a) : undefined
    const way = [
      unitOfTask[from]!,
      gates.after.get(from),
      gate,
      gates.before.get(to),
      unitOfTask[to]!,
    ].filter((unit) => unit !== undefined)
    walk(way, kind)
    if (way.length > 2) ways.set(wayKey(from, to), way)
  }
  for (const [task, unit] of gates.after) walk([unitOfTask[task]!, unit], 'need')
  for (const [task, unit] of gates.before) walk([unit, unitOfTask[task]!], 'need')
  for (const [lane, unit] of gates.ofLane) {
    for (const task of lastOf(plan, lane)) walk([gates.after.get(task) ?? unitOfTask[task]!, unit], 'need')
    for (const task of firstOf(plan, lane + 1))
      walk([unit, gates.before.get(task) ?? unitOfTask[task]!], 'need')
  }
  return ways
}

export const wayKey = (from: number, to: number): string => `${from}>${to}`

/** Tasks of a phase on which nothing of it waits. */
function lastOf(plan: Plan, phase: number): readonly number[] {
  const { byPhase, dependents } = planIndex(plan)
  return (byPhase[phase] ?? []).filter((i) => !dependents[i]!.some((to) => plan.tasks[to]!.phase === phase))
}

/** Tasks of a phase that wait for nothing of it. */
function firstOf(plan: Plan, phase: number): readonly number[] {
  const { byPhase, needs } = planIndex(plan)
  return (byPhase[phase] ?? []).filter((i) => !needs[i]!.some((from) => plan.tasks[from]!.phase === phase))
}
