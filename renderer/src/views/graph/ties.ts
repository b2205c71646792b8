import type { Conflict } from '../../../../main/domain/conflicts/conflict.ts'
import { liveAttempt } from '../../../../main/domain/conflicts/parties.ts'
import type { Lock } from '../../../../main/domain/locks/lock.ts'
import type { Run, State } from '../../../../main/domain/state.ts'
import { lockWaits } from '../locks/waits.ts'
import type { Point } from './layout.ts'
import type { Picture } from './lit.ts'

/** What ties two tasks of a run together at this moment that is no need: a conflict, or a lock. Numbers index the plan. */
export interface Tie {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly of:
    | { readonly kind: 'conflict'; readonly conflict: Conflict }
    | { readonly kind: 'lock'; readonly over: readonly Lock[]; readonly holds: boolean }
}

/** More lines than this say nothing any more; conflicts come first. */
const MOST = 60

export function tiesOf(state: State | undefined, run: Run): readonly Tie[] {
  const project = state?.projects.get(run.project)
  if (state === undefined || project === undefined) return NONE
  const taskOf = (holder: string): number | undefined => {
    const live = liveAttempt(state, holder)
    return live?.run.id === run.id ? live.task : undefined
  }
  const ties: Tie[] = []
  for (const conflict of project.conflicts) {
    if (conflict.resolution !== null) continue
    const [first, ...others] = conflict.parties.flatMap((holder) => taskOf(holder) ?? [])
    for (const to of others)
      ties.push({
        key: `${conflict.id} ${to}`,
        from: first!,
        to,
        of: { kind: 'conflict', conflict },
      })
  }
  const { agents, edges } = lockWaits(project.locks)
  for (const { from, to, over, holds } of edges) {
    const [a, b] = [taskOf(agents[from]!.holder), taskOf(agents[to]!.holder)]
    if (a === undefined || b === undefined) continue
    ties.push({ key: `${a}>${b}`, from: a, to: b, of: { kind: 'lock', over, holds } })
  }
  return ties.length === 0 ? NONE : ties.slice(0, MOST)
}

const NONE: readonly Tie[] = []

/** Length and half height of an arrow's head, px. */
const HEAD = 7
const HALF = 4
/** How far a line between two cards of one column stands out beside them, px; and how much farther the next one. */
const OUT = 30
const OUT_STEP = 28
const MOST_STEPS = 2

export interface TieLine {
  /** SVG path of the line, and of the head at the second card; empty without one. */
  readonly line: string
  readonly head: string
  readonly middle: Point
  /** Where its name stands: nearer to the second card, of which it says what that waits for. */
  readonly name: Point
  /** It stands out beside two cards of one column. */
  readonly isBeside: boolean
}

/**
 * How far out each line stands that goes between two cards of one column, so that those beside the same cards can be
 * told apart: the longer the farther. Others have 0.
 */
export function stepsOut(
  { layout, width, heights }: Picture,
  ends: readonly (readonly [from: number, to: number])[],
): readonly number[] {
  const steps = ends.map(() => 0)
  const beside = ends.flatMap(([from, to], i) => {
    const [a, b] = [layout.nodes[from]!, layout.nodes[to]!]
    if (Math.abs(a.x - b.x) >= width) return []
    const [one, other] = [a.y + heights[from]! / 2, b.y + heights[to]! / 2]
    return [{ i, x: Math.max(a.x, b.x), top: Math.min(one, other), bottom: Math.max(one, other) }]
  })
  const placed: typeof beside = []
  for (const line of beside.toSorted((a, b) => a.bottom - a.top - (b.bottom - b.top))) {
    const near = placed.filter(
      ({ x, top, bottom }) => Math.abs(x - line.x) < width && top < line.bottom && line.top < bottom,
    )
    const taken = new Set(near.map(({ i }) => steps[i]))
    let step = 0
    while (step < MOST_STEPS && taken.has(step)) step += 1
    steps[line.i] = step
    placed.push(line)
  }
  return steps
}

/** From the side of one unit's card to the side of another's; beside them where one stands above the other. */
export function lineBetween(
  { layout, width, heights }: Picture,
  from: number,
  to: number,
  headed: boolean,
  step = 0,
): TieLine {
  const head = headed ? HEAD : 0
  const a = box(from)
  const b = box(to)
  if (a.right <= b.left) return across({ x: a.right, y: a.y }, { x: b.left, y: b.y }, 1, head)
  if (b.right <= a.left) return across({ x: a.left, y: a.y }, { x: b.right, y: b.y }, -1, head)
  const out = Math.max(a.right, b.right) + OUT + step * OUT_STEP
  const end = { x: b.right, y: b.y }
  return {
    line: `M${a.right} ${a.y}C${out} ${a.y} ${out} ${b.y} ${b.right + head} ${b.y}`,
    head: headed ? headAt(end, -1) : '',
    middle: { x: (a.right + b.right) / 8 + (out * 6) / 8, y: (a.y + b.y) / 2 },
    name: { x: (a.right + b.right) / 4 + out / 2, y: a.y + (b.y - a.y) * 0.75 },
    isBeside: true,
  }

  function box(unit: number) {
    const { x, y } = layout.nodes[unit]!
    return { left: x, right: x + width, y: y + heights[unit]! / 2 }
  }
}

function across(start: Point, end: Point, sign: 1 | -1, head: number): TieLine {
  const tip = end.x - sign * head
  const reach = Math.max(16, Math.abs(tip - start.x) / 2) * sign
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }
  return {
    line: `M${start.x} ${start.y}C${start.x + reach} ${start.y} ${tip - reach} ${end.y} ${tip} ${end.y}`,
    head: head > 0 ? headAt(end, sign) : '',
    middle,
    name: middle,
    isBeside: false,
  }
}

/** Pointing right at its tip, or left. */
function headAt({ x, y }: Point, sign: 1 | -1): string {
  const back = x - sign * HEAD
  return `M${back} ${y - HALF}L${x} ${y}L${back} ${y + HALF}Z`
}
