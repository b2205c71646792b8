import type { EventType } from './events.ts'

/** Current version of each event's shape; 1 unless named here. Apart from the schemas, which an engine needs not load. */
export const EVENT_VERSIONS: Readonly<Partial<Record<EventType, number>>> = {
  'run.recalled': 2,
}

export function eventVersion(type: EventType): number {
  return EVENT_VERSIONS[type] ?? 1
}
