import type { Outcome } from '../../domain/commands.ts'
import type { EventEnvelope } from '../../domain/events.ts'
import type { AttemptId, ProjectId, RunId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'
import type { AgentCommand } from '../../domain/talk/agentCommands.ts'

/**
 * The doors through which agents talk back. Each agent has one of its own: which door a call comes through says who
 * calls. A door is a folder that the agent sees read-only; what is in it, and what listens there, is the
 * implementation's. The same attempt has the same folder after a restart of the engine, so that an agent that ran on
 * finds its door where it was.
 */
export interface Doors {
  /** Opens the door of an attempt, again after a restart. Idempotent. */
  open(door: DoorOf): Promise<OpenDoor>
  /** Nobody answers there any more, and its folder goes. Idempotent; fine for one that was never opened. */
  close(attempt: AttemptId): Promise<void>
  /** Stops listening everywhere; the folders stay, for agents that run on. */
  detach(): Promise<void>
}

export interface DoorOf {
  readonly project: ProjectId
  readonly run: RunId
  /** Index in the run's plan. */
  readonly task: number
  readonly attempt: number
  readonly id: AttemptId
  /** The attempt's exchange folder on the host, which the agent may write: requests by file come there. */
  readonly exchange: string
  /** The agent sees folders where the host has them (the process runner), not where they are mounted. */
  readonly onHost: boolean
}

export interface OpenDoor {
  /** On the host; mounted read-only at `/run/amphitheatre`. */
  readonly folder: string
  /** The project's context on the host; mounted read-only at `/run/amphitheatre/context`. */
  readonly context: string
  /** What the agent's environment says of it. Never a secret. */
  readonly env: Readonly<Record<string, string>>
}

/** The engine, as doors reach it. */
export interface DoorEngine {
  /** The last published state: everything in it is on disk. */
  readonly state: State
  /**
   * Resolves when the outcome is on disk. The same `id` again gives the same outcome and does nothing more; null for
   * what may be done twice (taking the inbox, marking as handled), of which nothing needs to be remembered.
   */
  dispatch(command: AgentCommand, actor: string, id: string | null): Promise<Outcome>
  /** Called after each commit, in order; must not throw. Returns the way to stop listening. */
  onPublish(listener: (events: readonly EventEnvelope[], state: State) => void): () => void
  /** The agent gave a sign of life: the leases on its locks begin anew. */
  active(attempt: AttemptId): void
  /** When it last did, engine time, ms. */
  lastActive(attempt: AttemptId): number
  /** A stored event: what live state holds of a long message is its beginning only. */
  event(seq: number): Promise<EventEnvelope | undefined>
}
