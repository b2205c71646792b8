import type { EventEnvelope, EventOf } from '../../domain/events.ts'
import type { RunId } from '../../domain/ids.ts'
import { runFromJson } from '../../domain/serialise.ts'
import { isHandoffEvent } from '../../domain/talk/eventGroups.ts'
import { evolveHandoffs } from '../../domain/talk/evolveHandoffs.ts'
import type { Handoff } from '../../domain/talk/handoff.ts'
import type { MessageDraft, Party } from '../../domain/talk/message.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'

/** A message with all of its words and what became of it. Receivers are ids of tasks. */
export interface SentMessage {
  readonly number: number
  readonly seq: number
  /** Engine ms. */
  readonly at: number
  readonly party: Party
  /** `compile-api#1`, `person:ann`, `engine`. */
  readonly from: string
  readonly recipients: readonly string[]
  readonly toPerson: boolean
  readonly answers: number | null
  readonly thread: string
  readonly due: number | null
  readonly draft: MessageDraft
  readonly delivered: readonly string[]
  readonly handled: readonly string[]
  readonly returned: readonly string[]
  readonly readByPerson: boolean
  readonly overdue: boolean
  /** The first answer to it. */
  readonly answer: number | null
}

/**
 * What was said in a run, from its events: live state keeps the beginning of long messages only, and lets go of old
 * ones. Works for runs that left live state, too.
 */
export class TalkLog {
  /** By number. */
  readonly messages = new Map<number, SentMessage>()
  handoffs: readonly Handoff[] = []
  #tasks: readonly string[] = []

  name(task: number): string {
    return this.#tasks[task] ?? `task ${task}`
  }

  /** The message, where the event is one. */
  add(event: EventEnvelope): SentMessage | undefined {
    const { data } = event
    switch (data.type) {
      case 'run.started':
        this.#tasks = data.plan.tasks.map(({ id }) => id)
        return undefined
      case 'run.recalled':
        this.#tasks = runFromJson(data.snapshot).plan.tasks.map(({ id }) => id)
        return undefined
      case 'message.sent':
        return this.#sent(event, data)
      case 'message.delivered':
        this.#change(data.numbers, (was) => ({ delivered: [...was.delivered, this.name(data.task)] }))
        return undefined
      case 'message.handled': {
        const { task } = data
        this.#change(data.numbers, (was) =>
          task === null ? { readByPerson: true } : { handled: [...was.handled, this.name(task)] },
        )
        return undefined
      }
      case 'message.returned':
        this.#change(data.numbers, (was) => ({ returned: [...was.returned, this.name(data.task)] }))
        return undefined
      case 'message.overdue':
        this.#change([data.number], () => ({ overdue: true }))
        return undefined
      default:
        if (isHandoffEvent(data)) this.handoffs = evolveHandoffs(this.handoffs, data, event.time)
        return undefined
    }
  }

  #sent({ seq, time }: EventEnvelope, data: EventOf<'message.sent'>): SentMessage {
    const { number, from, recipients, toPerson, answers, thread, due, draft } = data
    const message: SentMessage = {
      number,
      seq,
      at: time,
      party: from,
      from: partyName(from, (task) => this.name(task)),
      recipients: recipients.map((task) => this.name(task)),
      toPerson,
      answers,
      thread,
      due,
      draft,
      delivered: [],
      handled: [],
      returned: [],
      readByPerson: false,
      overdue: false,
      answer: null,
    }
    this.messages.set(number, message)
    if (answers !== null) this.#change([answers], (asked) => ({ answer: asked.answer ?? number }))
    return message
  }

  #change(numbers: readonly number[], to: (message: SentMessage) => Partial<SentMessage>): void {
    for (const number of numbers) {
      const message = this.messages.get(number)
      if (message !== undefined) this.messages.set(number, { ...message, ...to(message) })
    }
  }
}

export function partyName(from: Party, name: (task: number) => string): string {
  switch (from.kind) {
    case 'task':
      return `${name(from.task)}#${from.attempt}`
    case 'person':
      return `person:${from.name}`
    case 'engine':
      return 'engine'
    case 'outside':
      return `outside:${from.name}`
  }
}

const PAGE = 2_000

/** Everything said in a run so far, and the sequence number it goes to. */
export async function readTalk(center: ControlCenter, run: RunId): Promise<{ log: TalkLog; last: number }> {
  const log = new TalkLog()
  let last = 0
  for (;;) {
    const page = await center.history({ after: last, limit: PAGE, run })
    for (const event of page) {
      log.add(event)
      last = event.seq
    }
    if (page.length < PAGE) return { log, last }
  }
}
