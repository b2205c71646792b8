import type { Condition, Measured } from '../../domain/gates/gate.ts'
import type { CommitId } from '../../domain/ids.ts'
import type { RunRef } from './workspaces.ts'

/**
 * Looks at what conditions of gates are about: reports of tools, and files, as they are committed or were handed on. What
 * is there was written by agents: nothing of it is trusted, and whatever cannot be read is told and never passes.
 */
export interface GateReader {
  measure(request: MeasureRequest): Promise<Measured>
}

export interface MeasureRequest extends RunRef {
  readonly commit: CommitId
  /** Manifests of git-ignored files, in graph order; the commit's own files come first. */
  readonly artifacts: readonly string[]
  /** Where the run began: a report that was there before says nothing about what was done since. */
  readonly since: CommitId | null
  /** One that is about files. */
  readonly condition: Exclude<Condition, { kind: 'command' | 'approval' }>
}
