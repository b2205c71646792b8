import type { ProjectId } from '../ids.ts'
import type { Waits } from '../locks/circle.ts'
import { waitsFor } from '../locks/table.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { Attempt, Run, State } from '../state.ts'
import { find } from './messageLog.ts'

/** The one task that `on` waits for: `m12`, a question of `task`'s, or `h3`, a hand-off it asked about. */
export function awaited(run: Run, task: number, on: string): number | undefined {
  if (on.startsWith('h')) {
    const handoff = run.talk.handoffs.find(({ id }) => id === on)
    return handoff?.to === task && handoff.state === 'clarifying' ? handoff.from : undefined
  }
  const message = find(run.talk.messages, Number(on.slice(1)))
  if (message === undefined || message.from.kind !== 'task' || message.from.task !== task) return undefined
  if (message.answer !== null || message.toPerson || message.recipients.length !== 1) return undefined
  return message.open.length === 1 ? message.open[0] : undefined
}

/**
 * Who waits for whom in a project for other reasons than locks; and of those that have not begun, whom they wait for in
 * line, where somebody waits for them or they are `asked`. For locks alone nobody does.
 */
export function talkWaits(state: State, project: ProjectId, now: number, asked?: string): Waits {
  const waits = new Map<string, readonly string[]>()
  const awaitedOnes = new Set(asked === undefined ? [] : [asked])
  for (const run of state.runs.values()) {
    if (run.project !== project || run.endedAt !== null) continue
    let task = 0
    for (const { current } of run.tasks) {
      const other = current === null ? undefined : stillAwaits(run, task, current, now)
      const target = other === undefined ? null : run.tasks.get(other)!.current
      if (target !== null) {
        const whom = holderOf(run, other!, target.n)
        waits.set(holderOf(run, task, current!.n), [whom])
        awaitedOnes.add(whom)
      }
      task++
    }
  }
  const { locks } = state.projects.get(project)!
  for (const waiter of awaitedOnes.size === 0 ? [] : locks.waiters)
    if (!waiter.begun && awaitedOnes.has(waiter.holder)) waits.set(waiter.holder, waitsFor(locks, waiter))
  return waits
}

function stillAwaits(run: Run, task: number, { awaits }: Attempt, now: number): number | undefined {
  return awaits === undefined || awaits.until <= now ? undefined : awaited(run, task, awaits.on)
}
