import type { EventEnvelope } from '../../../domain/events.ts'
import type { Run } from '../../../domain/state.ts'
import type { Message } from '../../../domain/talk/message.ts'
import type { Call } from '../call.ts'
import { partyName, taskNames } from '../standing.ts'

/** A message as agents read it: all of it, with names for numbers. */
export async function messageJson(call: Call, run: Run, message: Message): Promise<MessageJson> {
  const { content, payload } = message.isCut ? await wholeText(call, message) : message
  return {
    number: message.number,
    at: new Date(message.at).toISOString(),
    from: partyName(run, message.from),
    to: message.to,
    recipients: [...taskNames(run, message.recipients), ...(message.toPerson ? ['person'] : [])],
    type: message.type,
    kind: message.kind,
    priority: message.priority,
    subject: message.subject,
    content,
    payload: payload === null ? null : payloadValue(payload),
    artifacts: message.artifacts,
    dependencies: message.dependencies,
    answers: message.answers,
    thread: message.thread,
    tags: message.tags,
    beadsTaskId: message.beadsTaskId,
    ref: message.ref,
    options: message.options,
  }
}

export interface MessageJson {
  readonly number: number
  readonly at: string
  readonly from: string
  readonly to: string
  readonly recipients: readonly string[]
  readonly [field: string]: unknown
}

/** The state holds the beginning of long texts; the log has all of them. */
async function wholeText(
  call: Call,
  { seq, content, payload }: Message,
): Promise<{ readonly content: string; readonly payload: string | null }> {
  const event: EventEnvelope | undefined = await call.event(seq)
  if (event?.data.type !== 'message.sent') return { content, payload }
  return event.data.draft
}

/** The value that was sent; the text where it is none. */
function payloadValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
