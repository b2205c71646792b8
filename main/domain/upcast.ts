import type { EventEnvelope, EventType } from './events.ts'
import { eventVersion } from './eventVersions.ts'
import { EMPTY_TALK } from './talk/talk.ts'

/** How an event of version n becomes one of version n + 1; keyed `<type>@<n>`. */
const UPCASTS: Readonly<Record<string, (data: unknown) => unknown>> = {
  // Version 2 of a run's snapshot knows what is being said in the run.
  'run.recalled@1': withTalk,
}

/** An event as stored by any earlier release, in today's shape. Throws for one from a later release. */
export function upcast(stored: EventEnvelope): EventEnvelope {
  const wanted = eventVersion(stored.type as EventType)
  if (stored.version === wanted) return stored
  if (stored.version > wanted) {
    throw new Error(
      `event ${stored.seq} (${stored.type}, version ${stored.version}) is newer than this program`,
    )
  }
  let data: unknown = stored.data
  for (let version = stored.version; version < wanted; version++) {
    const step = UPCASTS[`${stored.type}@${version}`]
    if (step === undefined) throw new Error(`no upcast for ${stored.type} from version ${version}`)
    data = step(data)
  }
  return { ...stored, version: wanted, data: data as EventEnvelope['data'] }
}

interface RecalledAt1 {
  readonly snapshot: {
    readonly tasks: readonly { readonly current: object | null }[]
    readonly attention: readonly object[]
  }
}

function withTalk(data: unknown): unknown {
  const before = data as RecalledAt1
  const { snapshot } = before
  const tasks = snapshot.tasks.map((task) => ({
    ...task,
    inbox: [],
    current:
      task.current === null ? null : { ...task.current, progress: null, checked: [], checkpoint: null },
  }))
  const attention = snapshot.attention.map((item) => ({ ...item, about: null }))
  return { ...before, snapshot: { ...snapshot, tasks, attention, talk: EMPTY_TALK } }
}
