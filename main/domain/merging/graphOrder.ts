import { type Plan, planIndex } from '../plan.ts'

const known = new WeakMap<Plan, readonly number[]>()

/** Place in a topological order of the plan: phases first, then needs. Tasks that may come in any order share a place. */
export function placeInGraph(plan: Plan, task: number): number {
  const places = known.get(plan) ?? computePlaces(plan)
  known.set(plan, places)
  return places[task]!
}

function computePlaces(plan: Plan): readonly number[] {
  const { needs } = planIndex(plan)
  const depth = new Array<number>(plan.tasks.length).fill(-1)
  const visit = (start: number): void => {
    const stack = [start]
    while (stack.length > 0) {
      const task = stack.at(-1)!
      const open = needs[task]!.filter((need) => depth[need] === -1)
      if (open.length > 0) {
        stack.push(...open)
        continue
      }
      stack.pop()
      depth[task] = 1 + Math.max(-1, ...needs[task]!.map((need) => depth[need]!))
    }
  }
  plan.tasks.forEach((_, i) => {
    visit(i)
  })
  return depth.map((d, i) => plan.tasks[i]!.phase * plan.tasks.length + d)
}
