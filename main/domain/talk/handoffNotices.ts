import { raiseAbout, resolve } from '../attention.ts'
import type { Draft } from '../draft.ts'
import type { AttentionKind } from '../events.ts'
import type { RunId } from '../ids.ts'
import type { Handoff } from './handoff.ts'
import { messagesOf } from './messageLog.ts'
import { tell } from './sending.ts'

/** Who is told what about a hand-off, and what a person is asked in place of an agent. */

/** A run that is over asks nobody. */
export function askAbout(
  draft: Draft,
  id: RunId,
  item: {
    readonly about: string
    readonly kind: AttentionKind
    readonly text: string
    readonly choices: readonly string[]
  },
): void {
  if (draft.run(id).endedAt === null) raiseAbout(draft, id, { ...item, task: null })
}

export function askPerson(draft: Draft, id: RunId, handoff: Handoff, what: string): void {
  const text = `Hand-off ${handoff.id} (${handoff.document.title}) ${what}`
  askAbout(draft, id, { about: handoff.id, kind: 'handoff', text, choices: ['transfer', 'withdraw'] })
}

/** The receiver asks something that the giver, who has ended, cannot answer. */
export function askInPlaceOfGiver(draft: Draft, id: RunId, handoff: Handoff, question: string): void {
  const text = `Hand-off ${handoff.id} (${handoff.document.title}), whose giver has ended, is asked: ${question}`
  askAbout(draft, id, { about: handoff.id, kind: 'question', text, choices: [] })
}

/** Nothing is asked about it any more. */
export function closeAsked(draft: Draft, id: RunId, name: string, choice: string): void {
  resolve(draft, id, `${name}:handoff`, choice)
  resolve(draft, id, `${name}:question`, choice)
}

export function tellOne(
  draft: Draft,
  id: RunId,
  task: number,
  handoff: Handoff,
  message: Omit<Parameters<typeof tell>[3], 'to' | 'type' | 'kind' | 'tags'>,
): void {
  const to = draft.run(id).plan.tasks[task]!.id
  // All that is said of a hand-off is one conversation.
  const about = { to, type: 'UPDATE', kind: 'handoff', thread: handoff.id } as const
  tell(draft, id, { tasks: [task], person: false }, { ...message, ...about, tags: [handoff.id] })
}

/** Who answers has handled what it was told of the hand-off so far. */
export function handleOwn(draft: Draft, id: RunId, task: number, name: string): void {
  const { tasks, talk } = draft.run(id)
  const inbox = new Set(tasks.get(task)!.inbox)
  const numbers = [...messagesOf(talk.messages)]
    .filter(({ number, kind, tags }) => kind === 'handoff' && inbox.has(number) && tags.includes(name))
    .map(({ number }) => number)
  if (numbers.length > 0) draft.emitRun(id, { type: 'message.handled', task, numbers })
}
