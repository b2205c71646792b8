import type { ProjectId } from '../ids.ts'
import type { Reading } from './gauge.ts'
import type { Recent } from './window.ts'

/** The figures of one role, or of all together. docs/health.md has each formula; a share is from 0 to 1. */
export interface HealthFigures {
  /** Null: all roles together. */
  readonly role: string | null
  /** Completed over settled, in the window; null when nothing settled. */
  readonly completionRate: number | null
  readonly settled: number
  /** Attempts that ended in error over attempts that ended. */
  readonly errorFrequency: number | null
  readonly errors: number
  readonly ended: number
  /** From given work to running, ms. */
  readonly latency: { readonly p50: number; readonly p95: number } | null
  readonly started: number
  readonly usage: ResourceUsage
}

/** What agents at work use now, as last sampled. */
export interface ResourceUsage {
  readonly agents: number
  /** Cores in use. */
  readonly cores: number
  readonly memoryBytes: number
}

export interface AgentSample extends Omit<ResourceUsage, 'agents'> {
  readonly project: ProjectId
  readonly role: string
}

/** All roles together first, then each role that had anything to do, by name. */
export function figuresOf(
  recent: Recent,
  samples: readonly AgentSample[],
  project: ProjectId,
): readonly HealthFigures[] {
  const own = <T extends { readonly project: ProjectId }>(list: readonly T[]): readonly T[] =>
    list.filter((one) => one.project === project)
  const mine = {
    tasks: own(recent.tasks),
    attempts: own(recent.attempts),
    starts: own(recent.starts),
    samples: own(samples),
  }
  const lists = Object.values(mine) as readonly (readonly { readonly role: string | null }[])[]
  const roles = new Set(lists.flatMap((list) => list.flatMap(({ role }) => role ?? [])))
  const all = [null, ...[...roles].sort()]
  return all.map((role) => {
    const of = <T extends { readonly role: string | null }>(list: readonly T[]): readonly T[] =>
      role === null ? list : list.filter((one) => one.role === role)
    const [tasks, attempts, starts] = [of(mine.tasks), of(mine.attempts), of(mine.starts)]
    const errors = attempts.filter(({ ok }) => !ok).length
    return {
      role,
      completionRate: share(tasks.filter(({ ok }) => ok).length, tasks.length),
      settled: tasks.length,
      errorFrequency: share(errors, attempts.length),
      errors,
      ended: attempts.length,
      latency: percentiles(starts.map(({ ms }) => ms)),
      started: starts.length,
      usage: usageOf(of(mine.samples)),
    }
  })
}

/** Share of tasks that were settled or asked about lately about which a person was called. */
export function escalationRate({ tasks, calls }: Recent, project: ProjectId): number | null {
  const called = new Set(calls.filter((one) => one.project === project).map(({ task }) => task)).size
  const settled = tasks.filter((one) => one.project === project).length
  return share(called, Math.max(settled, called))
}

/** What of them has a limit. */
export function readingsOf(figures: readonly HealthFigures[]): readonly Reading[] {
  return figures.flatMap(({ role, completionRate, settled, errorFrequency, ended, latency, started }) => [
    { measure: 'agent_task_completion_rate' as const, role, value: completionRate, count: settled },
    { measure: 'agent_error_frequency' as const, role, value: errorFrequency, count: ended },
    { measure: 'agent_response_latency' as const, role, value: latency?.p95 ?? null, count: started },
  ])
}

function usageOf(samples: readonly Omit<ResourceUsage, 'agents'>[]): ResourceUsage {
  return samples.reduce<ResourceUsage>(
    (sum, { cores, memoryBytes }) => ({
      agents: sum.agents + 1,
      cores: sum.cores + cores,
      memoryBytes: sum.memoryBytes + memoryBytes,
    }),
    { agents: 0, cores: 0, memoryBytes: 0 },
  )
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/** Nearest rank. */
function percentiles(values: readonly number[]): { readonly p50: number; readonly p95: number } | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const rank = (p: number): number => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!
  return { p50: rank(0.5), p95: rank(0.95) }
}
