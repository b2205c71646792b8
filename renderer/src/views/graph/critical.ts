import { criticalPath } from '../../../../main/domain/graph.ts'
import type { Run } from '../../../../main/domain/state.ts'

/** What the critical path of a run depends on, small enough to send to a worker. */
export interface CriticalInput {
  /** By task: its phase, its needs, and how long it took or is taken to take, ms. */
  readonly phase: readonly number[]
  readonly needs: readonly (readonly number[])[]
  readonly weights: readonly number[]
}

/** Taken for a task when none of the run has been measured, ms. */
const UNKNOWN_MS = 1_000

/** Measured where done; the others as long as the measured ones are on average. */
export function weightsOf(run: Run): readonly number[] {
  const measured = [...run.tasks].map(({ outcome, past }) => {
    const last = past.at(-1)
    if (outcome === null) return undefined
    // What was skipped or never began took no time.
    return last?.startedAt == null ? 0 : last.endedAt - last.startedAt
  })
  const known = measured.filter((ms) => ms !== undefined && ms > 0) as number[]
  const mean = known.length === 0 ? UNKNOWN_MS : known.reduce((sum, ms) => sum + ms, 0) / known.length
  return measured.map((ms) => ms ?? mean)
}

/**
 * The longest chain from the beginning to the end, as tasks in order. A phase waits for all of the one before: between
 * phases the chain goes through a node that stands for that.
 */
export function criticalTasks({ phase, needs, weights }: CriticalInput): readonly number[] {
  const edges = new Map<string, readonly string[]>()
  const phases = phase.reduce((most, p) => Math.max(most, p + 1), 0)
  const before: string[][] = Array.from({ length: phases }, (_, p) => (p === 0 ? [] : [`after ${p - 1}`]))
  phase.forEach((p, i) => {
    before[p]!.push(`${i}`)
    const own = needs[i]!.map(String)
    edges.set(`${i}`, p === 0 ? own : [...own, `after ${p - 1}`])
  })
  before.forEach((members, p) => {
    edges.set(`after ${p}`, members)
  })
  const nodes = [...phase.map((_, i) => `${i}`), ...before.map((_, p) => `after ${p}`)]
  const { path } = criticalPath(nodes, edges, (node) => weights[Number(node)] ?? 0)
  return path.flatMap((node) => (node.startsWith('after') ? [] : [Number(node)]))
}
