import type { EventOf } from '../main/domain/events.ts'
import { isSettled, type Run } from '../main/domain/state.ts'
import type { Simulation } from './simulation.ts'
import type { Kept } from './talk.ts'

type Sent = EventOf<'message.sent'>

/** Everything wrong with what agents said to each other, by the log alone and by what they were told. */
export function talkFaults({ world, talkers }: Simulation, run: Run): readonly string[] {
  const events = world.disk.events.map(({ data }) => data)
  const sent = events.filter((data): data is Sent => data.type === 'message.sent')
  return [
    ...sent.flatMap(({ number }, i) => (number === i + 1 ? [] : [`message ${i + 1} has number ${number}`])),
    ...keptFaults(talkers?.kept ?? [], sent, world.disk.events.length),
    ...endFaults(events, sent, run),
    ...handoffFaults(events, run),
  ]
}

/** Nothing acknowledged is lost or there twice, and each sender's messages are in the order it sent them. */
function keptFaults(kept: readonly Kept[], sent: readonly Sent[], end: number): readonly string[] {
  const found: string[] = []
  const last = new Map<string, number>()
  const byRef = Map.groupBy(sent, ({ draft }) => draft.ref)
  for (const [ref, all] of byRef)
    if (ref !== null && all.length > 1) found.push(`${ref} is there ${all.length} times`)
  for (const { id, seq, command, message } of kept) {
    if (seq > end) found.push(`${id} was acknowledged at ${seq}, the log ends at ${end}`)
    if (command.type !== 'agent.send') continue
    const number = byRef.get(id)?.[0]?.number
    if (number === undefined || number !== message)
      found.push(`${id} was acknowledged as ${message}, and is ${number}`)
    const sender = `${command.task}#${command.attempt}`
    if (number !== undefined && number <= (last.get(sender) ?? 0))
      found.push(`${id} came before what was said before`)
    last.set(sender, number ?? 0)
  }
  return found
}

/** Each receiver is done with each message once, and is handed messages in their order. */
function endFaults(
  events: readonly { readonly type: string }[],
  sent: readonly Sent[],
  run: Run,
): readonly string[] {
  const found: string[] = []
  const ends = new Map<string, number>()
  const handed = new Map<number, number>()
  for (const data of events as readonly EventOf<
    'message.handled' | 'message.returned' | 'message.delivered'
  >[]) {
    if (data.type === 'message.handled' || data.type === 'message.returned') {
      for (const number of data.numbers) {
        const key = `message ${number} of ${data.task}`
        ends.set(key, (ends.get(key) ?? 0) + 1)
      }
    } else if (data.type === 'message.delivered') {
      for (const number of data.numbers) {
        if (number <= (handed.get(data.task) ?? 0))
          found.push(`${data.task} was handed ${number} out of order`)
        handed.set(data.task, number)
      }
    }
  }
  for (const { number, recipients } of sent)
    for (const task of recipients) {
      const times = ends.get(`message ${number} of ${task}`) ?? 0
      if (times !== 1 && isSettled(run.tasks.get(task)!))
        found.push(`message ${number} ended ${times} times with ${task}`)
    }
  for (const [key, times] of ends) if (times > 1) found.push(`${key} ended ${times} times`)
  return found
}

/** Who is over waits for nothing, and the checks of one initiation come to one end. */
function handoffFaults(events: readonly { readonly type: string }[], run: Run): readonly string[] {
  const open = run.talk.handoffs.filter(
    ({ state, from, to }) =>
      state !== 'completed' &&
      state !== 'withdrawn' &&
      isSettled(run.tasks.get(from)!) &&
      isSettled(run.tasks.get(to)!),
  )
  const [initiated, validated] = ['handoff.initiated', 'handoff.validated'].map(
    (type) => events.filter((data) => data.type === type).length,
  )
  return [
    ...open.map(({ id, state }) => `${id} is ${state}, and both its agents are over`),
    ...(validated! > initiated! ? [`${validated} checks of ${initiated} hand-offs`] : []),
  ]
}
