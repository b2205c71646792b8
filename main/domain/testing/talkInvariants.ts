import type { DomainEvent, EventOf } from '../events.ts'
import { isSettled, type Run } from '../state.ts'
import { HANDOFF_ARROWS, isOpen } from '../talk/handoff.ts'
import { find, messagesOf } from '../talk/messageLog.ts'
import type { Observer } from './driver.ts'

/** What has to hold of a conversation after every event; each throws with what is wrong. */

/** Inboxes are what the messages say is open, in their order. */
function checkInboxes(run: Run): void {
  const all = [...messagesOf(run.talk.messages)]
  run.plan.tasks.forEach(({ id }, task) => {
    const open = all.filter((message) => message.open.includes(task)).map(({ number }) => number)
    const { inbox } = run.tasks.get(task)!
    if (inbox.join() !== open.join()) throw new Error(`${id} has ${inbox.join()}, open are ${open.join()}`)
  })
  const open = all.filter(({ personOpen }) => personOpen).map(({ number }) => number)
  if (run.talk.personInbox.join() !== open.join())
    throw new Error(`the person has ${run.talk.personInbox.join()}`)
}

/** Keeps account of every message from one end to the other. `seen` collects the arrows of hand-offs. */
export class Account {
  readonly seen = new Set<string>()
  /** How often each message came to an end with each of its receivers. */
  readonly #ends = new Map<string, number>()
  readonly #sent: EventOf<'message.sent'>[] = []
  /** The last message each task was handed. */
  readonly #handed = new Map<number, number>()

  readonly observe: Observer = (before, { data, run: id }, after) => {
    const [was, is] = [before.runs.get(id!), after.runs.get(id!)]
    if (was === undefined || is === undefined) return
    this.#note(was, data)
    if (was.talk.handoffs !== is.talk.handoffs) this.#handoffs(was, is)
    if (was.talk.messages !== is.talk.messages) answersStay(was, is)
    checkInboxes(is)
  }

  #note(run: Run, data: DomainEvent): void {
    if (data.type === 'message.sent') {
      this.#sent.push(data)
      if (data.number !== this.#sent.length)
        throw new Error(`message ${data.number} is the ${this.#sent.length}th`)
      const over = data.recipients.find((task) => run.tasks.get(task)!.outcome !== null)
      if (over !== undefined) throw new Error(`message ${data.number} went to ${over}, which is over`)
    } else if (data.type === 'message.delivered') {
      for (const number of data.numbers) {
        if (number <= (this.#handed.get(data.task) ?? 0))
          throw new Error(`${data.task} was handed ${number} too late`)
        this.#handed.set(data.task, number)
      }
    } else if (data.type === 'message.handled' || data.type === 'message.returned') {
      for (const number of data.numbers) this.#end(number, data.task)
    }
  }

  #end(number: number, task: number | null): void {
    const key = `message ${number} of ${task ?? 'the person'}`
    if (this.#ends.has(key)) throw new Error(`${key} ended twice`)
    this.#ends.set(key, 1)
  }

  #handoffs(was: Run, is: Run): void {
    is.talk.handoffs.forEach(({ id, state }, i) => {
      const from = was.talk.handoffs[i]?.state
      if (from === state) return
      if (from !== undefined && !HANDOFF_ARROWS[from].includes(state))
        throw new Error(`${id}: ${from} → ${state}`)
      this.seen.add(`${from ?? ''} → ${state}`)
    })
  }

  /** When nothing is left to happen: who is over is done with everything that was sent to it. */
  checkEnd(run: Run): void {
    for (const { number, recipients } of this.#sent)
      for (const task of recipients)
        if (isSettled(run.tasks.get(task)!) && !this.#ends.has(`message ${number} of ${task}`))
          throw new Error(`message ${number} never ended with ${task}`)
    if (run.endedAt === null) return
    const asked = run.attention.find(({ about, kind }) => about !== null && kind !== 'p0-message')
    if (asked !== undefined) throw new Error(`${run.id} is over and still asks ${asked.id}`)
    const handoff = run.talk.handoffs.find(isOpen)
    if (handoff !== undefined) throw new Error(`${run.id} is over and ${handoff.id} is ${handoff.state}`)
    const ballot = run.talk.ballots.find(({ closed }) => closed === null)
    if (ballot !== undefined) throw new Error(`${run.id} is over and ${ballot.id} is open`)
  }
}

/** The first answer is the answer. */
function answersStay(was: Run, is: Run): void {
  for (const message of messagesOf(is.talk.messages)) {
    const before = find(was.talk.messages, message.number)
    if (before !== undefined && before.answer !== null && before.answer !== message.answer)
      throw new Error(`message ${message.number} was answered by ${before.answer}, then by ${message.answer}`)
  }
}
