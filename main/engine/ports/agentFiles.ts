import type { AttemptId, ProjectId } from '../../domain/ids.ts'

/** An attempt's files on the host besides its clone: the exchange folder it sees, and its output. */
export interface AgentFiles {
  /** Makes the folder mounted at `/amphitheatre` and returns its path. Idempotent; keeps what is there. */
  prepareExchange(project: ProjectId, attempt: AttemptId): Promise<string>
  /** Was the command ever begun? True once the start latch is set, whatever became of the container. */
  wasStarted(project: ProjectId, attempt: AttemptId): Promise<boolean>
  /** Was its container started a second time, which runs nothing but overwrites the exit code? */
  wasStartedAgain(project: ProjectId, attempt: AttemptId): Promise<boolean>
  /** The `name=value` lines the agent wrote; an error in words if the file cannot be used. */
  readOutputs(project: ProjectId, attempt: AttemptId): Promise<OutputsResult>
  removeExchange(project: ProjectId, attempt: AttemptId): Promise<void>
  /** The attempt's output on disk. */
  output(project: ProjectId, attempt: AttemptId): OutputFile
}

export type OutputsResult =
  | { readonly ok: true; readonly outputs: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly error: string }

/** Append-only output with byte offsets; old bytes may be gone (quota), offsets stay. */
export interface OutputFile {
  /** End offset: bytes ever appended. */
  size(): Promise<number>
  append(data: Uint8Array): Promise<void>
  /** From `from`, or from the first byte still there; empty at the end. */
  read(from: number, limit: number): Promise<{ readonly offset: number; readonly data: Uint8Array }>
  /** Resolves when there is more than `size` bytes or the signal aborts. */
  changed(size: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}
