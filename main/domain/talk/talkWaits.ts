import type { ProjectId } from '../ids.ts'
import type { Waits } from '../locks/circle.ts'
import { waitsFor } from '../locks/table.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { Run, State } from '../state.ts'
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

/** One that does nothing until another has answered. */
export interface TalkWait {
  readonly run: Run
  readonly task: number
  /** Whom it waits for: a task that has an attempt under way. */
  readonly other: number
  /** `m12`, a question; `h3`, a hand-off it asked about. */
  readonly on: string
  /** It waits no longer than this, engine ms. */
  readonly until: number
}

/** Agents of a project that wait for what another says. `now`: engine ms. */
export function talkWaitsOf(state: State, project: ProjectId, now: number): readonly TalkWait[] {
  const waits: TalkWait[] = []
  for (const run of state.runs.values()) {
    if (run.project !== project || run.endedAt !== null) continue
    let task = 0
    for (const { current } of run.tasks) {
      const awaits = current?.awaits
      const other = awaits === undefined || awaits.until <= now ? undefined : awaited(run, task, awaits.on)
      if (other !== undefined && run.tasks.get(other)!.current !== null)
        waits.push({ run, task, other, ...awaits! })
      task++
    }
  }
  return waits
}

/**
 * Who waits for whom in a project for other reasons than locks; and of those that have not begun, whom they wait for in
 * line, where somebody waits for them or they are `asked`. For locks alone nobody does.
 */
export function talkWaits(state: State, project: ProjectId, now: number, asked?: string): Waits {
  const waits = new Map<string, readonly string[]>()
  const awaitedOnes = new Set(asked === undefined ? [] : [asked])
  for (const { run, task, other } of talkWaitsOf(state, project, now)) {
    const whom = currentHolder(run, other)
    waits.set(currentHolder(run, task), [whom])
    awaitedOnes.add(whom)
  }
  const { locks } = state.projects.get(project)!
  for (const waiter of awaitedOnes.size === 0 ? [] : locks.waiters)
    if (!waiter.begun && awaitedOnes.has(waiter.holder)) waits.set(waiter.holder, waitsFor(locks, waiter))
  return waits
}

export function currentHolder(run: Run, task: number): string {
  return holderOf(run, task, run.tasks.get(task)!.current!.n)
}
