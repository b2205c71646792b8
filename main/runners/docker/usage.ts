import type Docker from 'dockerode'
import type { AgentUsage } from '../../engine/ports/runner.ts'

/** Docker's answer to a one-shot statistics request, as far as it is read here. */
interface Stats {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } }
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> }
}

/** Undefined when it is not running: Docker then answers with empty statistics. */
export async function readUsage(
  container: Docker.Container,
  abortSignal: AbortSignal,
): Promise<AgentUsage | undefined> {
  // `one-shot` leaves out the second sample, for which Docker waits one to two seconds.
  const options = { stream: false, 'one-shot': true, abortSignal } as const
  const stats = (await container.stats(options)) as Stats
  const memory = stats.memory_stats?.usage
  if (memory === undefined) return undefined
  // File cache that can be dropped is not what the agent needs (cgroup v1 and v2 name it differently).
  const detail = stats.memory_stats?.stats ?? {}
  const cache = detail['total_inactive_file'] ?? detail['inactive_file'] ?? 0
  return {
    cpuMs: (stats.cpu_stats?.cpu_usage?.total_usage ?? 0) / 1e6,
    memoryBytes: Math.max(0, memory - cache),
  }
}
