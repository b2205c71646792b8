import type { ClientCommand, Outcome } from '../../domain/commands.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import type { CommandId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'

/**
 * A bus carries records between the engine and whoever listens outside. The log is the truth and a bus only transport:
 * the outbox publishes from the log until it has been told that a record is safe, the inbox takes each record once.
 *
 * Contract of every bus (`bus/testing/busContract.ts`):
 * - `publish` resolves when the records cannot be lost any more. It may be called again with the same records.
 * - Each record goes to one member of every group, at least once: what is not acknowledged comes again, also after a
 *   restart. A handler acknowledges by resolving.
 * - Records with one key and topic come in the order they were published, one after the other; those of other keys do
 *   not wait for them.
 * - A new group starts at the oldest record that is still there.
 */
export interface Bus {
  readonly kind: BusKind
  publish(records: readonly BusRecord[]): Promise<void>
  subscribe(to: BusAddress, handler: BusHandler): Promise<BusSubscription>
  check(): Promise<BusHealth>
  close(): Promise<void>
}

const BUS_KINDS = ['embedded'] as const
export type BusKind = (typeof BUS_KINDS)[number]

export interface BusRecord {
  /** Unique for ever: who sees it twice takes it once. */
  readonly id: string
  readonly topic: string
  /** Order is kept among records of one key. */
  readonly key: string
  /** Which record of its key and topic this is, from 1; null from publishers who do not count. */
  readonly n: number | null
  /** Ms since 1970. */
  readonly time: number
  /** JSON. */
  readonly body: string
}

export interface BusAddress {
  readonly topic: string
  readonly group: string
}

/** Resolves: acknowledged. Rejects: the record comes again. */
export type BusHandler = (record: BusRecord) => Promise<void>

export interface BusSubscription {
  /** Resolves when no handler runs any more. */
  close(): Promise<void>
}

export type BusHealth =
  | { readonly status: 'ready' }
  | { readonly status: 'unavailable'; readonly reason: string; readonly remedy: string }

/** What carries topics needs of the engine; `RunningEngine` says what each does. */
export interface BusEngine {
  readonly state: State
  dispatch(command: ClientCommand, actor: string, id: CommandId): Promise<Outcome>
  onPublish(listener: (events: readonly EventEnvelope[], state: State) => void): () => void
}
