import type Database from 'better-sqlite3'
import type { Bus, BusAddress, BusHandler, BusRecord, BusSubscription } from '../engine/ports/bus.ts'
import { Group } from './group.ts'

const INSERT = `INSERT INTO records (topic, id, key, n, time, body) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (topic, id) DO NOTHING`
/** Parameters: the oldest moment to keep, how many at once. What a group has not taken stays whatever its age. */
const PRUNE = `DELETE FROM records WHERE position IN (
  SELECT position FROM records r WHERE time < ?
    AND NOT EXISTS (SELECT 1 FROM groups g WHERE g.topic = r.topic AND g.low < r.position)
  ORDER BY time LIMIT ?)`
const PRUNE_STEP = 2_000
const WEEK_MS = 7 * 24 * 3_600_000

export interface EmbeddedBus extends Bus {
  /** Deletes a little of what everybody has taken and is older than a week. `now`: ms since 1970. */
  prune(now: number): void
}

/** A bus in this process, on a file of the data folder: needs nothing else and loses nothing. */
export function createEmbeddedBus(db: Database.Database): EmbeddedBus {
  const insert = db.prepare(INSERT)
  const prune = db.prepare(PRUNE)
  const groups = new Map<string, Group>()
  const insertAll = db.transaction((records: readonly BusRecord[]) => {
    for (const { topic, id, key, n, time, body } of records) insert.run(topic, id, key, n, time, body)
  })

  function groupOf(address: BusAddress): Group {
    const name = `${address.topic}\n${address.group}`
    let group = groups.get(name)
    if (group === undefined) {
      group = new Group(db, address)
      groups.set(name, group)
    }
    return group
  }

  return {
    kind: 'embedded',
    publish: async (records) => {
      if (records.length === 0) return
      insertAll(records)
      const topics = new Set(records.map(({ topic }) => topic))
      for (const group of groups.values()) if (topics.has(group.topic)) group.wake()
    },
    subscribe: async (address: BusAddress, handler: BusHandler): Promise<BusSubscription> =>
      groupOf(address).join(handler),
    check: async () => ({ status: 'ready' }),
    prune: (now) => void prune.run(now - WEEK_MS, PRUNE_STEP),
    close: async () => {
      for (const group of groups.values()) await group.close()
      groups.clear()
    },
  }
}
