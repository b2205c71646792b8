import { attemptId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'

/** Terminals opened by themselves at once. */
const FOLLOWED = 4

export interface OpenTerminal {
  readonly task: string
  /** Opened by itself and not touched since. */
  readonly auto: boolean
}

export interface FollowStep {
  readonly task: string
  /** Takes the place of this one, which is over. */
  readonly instead: string | undefined
}

/**
 * Which terminals to open so that up to FOLLOWED agents at work are in sight: the longest at work first. One that was
 * opened by itself gives its place up once its agent is over; `dismissed` attempts were closed by the person.
 */
export function followBusy(
  run: Run,
  open: readonly OpenTerminal[],
  dismissed: ReadonlySet<string>,
): readonly FollowStep[] {
  const working: { readonly task: string; readonly at: number; readonly attempt: string }[] = []
  run.plan.tasks.forEach(({ id }, index) => {
    const { current } = run.tasks.get(index)!
    if (current === null || current.startedAt === null || current.exitedAt !== null) return
    working.push({ task: id, at: current.startedAt, attempt: attemptId(run.id, id, current.n) })
  })
  const atWork = new Set(working.map(({ task }) => task))
  const shown = new Set(open.map(({ task }) => task))
  const places = FOLLOWED - open.filter(({ task }) => atWork.has(task)).length
  const free = open.filter(({ task, auto }) => auto && !atWork.has(task)).map(({ task }) => task)
  return working
    .filter(({ task, attempt }) => !shown.has(task) && !dismissed.has(attempt))
    .sort((a, b) => a.at - b.at)
    .slice(0, Math.max(0, places))
    .map(({ task }) => ({ task, instead: free.shift() }))
}
