import { isClosed, type Message } from './message.ts'

/**
 * The messages of a run that live state holds: every one that somebody still has to do with, and the newest. A
 * persistent list in chunks, so that a change copies a few short arrays; chunks in which all is over are let go, so
 * that a run that talks a lot does not grow. What was let go is in the log.
 */
export interface MessageLog {
  /** Messages ever sent: the newest one's number. */
  readonly count: number
  /** Oldest first; each holds `CHUNK` numbers from its first on, the last one may be shorter. */
  readonly chunks: readonly Chunk[]
}

interface Chunk {
  /** Number of its first message. */
  readonly first: number
  readonly messages: readonly Message[]
}

const CHUNK = 32
/** Closed messages kept at least, for the views. */
export const KEPT_MESSAGES = 256

export const EMPTY_LOG: MessageLog = { count: 0, chunks: [] }

/** The message's number must be `log.count + 1`. */
export function append(log: MessageLog, message: Message): MessageLog {
  if (message.number !== log.count + 1) throw new Error(`message ${message.number} follows ${log.count}`)
  const last = log.chunks.at(-1)
  const count = message.number
  if (last !== undefined && last.messages.length < CHUNK) {
    const grown = { first: last.first, messages: [...last.messages, message] }
    return { count, chunks: [...log.chunks.slice(0, -1), grown] }
  }
  const chunks = [...log.chunks, { first: count, messages: [message] }]
  return { count, chunks: chunks.length * CHUNK > KEPT_MESSAGES + CHUNK ? letGo(chunks, count) : chunks }
}

function letGo(chunks: readonly Chunk[], count: number): readonly Chunk[] {
  return chunks.filter(
    ({ first, messages }) => first + CHUNK > count - KEPT_MESSAGES || !messages.every(isClosed),
  )
}

/** Undefined for a number that was never given, or whose message has been let go. */
export function find(log: MessageLog, number: number): Message | undefined {
  const chunk = log.chunks[place(log, number)]
  return chunk?.messages[number - chunk.first]
}

/** Throws when there is no such message here. */
export function change(log: MessageLog, number: number, to: (message: Message) => Message): MessageLog {
  const at = place(log, number)
  const chunk = log.chunks[at]
  const message = chunk?.messages[number - chunk.first]
  if (chunk === undefined || message === undefined) throw new Error(`there is no message ${number}`)
  const messages = chunk.messages.with(number - chunk.first, to(message))
  return { count: log.count, chunks: log.chunks.with(at, { first: chunk.first, messages }) }
}

/** Every message that is here, oldest first. */
export function* messagesOf(log: MessageLog): Generator<Message> {
  for (const { messages } of log.chunks) yield* messages
}

/** Index of the chunk that would hold the number. */
function place(log: MessageLog, number: number): number {
  let low = 0
  let high = log.chunks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (log.chunks[middle]!.first <= number) low = middle + 1
    else high = middle
  }
  return low - 1
}
