import { type Plan, planIndex } from '../../../../main/domain/plan.ts'

/** What ties a task to others: what it waits for, what waits for it. */
export interface Edge {
  /** The other task's index in the plan. */
  readonly task: number
  readonly kind: 'need' | 'soft' | 'dependent'
}

/** More arcs than this say nothing any more. */
const MOST_EDGES = 80

export function edgesOf(plan: Plan, index: number): readonly Edge[] {
  const { needs, dependents, byId } = planIndex(plan)
  const soft = plan.tasks[index]!.needsSoft.flatMap(({ task }) => byId.get(task) ?? [])
  const edges: Edge[] = [
    ...needs[index]!.map((task) => ({ task, kind: 'need' as const })),
    ...soft.map((task) => ({ task, kind: 'soft' as const })),
    ...dependents[index]!.map((task) => ({ task, kind: 'dependent' as const })),
  ]
  return edges.slice(0, MOST_EDGES)
}

interface Point {
  readonly x: number
  readonly y: number
}

/** How far an arc leans towards the stage, as a share of the way there; neighbours are joined by straighter ones. */
const LEAN = 0.22
const FULL_LEAN_FROM = 360

/** From one seat's rim to another's, leaning towards the stage, as path data. */
export function arcBetween(from: Point, to: Point, centre: Point, rim: number): string {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const lean = LEAN * Math.min(1, Math.hypot(to.x - from.x, to.y - from.y) / FULL_LEAN_FROM)
  const bend = { x: middle.x + (centre.x - middle.x) * lean, y: middle.y + (centre.y - middle.y) * lean }
  const start = towards(from, bend, rim)
  const end = towards(to, bend, rim)
  return `M${round(start)}Q${round(bend)} ${round(end)}`
}

function towards(from: Point, to: Point, by: number): Point {
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  const share = distance === 0 ? 0 : Math.min(1, by / distance)
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}

function round({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`
}
