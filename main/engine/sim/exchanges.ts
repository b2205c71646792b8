import type { AttemptId, ProjectId } from '../../domain/ids.ts'
import type { AgentFiles, OutputFile } from '../ports/agentFiles.ts'
import type { FaultPlan } from './faults.ts'
import { never, type SimProcess } from './process.ts'

/** Exchange folders and output files: on disk, so they outlive every process. */
export class Exchanges {
  readonly folders = new Set<AttemptId>()
  readonly latches = new Set<AttemptId>()
  readonly outputs = new Map<AttemptId, Readonly<Record<string, string>>>()
  readonly stored = new Map<AttemptId, Uint8Array>()

  /** True for the first to set it. Where the folder is gone nothing can be started. */
  latch(attempt: AttemptId): boolean {
    if (!this.folders.has(attempt) || this.latches.has(attempt)) return false
    this.latches.add(attempt)
    return true
  }

  write(attempt: AttemptId, outputs: Readonly<Record<string, string>>): void {
    if (this.folders.has(attempt)) this.outputs.set(attempt, outputs)
  }

  remove(attempt: AttemptId): void {
    this.folders.delete(attempt)
    this.latches.delete(attempt)
    this.outputs.delete(attempt)
  }
}

/** `AgentFiles` of one process. A fault is a full disk; what succeeded and reported failure did take place. */
export function simFiles(process: SimProcess, disk: Exchanges, faults: FaultPlan): AgentFiles {
  async function call<T>(name: string, act: () => T): Promise<T> {
    if (!process.survives(`${name} before`)) return never()
    const fault = faults.next(name)
    await process.pause(0)
    if (fault === 'before' || fault === 'late') throw diskFull()
    const result = act()
    if (!process.survives(`${name} after`)) return never()
    if (fault === 'after') throw diskFull()
    return result
  }
  const output = (attempt: AttemptId): OutputFile => {
    const bytes = (): Uint8Array => disk.stored.get(attempt) ?? new Uint8Array()
    return {
      size: () => call('files.size', () => bytes().length),
      // Appending is not repeated by its callers at the same place, so it fails whole or not at all.
      append: async (data) => {
        if (!process.survives('files.append before')) return never()
        disk.stored.set(attempt, Buffer.concat([bytes(), data]))
        await process.pause(0)
      },
      read: async (from, limit) => ({ offset: from, data: bytes().subarray(from, from + limit) }),
      changed: () => never(),
      close: async () => undefined,
    }
  }
  return {
    prepareExchange: (_: ProjectId, attempt) =>
      call('files.prepareExchange', () => {
        disk.folders.add(attempt)
        return `/exchange/${attempt}`
      }),
    wasStarted: (_, attempt) => call('files.wasStarted', () => disk.latches.has(attempt)),
    readOutputs: (_, attempt) =>
      call('files.readOutputs', () => ({ ok: true, outputs: disk.outputs.get(attempt) ?? {} }) as const),
    removeExchange: (_, attempt) => call('files.removeExchange', () => disk.remove(attempt)),
    output: (_, attempt) => output(attempt),
  }
}

function diskFull(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
}
