import type { EventEnvelope, EventType } from './events.ts'
import { eventVersion } from './eventVersions.ts'

/** How an event of version n becomes one of version n + 1; keyed `<type>@<n>`. */
const UPCASTS: Readonly<Record<string, (data: unknown) => unknown>> = {}

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
