import type { AgentUsage } from '../../engine/ports/runner.ts'
import { listProcesses, type ProcessId, type ProcessInfo } from './processes.ts'
import { familyOf } from './tree.ts'

/** So long one look at all processes serves every agent, ms. */
const FRESH_MS = 1_000

/** CPU and memory of agents, each summed over its processes. */
export class UsageReader {
  #all: readonly ProcessInfo[] = []
  #readAt = Number.NEGATIVE_INFINITY

  /** Undefined when it is not running. Memory that processes share counts for each of them. */
  read(id: ProcessId): AgentUsage | undefined {
    const now = performance.now()
    if (now - this.#readAt > FRESH_MS) {
      this.#all = listProcesses()
      this.#readAt = now
    }
    if (!this.#all.some(({ pid, start, dead }) => pid === id.pid && start === id.start && !dead))
      return undefined
    const family = familyOf(id.pid, this.#all)
    return {
      cpuMs: family.reduce((sum, one) => sum + one.cpuMs, 0),
      memoryBytes: family.reduce((sum, one) => sum + one.memoryBytes, 0),
    }
  }

  /** For what has changed since the last look and must be seen now. */
  forget(): void {
    this.#readAt = Number.NEGATIVE_INFINITY
  }
}
