import type Database from 'better-sqlite3'
import { z } from 'zod'
import { commandId, type RunId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { isTopic } from '../domain/talk/address.ts'
import { messageDraftSchema } from '../domain/talk/message.ts'
import type { Bus, BusEngine, BusRecord } from '../engine/ports/bus.ts'
import type { Store } from '../engine/ports/store.ts'
import { Inbox } from './inbox.ts'
import { Outbox } from './outbox.ts'

export interface ConnectedBus {
  /** What does not work now, in words; null while all is well. */
  trouble(): string | null
  close(): Promise<void>
}

/** What somebody outside puts on a topic; records of our own look otherwise and name their origin. */
const bodySchema = z.object({
  origin: z.string().optional(),
  /** The run it is for; all live runs that listen where it is missing. */
  run: z.string().min(1).optional(),
  from: z.string().min(1).max(200),
  message: messageDraftSchema.omit({ to: true }),
})

/**
 * Connects the engine to a bus: what the log says goes out on its topics, and what comes in on a topic that agents of
 * a live run have joined becomes a message to them.
 */
export async function connectBus(parts: {
  readonly bus: Bus
  readonly db: Database.Database
  readonly engine: BusEngine
  readonly store: Store
  /** The installation's id. */
  readonly origin: string
  readonly log: (line: string) => void
}): Promise<ConnectedBus> {
  const { bus, db, engine, store, origin, log } = parts
  let trouble: string | null = null
  const source = {
    get state() {
      return engine.state
    },
    read: (after: number, limit: number) => store.read({ after, limit }),
    onPublish: (listener: Parameters<BusEngine['onPublish']>[0]) =>
      engine.onPublish((events, state) => listener(events, state)),
  }
  const onTrouble = (reason: string | null): void => {
    if (reason !== null && trouble === null) log(`the ${bus.kind} bus does not take records: ${reason}`)
    trouble = reason
  }
  const outbox = Outbox.open({ bus, db, source, origin, onTrouble }, await store.lastSeq())
  const inboxes = new Map<string, Promise<Inbox>>()
  const follow = (state: State): void => {
    const wanted = joinedTopics(state)
    for (const topic of wanted) {
      if (inboxes.has(topic)) continue
      const take = (record: BusRecord): Promise<void> => takeIn(engine, origin, record, log)
      const opened = Inbox.open({ bus, db, topic, group: `amphitheatre-${origin}`, take })
      opened.catch((error: Error) => {
        inboxes.delete(topic)
        log(`${topic} cannot be listened to: ${error.message}`)
      })
      inboxes.set(topic, opened)
    }
    for (const [topic, inbox] of inboxes) {
      if (wanted.has(topic)) continue
      inboxes.delete(topic)
      void inbox.then((open) => open.close()).catch(() => undefined)
    }
  }
  const off = engine.onPublish((events, state) => {
    if (events.some(({ type }) => CHANGING.has(type))) follow(state)
  })
  follow(engine.state)
  return {
    trouble: () => (trouble === null ? null : `The ${bus.kind} bus does not take records: ${trouble}`),
    close: async () => {
      off()
      await outbox.close()
      const open = await Promise.allSettled(inboxes.values())
      for (const inbox of open) if (inbox.status === 'fulfilled') await inbox.value.close()
      await bus.close()
    },
  }
}

const CHANGING: ReadonlySet<string> = new Set([
  'channel.joined',
  'channel.left',
  'run.settled',
  'run.retired',
])

function joinedTopics(state: State): ReadonlySet<string> {
  const topics = new Set<string>()
  for (const run of state.runs.values()) {
    if (run.endedAt !== null) continue
    for (const [channel, members] of Object.entries(run.talk.channels))
      if (members.length > 0 && isTopic(channel)) topics.add(channel)
  }
  return topics
}

/** Rejects only where trying again can help: what nobody can read would block its key for ever. */
async function takeIn(
  engine: BusEngine,
  origin: string,
  record: BusRecord,
  log: (line: string) => void,
): Promise<void> {
  const parsed = parseBody(record.body)
  if (parsed === undefined) {
    log(`record ${record.id} on ${record.topic} is not understood and was passed over`)
    return
  }
  if (parsed.origin === origin) return
  const message = { ...parsed.message, to: record.topic }
  for (const run of listeners(engine.state, record.topic, parsed.run)) {
    const command = { type: 'outside.send', run, name: parsed.from, message } as const
    await engine.dispatch(
      command,
      `outside:${parsed.from}`,
      commandId(`bus:${record.topic}:${record.id}:${run}`),
    )
  }
}

function parseBody(body: string): z.infer<typeof bodySchema> | undefined {
  try {
    const parsed = bodySchema.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

function listeners(state: State, topic: string, wanted: string | undefined): readonly RunId[] {
  return [...state.runs.values()]
    .filter((run) => run.endedAt === null && (wanted === undefined || run.id === wanted))
    .filter((run) => Object.hasOwn(run.talk.channels, topic) && run.talk.channels[topic]!.length > 0)
    .map(({ id }) => id)
}
