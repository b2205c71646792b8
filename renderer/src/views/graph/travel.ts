import type { Layout } from './layout.ts'
import type { Scene } from './scene.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

export const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/**
 * Where an arrow key leads from a unit: right to what depends on it, left to what it needs (of several the nearest in
 * height), and where there is none, to the nearest card that way; up and down within its lane. Undefined at the edge.
 */
export function travel(scene: Scene, layout: Layout, from: number, direction: Direction): number | undefined {
  switch (direction) {
    case 'right':
      return along(scene, layout, from, 1)
    case 'left':
      return along(scene, layout, from, -1)
    case 'down':
      return withinLane(scene, layout, from, 1)
    case 'up':
      return withinLane(scene, layout, from, -1)
  }
}

function along(scene: Scene, layout: Layout, from: number, sign: 1 | -1): number | undefined {
  const linked = scene.edges
    .filter((edge) => (sign === 1 ? edge.from : edge.to) === from)
    .map((edge) => (sign === 1 ? edge.to : edge.from))
  const here = layout.nodes[from]!
  const beyond = layout.nodes.flatMap(({ x }, i) => ((x - here.x) * sign > 0 ? [i] : []))
  return best(linked, (i) => Math.abs(layout.nodes[i]!.y - here.y)) ?? nearestOf(beyond, layout, from)
}

/** The next column that way, and in it the card nearest in height. */
function nearestOf(units: readonly number[], layout: Layout, from: number): number | undefined {
  const here = layout.nodes[from]!
  return best(units, (i) => {
    const { x, y } = layout.nodes[i]!
    return Math.abs(x - here.x) * 1e6 + Math.abs(y - here.y)
  })
}

/** Down one column of the lane, then the next one. */
function withinLane(scene: Scene, layout: Layout, from: number, sign: 1 | -1): number | undefined {
  const lane = scene.units[from]!.lane
  const members = scene.units.flatMap((unit, i) => (unit.lane === lane ? [i] : []))
  const rank = (i: number): number => layout.nodes[i]!.x * 1e6 + layout.nodes[i]!.y
  const here = rank(from)
  return best(
    members.filter((i) => (rank(i) - here) * sign > 0),
    (i) => Math.abs(rank(i) - here),
  )
}

function best(units: readonly number[], cost: (unit: number) => number): number | undefined {
  let least = Number.POSITIVE_INFINITY
  let found: number | undefined
  for (const unit of units) {
    const c = cost(unit)
    if (c >= least) continue
    least = c
    found = unit
  }
  return found
}
