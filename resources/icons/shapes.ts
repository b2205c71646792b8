import type { Colour } from './png.ts'

/** A shape as a function: is this point in it? Points are on a grid of 16 by 16, as the look's glyphs are. */
export type Shape = (x: number, y: number) => boolean

export const CLEAR: Colour = [0, 0, 0, 0]

/** `#4fc3f7`. */
export function colour(hex: string): Colour {
  const at = (from: number): number => Number.parseInt(hex.slice(from, from + 2), 16) / 255
  return [at(1), at(3), at(5), 1]
}

export function disc(x: number, y: number, radius: number): Shape {
  return (px, py) => Math.hypot(px - x, py - y) <= radius
}

/** Part of a ring; angles in turns, clockwise from the top. */
export function arc(x: number, y: number, radius: number, width: number, from = 0, to = 1): Shape {
  const ends = [from, to].map((turn) => {
    const angle = turn * 2 * Math.PI
    return disc(x + radius * Math.sin(angle), y - radius * Math.cos(angle), width / 2)
  })
  return (px, py) => {
    const turn = (Math.atan2(px - x, y - py) / (2 * Math.PI) + 1) % 1
    const inside = to - from >= 1 || (turn - from + 1) % 1 <= (to - from + 1) % 1
    if (inside) return Math.abs(Math.hypot(px - x, py - y) - radius) <= width / 2
    return ends.some((end) => end(px, py))
  }
}

/** A line with round ends. */
export function line(x1: number, y1: number, x2: number, y2: number, width: number): Shape {
  const [dx, dy] = [x2 - x1, y2 - y1]
  const length = dx * dx + dy * dy
  return (px, py) => {
    const along = length === 0 ? 0 : ((px - x1) * dx + (py - y1) * dy) / length
    const t = Math.max(0, Math.min(1, along))
    return Math.hypot(px - x1 - t * dx, py - y1 - t * dy) <= width / 2
  }
}

/** A triangle that stands on its side, corners rounded. */
export function triangle(top: number, bottom: number, halfWidth: number, round: number): Shape {
  const corners = [
    [8, top + round],
    [8 - halfWidth + round, bottom - round],
    [8 + halfWidth - round, bottom - round],
  ] as const
  const edges = corners.map((corner, index) => {
    const next = corners[(index + 1) % 3]!
    return line(corner[0], corner[1], next[0], next[1], round * 2)
  })
  return (px, py) => edges.some((edge) => edge(px, py)) || inside(corners, px, py)
}

function inside(corners: readonly (readonly [number, number])[], x: number, y: number): boolean {
  const signs = corners.map(([ax, ay], index) => {
    const [bx, by] = corners[(index + 1) % corners.length]!
    return Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax))
  })
  return signs.every((sign) => sign >= 0) || signs.every((sign) => sign <= 0)
}

/** A square with rounded corners. */
export function plate(from: number, to: number, round: number): Shape {
  return (px, py) => {
    const dx = Math.max(from + round - px, px - (to - round), 0)
    const dy = Math.max(from + round - py, py - (to - round), 0)
    return Math.hypot(dx, dy) <= round
  }
}

export const both =
  (...shapes: readonly Shape[]): Shape =>
  (x, y) =>
    shapes.some((shape) => shape(x, y))

export const without =
  (shape: Shape, hole: Shape): Shape =>
  (x, y) =>
    shape(x, y) && !hole(x, y)
