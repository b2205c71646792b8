import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'
import { find } from '../talk/messageLog.ts'
import { currentHolder, type TalkWait, talkWaitsOf } from '../talk/talkWaits.ts'
import { heldFor } from './waiting.ts'

/** An agent at work that waits for another, not for a lock. Those for locks are in the table (locks/table.ts). */
export interface AgentWait {
  /** Who waits. */
  readonly holder: string
  readonly whom: string
  readonly kind: 'answer' | 'handoff' | 'conflict'
  /** `m12`, `h3` or `c7`, as commands name it. */
  readonly about: string
  /** For people, not empty: the question, the hand-off's summary, the conflict in a sentence. */
  readonly text: string
  /** Engine ms. */
  readonly since: number
  /** When it ends by itself, engine ms; null where it lasts as long as whom it waits for. */
  readonly until: number | null
}

/**
 * Who waits in a project for an answer, for what was asked about a hand-off, or until another is over by the settlement
 * of a conflict. `now`, engine ms: waits that have had their time are left out.
 */
export function waitsOf(state: State, project: ProjectId, now: number): readonly AgentWait[] {
  const record = state.projects.get(project)
  if (record === undefined) return []
  const held = heldFor(state, record).map(({ holder, keep, conflict }): AgentWait => {
    const { id, text, resolution } = conflict
    const since = resolution!.at
    return { holder, whom: keep, kind: 'conflict', about: id, text, since, until: null }
  })
  return [...talkWaitsOf(state, project, now).map(worded), ...held]
}

const MOST_TEXT = 200

function worded({ run, task, other, on, until }: TalkWait): AgentWait {
  const at = { holder: currentHolder(run, task), whom: currentHolder(run, other), about: on, until }
  if (on.startsWith('h')) {
    const { clarifications, since } = run.talk.handoffs.find(({ id }) => id === on)!
    const question = clarifications.findLast(({ answer }) => answer === null)?.question ?? ''
    return { ...at, kind: 'handoff', text: short(question, on), since }
  }
  const message = find(run.talk.messages, Number(on.slice(1)))!
  const text = short(message.subject === '' ? message.content : message.subject, on)
  return { ...at, kind: 'answer', text, since: message.at }
}

function short(text: string, otherwise: string): string {
  const line = text.trim().split('\n', 1)[0]!
  if (line === '') return otherwise
  return line.length > MOST_TEXT ? `${line.slice(0, MOST_TEXT - 1)}…` : line
}
