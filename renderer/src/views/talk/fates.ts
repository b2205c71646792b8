import type { Message } from '../../../../main/domain/talk/message.ts'

/** What became of a message with one of those it went to. */
export type Fate = 'waiting' | 'delivered' | 'handled' | 'returned'

export interface Receiver {
  /** Index in the plan; null: the person. */
  readonly task: number | null
  readonly fate: Fate
}

/** Everybody it went to; the person first. */
export function fatesOf(message: Message): readonly Receiver[] {
  const { recipients, toPerson, personOpen } = message
  const person: readonly Receiver[] = toPerson
    ? [{ task: null, fate: personOpen ? 'waiting' : 'handled' }]
    : []
  return [...person, ...recipients.map((task): Receiver => ({ task, fate: fateOf(message, task) }))]
}

function fateOf({ open, delivered, returned }: Message, task: number): Fate {
  if (returned.includes(task)) return 'returned'
  if (!open.includes(task)) return 'handled'
  return delivered.includes(task) ? 'delivered' : 'waiting'
}
