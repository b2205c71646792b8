import { otherWaits } from '../conflicts/waiting.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import { waitGraph } from '../locks/asking.ts'
import { circleFrom, circleWords } from '../locks/circle.ts'
import { lockTable } from '../locks/held.ts'
import { holderOf } from '../locks/taskLocks.ts'
import { planIndex } from '../plan.ts'
import type { Run } from '../state.ts'
import type { AgentCommand } from './agentCommands.ts'
import { awaited } from './talkWaits.ts'

/**
 * Agents that do nothing until another has answered. That counts where it holds one up for one other: a call of its door
 * waits for the answer to a question that went to a single task, or to what it asked about a hand-off. It ends with the
 * answer, and by itself when the call's time is up; waits for people, for several, for votes and for the checks of a
 * hand-off are none, since somebody else can end them.
 */

/** How long after a call's end its wait still counts, ms: who waits with several calls is in between two of them. */
const BETWEEN_MS = 5_000

/** An agent begins to wait, or waits on. Refused where that would close a circle. */
export function awaitAnswer(draft: Draft, command: Extract<AgentCommand, { type: 'agent.await' }>): Verdict {
  const run = draft.run(command.run)
  const { task, attempt, on } = command
  const other = awaited(run, task, on)
  if (other === undefined) return undefined
  const holder = holderOf(run, task, attempt)
  const current = run.tasks.get(other)!.current
  if (current === null) {
    if (!beginsAfter(run, other, task)) return undefined
    const [first, then] = [run.plan.tasks[task]!.id, run.plan.tasks[other]!.id]
    return reject('not-now', `waiting for it would never end: ${then} begins when ${first} is done`)
  }
  const target = holderOf(run, other, current.n)
  const graph = waitGraph(
    lockTable(draft.state, run),
    otherWaits(draft.state, run.project, draft.now, target),
  )
  const circle = circleFrom(graph, holder, [target])
  if (circle !== undefined) return reject('not-now', `waiting for it would never end: ${circleWords(circle)}`)
  const until = draft.now + command.seconds * 1_000 + BETWEEN_MS
  draft.emitRun(run.id, { type: 'agent.awaits', task, attempt, on, until })
  return undefined
}

/** Does `task` begin only when `first` is done? It needs it, also by way of others, or is of a later phase. */
function beginsAfter(run: Run, task: number, first: number): boolean {
  if (run.plan.tasks[task]!.phase > run.plan.tasks[first]!.phase) return true
  const { needs } = planIndex(run.plan)
  const found = new Set([task])
  for (const one of found) for (const need of needs[one]!) found.add(need)
  return found.has(first)
}
