import type { DomainEvent } from '../../../../main/domain/events.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { Layout } from './layout.ts'
import type { Scene } from './scene.ts'

/** Lines lit at once, at most; what comes while all of them are is not shown. */
export const MOST_LIT = 12
/** A line is lit for so many steps, each fainter than the one before: all change together, so that few pictures are drawn. */
export const LIT_STEPS = 4
/** Of one step, ms. */
export const STEP_MS = 350
/** Of a message to many only so many ways are shown. */
const WAYS = 4

/** Between which tasks something goes with this event: the one who gives, the one who is given. */
export function waysOf(data: DomainEvent, run: Run): readonly (readonly [number, number])[] {
  switch (data.type) {
    case 'message.sent': {
      const { from, recipients } = data
      return from.kind === 'task' ? recipients.slice(0, WAYS).map((to) => [from.task, to] as const) : []
    }
    case 'handoff.initiated':
      return [[data.task, data.to]]
    case 'handoff.transferred':
    case 'handoff.acknowledged': {
      const handoff = run.talk.handoffs.find(({ id }) => id === data.id)
      if (handoff === undefined) return []
      const { from, to } = handoff
      return [data.type === 'handoff.transferred' ? [from, to] : [to, from]]
    }
    default:
      return []
  }
}

/** Lines that are lit, by the step they are in. */
export type Lighting = ReadonlyMap<string, { readonly line: string; readonly step: number }>

/** The next step: what is lit grows fainter, what is new begins; never more than `MOST_LIT`. */
export function nextStep(lit: Lighting, fresh: readonly LitLine[]): Lighting {
  const next = new Map<string, { line: string; step: number }>()
  for (const [key, { line, step }] of lit) if (step + 1 < LIT_STEPS) next.set(key, { line, step: step + 1 })
  for (const { key, line } of fresh)
    if (next.size < MOST_LIT || next.has(key)) next.set(key, { line, step: 0 })
  return next
}

export interface LitLine {
  /** The pair of units, whichever way. */
  readonly key: string
  /** SVG path. */
  readonly line: string
}

/** Finds the line between the cards of two tasks: the edge that is there, else an arc of its own. */
export function lineFinder({
  scene,
  layout,
  width,
  heights,
}: Picture): (from: number, to: number) => LitLine | undefined {
  const byPair = new Map(scene.edges.map(({ from, to }, e) => [keyOf(from, to), e] as const))
  return (from, to) => {
    const a = scene.unitOfTask[from] ?? -1
    const b = scene.unitOfTask[to] ?? -1
    if (a < 0 || b < 0 || a === b) return undefined
    const edge = byPair.get(keyOf(a, b))
    const line = edge === undefined ? arc(a, b) : layout.edges[edge]!.line
    return { key: keyOf(a, b), line }
  }

  function arc(a: number, b: number): string {
    const from = middle(a)
    const to = middle(b)
    const lean = Math.min(80, Math.hypot(to.x - from.x, to.y - from.y) / 4)
    const bend = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - lean }
    return `M${from.x} ${from.y}Q${bend.x} ${bend.y} ${to.x} ${to.y}`
  }

  function middle(unit: number): { readonly x: number; readonly y: number } {
    const { x, y } = layout.nodes[unit]!
    return { x: x + width / 2, y: y + heights[unit]! / 2 }
  }
}

export interface Picture {
  readonly scene: Scene
  readonly layout: Layout
  /** Of a card, px. */
  readonly width: number
  /** Of each unit's card, px. */
  readonly heights: readonly number[]
}

function keyOf(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`
}
