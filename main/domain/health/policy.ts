import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'

/** What health is measured by. The first four are the seed's names; the rest is of the machine. docs/health.md has formulas. */
export const AGENT_MEASURES = [
  'agent_task_completion_rate',
  'agent_error_frequency',
  'agent_response_latency',
  'agent_resource_usage',
] as const

const HOST_MEASURES = ['host_memory_used', 'host_load', 'host_disk_free', 'host_runner_reachable'] as const

/** Of what is released at a target, as seen from outside of it. Their `role` is the target. */
const TARGET_MEASURES = ['target_memory_used', 'target_restarts', 'target_error_rate'] as const
export type TargetMeasure = (typeof TARGET_MEASURES)[number]

/** `agent_resource_usage` is two series, which have no limit of their own: what is short is the machine's. */
export const MEASURES = [
  'agent_task_completion_rate',
  'agent_error_frequency',
  'agent_response_latency',
  ...HOST_MEASURES,
  ...TARGET_MEASURES,
] as const
export type Measure = (typeof MEASURES)[number]

/** Which of them say that the machine has too little for what runs on it. */
export const PRESSURE: readonly Measure[] = ['host_memory_used', 'host_load', 'host_disk_free']

export function isTargetMeasure(measure: Measure): measure is TargetMeasure {
  return (TARGET_MEASURES as readonly Measure[]).includes(measure)
}

/** Bad from one value on, well again only from another on, and only when it stays so: nothing flaps. */
export interface Threshold {
  readonly measure: Measure
  /** Which side is bad. */
  readonly bad: 'above' | 'below'
  readonly limit: number
  readonly wellAt: number
  /** Rounds in a row that it takes, either way. */
  readonly rounds: number
  /** Fewer observations than this in the window say nothing. */
  readonly least: number
}

export interface HealthPolicy {
  readonly intervalMs: number
  /** Of the rates and latencies. */
  readonly windowMs: number
  readonly thresholds: readonly Threshold[]
  /** Resources are short: fewer agents at once. */
  readonly fewerAgents: boolean
  /** The same task restarted so often within this time is paused, and a person asked; null: never. */
  readonly flapping: { readonly times: number; readonly withinMs: number } | null
  /** Another agent with the skill tries once what failed. */
  readonly otherAgent: boolean
}

const GIB = 1024 ** 3

export const DEFAULT_THRESHOLDS: readonly Threshold[] = [
  { measure: 'agent_task_completion_rate', bad: 'below', limit: 0.8, wellAt: 0.95, rounds: 2, least: 5 },
  { measure: 'agent_error_frequency', bad: 'above', limit: 0.5, wellAt: 0.2, rounds: 2, least: 5 },
  { measure: 'agent_response_latency', bad: 'above', limit: 60_000, wellAt: 30_000, rounds: 2, least: 3 },
  { measure: 'host_memory_used', bad: 'above', limit: 0.95, wellAt: 0.85, rounds: 2, least: 0 },
  // Agents are expected to keep a machine busy: only a queue of many times its cores is too much.
  { measure: 'host_load', bad: 'above', limit: 8, wellAt: 4, rounds: 4, least: 0 },
  { measure: 'host_disk_free', bad: 'below', limit: GIB, wellAt: 2 * GIB, rounds: 2, least: 0 },
  { measure: 'host_runner_reachable', bad: 'below', limit: 1, wellAt: 1, rounds: 2, least: 0 },
  // Of its own limit: the kernel ends what asks for more.
  { measure: 'target_memory_used', bad: 'above', limit: 0.9, wellAt: 0.7, rounds: 2, least: 0 },
  { measure: 'target_restarts', bad: 'above', limit: 2, wellAt: 0, rounds: 1, least: 0 },
  { measure: 'target_error_rate', bad: 'above', limit: 0.2, wellAt: 0.05, rounds: 2, least: 10 },
]

export const DEFAULT_HEALTH: HealthPolicy = {
  intervalMs: 30_000,
  windowMs: 15 * 60_000,
  thresholds: DEFAULT_THRESHOLDS,
  fewerAgents: true,
  flapping: { times: 5, withinMs: 10 * 60_000 },
  otherAgent: true,
}

/** What the newest run of a project that is under way began with; without one, what its file said when it was last read. */
export function healthPolicyOf(state: State, project: ProjectId): HealthPolicy {
  let policy = state.projects.get(project)?.setup?.base.health ?? DEFAULT_HEALTH
  for (const run of state.runs.values())
    if (run.project === project && run.endedAt === null) policy = run.plan.health ?? DEFAULT_HEALTH
  return policy
}
