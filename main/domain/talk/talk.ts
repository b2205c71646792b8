import type { Ballot } from './ballot.ts'
import type { Handoff } from './handoff.ts'
import type { ArtifactRef } from './message.ts'
import { EMPTY_LOG, type MessageLog } from './messageLog.ts'

/** What is being said in a run. Inboxes of tasks are with the tasks (`TaskRecord.inbox`). */
export interface Talk {
  readonly messages: MessageLog
  /** Numbers of the messages the person has not handled, oldest first. */
  readonly personInbox: readonly number[]
  /** Tasks that joined a channel or topic, by its name. */
  readonly channels: Readonly<Record<string, readonly number[]>>
  /** Oldest first. */
  readonly handoffs: readonly Handoff[]
  readonly ballots: readonly Ballot[]
  /** Published by agents while they work, oldest first. */
  readonly artifacts: readonly PublishedArtifact[]
  /** When the last digest went out, engine ms; null before the first. */
  readonly digestAt: number | null
  /** When each sync point was last told of, by its name. */
  readonly syncedAt: Readonly<Record<string, number>>
}

export interface PublishedArtifact extends ArtifactRef {
  readonly task: number
  readonly at: number
}

export const EMPTY_TALK: Talk = {
  messages: EMPTY_LOG,
  personInbox: [],
  channels: {},
  handoffs: [],
  ballots: [],
  artifacts: [],
  digestAt: null,
  syncedAt: {},
}

/** What one run may hold of each. */
export const TALK_LIMITS = {
  /** Unhandled messages of one receiver, the person too; only what is most urgent comes beyond. */
  inbox: 1_000,
  channels: 100,
  handoffs: 1_000,
  openHandoffsOfTask: 20,
  ballots: 1_000,
  openBallotsOfTask: 10,
  artifacts: 1_000,
} as const

/** How a run's agents talk; from the project file, with the framework's own values as defaults. Times in ms. */
export interface Communication {
  /** A request is answered within this time, or a person is told. */
  readonly responseSlaMs: number
  /** A hand-off is confirmed within this time after its receiver could, or a person is told. */
  readonly acknowledgeMs: number
  /** A digest of what happened goes to everybody so often; null for none. */
  readonly digestMs: number | null
  readonly syncPoints: readonly SyncPoint[]
  /** Commands of the automated hand-off checks; what is missing is not checked. */
  readonly checks: Readonly<Record<string, string>>
  /** After so long a check command has failed, ms. */
  readonly checkTimeoutMs: number
}

/** A standing meeting: everybody gets a message then. */
export interface SyncPoint {
  readonly name: string
  /** 0 is Sunday; null for every day. */
  readonly weekday: number | null
  /** Minutes after midnight, UTC. */
  readonly minute: number
}

export const DEFAULT_COMMUNICATION: Communication = {
  responseSlaMs: 4 * 3_600_000,
  acknowledgeMs: 4 * 3_600_000,
  digestMs: 4 * 3_600_000,
  syncPoints: [],
  checks: {},
  checkTimeoutMs: 5 * 60_000,
}
