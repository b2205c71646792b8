import type { Layering } from './layers.ts'
import type { LayoutInput, Point, Route } from './layout.ts'
import type { Placed } from './placing.ts'

/** Length and half height of an arrow's head. */
const HEAD = 7
const HALF = 4

export function routeEdges(input: LayoutInput, layering: Layering, placed: Placed): readonly Route[] {
  return input.edges.map(({ from, to }, e) => {
    const chain = layering.chains[e]
    const sameColumn = layering.layerOf[from] === layering.layerOf[to]
    if (chain === undefined) return around(input, placed, from, to, sameColumn)
    return sameColumn ? down(input, placed, from, to) : across(input, layering, placed, chain)
  })
}

/** From the right of the source to the left of the target, through the bends, in the gaps between rows. */
function across(input: LayoutInput, layering: Layering, placed: Placed, chain: readonly number[]): Route {
  const { sizes } = input
  const [from, to] = [chain[0]!, chain.at(-1)!]
  const end: Point = { x: placed.lefts[to]!, y: middleOf(placed, to) }
  const pen = new Pen({ x: placed.lefts[from]! + sizes.width, y: middleOf(placed, from) })
  const sourceLayer = layering.layerOf[from]!
  if (placed.column[from]! < layering.layers[sourceLayer]!.columns - 1) {
    const gap = placed.rowBottom[from]! + sizes.rowGap / 3
    pen.curve({ x: pen.at.x + sizes.columnGap / 2, y: gap })
    pen.straight({ x: placed.layerRight[sourceLayer]!, y: gap })
  }
  for (const bend of chain.slice(1, -1)) {
    const layer = layering.layerOf[bend]!
    const y = placed.tops[bend]!
    pen.curve({ x: placed.layerLeft[layer]!, y })
    pen.straight({ x: placed.layerRight[layer]!, y })
  }
  const targetLayer = layering.layerOf[to]!
  if (placed.column[to]! > 0) {
    const gap = placed.rowTop[to]! - sizes.rowGap / 3
    pen.curve({ x: placed.layerLeft[targetLayer]!, y: gap })
    pen.straight({ x: end.x - sizes.columnGap / 2, y: gap })
  }
  pen.curve({ x: end.x - HEAD + 1, y: end.y })
  return pen.route(rightHead(end))
}

function down({ sizes }: LayoutInput, placed: Placed, from: number, to: number): Route {
  const x = placed.lefts[from]! + sizes.width / 2
  const end = { x, y: placed.tops[to]! }
  const pen = new Pen({ x, y: placed.tops[from]! + placed.heights[from]! })
  pen.straight({ x, y: end.y - HEAD + 1 })
  const head = `M${x - HALF} ${end.y - HEAD}L${x} ${end.y}L${x + HALF} ${end.y - HEAD}Z`
  return pen.route(head)
}

/** Against the order: out on the right and back, beside the cards or below them. */
function around(
  { sizes }: LayoutInput,
  placed: Placed,
  from: number,
  to: number,
  sameColumn: boolean,
): Route {
  const start = { x: placed.lefts[from]! + sizes.width, y: middleOf(placed, from) }
  const y = middleOf(placed, to)
  if (sameColumn) {
    const x = placed.lefts[to]! + sizes.width
    const out = Math.max(start.x, x) + sizes.columnGap
    const line = `M${start.x} ${start.y}C${out} ${start.y} ${out} ${y} ${x + HEAD - 1} ${y}`
    const head = `M${x + HEAD} ${y - HALF}L${x} ${y}L${x + HEAD} ${y + HALF}Z`
    const middle = { x: (start.x + x) / 8 + (out * 6) / 8, y: (start.y + y) / 2 }
    return { line, head, middle, nearEnd: middle }
  }
  const end = { x: placed.lefts[to]!, y }
  const below = Math.max(placed.rowBottom[from]!, placed.rowBottom[to]!) + sizes.rowGap / 2
  const pen = new Pen(start)
  const out = sizes.columnGap / 2
  pen.loop({ x: start.x, y: below }, start.x + out)
  pen.straight({ x: end.x, y: below })
  pen.loop({ x: end.x - HEAD + 1, y: end.y }, end.x - out)
  const middle = { x: (start.x + end.x) / 2, y: below }
  return { ...pen.route(rightHead(end)), middle, nearEnd: middle }
}

function middleOf(placed: Placed, vertex: number): number {
  return placed.tops[vertex]! + placed.heights[vertex]! / 2
}

function rightHead({ x, y }: Point): string {
  return `M${x - HEAD} ${y - HALF}L${x} ${y}L${x - HEAD} ${y + HALF}Z`
}

/** Draws a line piece by piece; every piece begins and ends level. */
class Pen {
  at: Point
  readonly #from: Point
  #line: string
  /** Where the last piece began. */
  #last: Point

  constructor(start: Point) {
    this.at = start
    this.#from = start
    this.#last = start
    this.#line = `M${start.x} ${start.y}`
  }

  straight(to: Point): void {
    this.#line += `L${to.x} ${to.y}`
    this.#last = this.at
    this.at = to
  }

  curve(to: Point): void {
    const { x, y } = this.at
    if (y === to.y) {
      this.straight(to)
      return
    }
    const reach = Math.max(12, Math.min(64, (to.x - x) / 2))
    this.#line += `C${x + reach} ${y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`
    this.#last = this.at
    this.at = to
  }

  /** Through `x`, turning back. */
  loop(to: Point, x: number): void {
    this.#line += `C${x} ${this.at.y} ${x} ${to.y} ${to.x} ${to.y}`
    this.#last = this.at
    this.at = to
  }

  route(head: string): Route {
    return {
      line: this.#line,
      head,
      middle: between(this.#from, this.at),
      nearEnd: between(this.#last, this.at),
    }
  }
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}
