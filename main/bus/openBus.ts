import type { BusEngine } from '../engine/ports/bus.ts'
import type { Store } from '../engine/ports/store.ts'
import { openBusDatabase } from './busDatabase.ts'
import { connectBus } from './connectBus.ts'
import { createEmbeddedBus } from './embedded.ts'

export interface OpenBus {
  /** What a person should know; null while all is well. */
  note(): string | null
  /** Deletes a little of what has outlived its keep. `now`: ms since 1970. Call it now and then. */
  prune(now: number): void
  close(): Promise<void>
}

/** The embedded bus on its file, connected to the engine. */
export async function openBus(parts: {
  readonly file: string
  readonly engine: BusEngine
  readonly store: Store
  readonly origin: string
  readonly log: (line: string) => void
}): Promise<OpenBus> {
  const { db, note } = openBusDatabase(parts.file)
  const bus = createEmbeddedBus(db)
  const connected = await connectBus({ ...parts, bus, db })
  return {
    note: () => connected.trouble() ?? note,
    prune: (now) => bus.prune(now),
    close: async () => {
      await connected.close()
      db.close()
    },
  }
}
