import type { CommandId, ProjectId, RunId } from './ids.ts'
/** placeholder while the union is being written; see below */
export type DomainEvent = { readonly type: string }
export interface EventEnvelope {
  readonly seq: number
  readonly type: string
  readonly version: number
  readonly project: ProjectId | null
  readonly run: RunId | null
  /** The command that caused it. */
  readonly causation: CommandId
  /** The first command of the chain. */
  readonly correlation: CommandId
  readonly actor: string
  /** Engine time, ms since 1970, never going back. */
  readonly time: number
  readonly data: DomainEvent
}
