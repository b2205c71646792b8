import type { ProjectId } from '../ids.ts'
import type { ProjectRecord, Run, State } from '../state.ts'
import type { Alarm } from './health.ts'
import { healthPolicyOf, PRESSURE } from './policy.ts'
import { measureWords } from './words.ts'

/** Agents of a run's project at once, now: what its plan allows, or fewer while resources are short. */
export function slotsOf(state: State, run: Run): number {
  const allowed = run.plan.limits.maxConcurrentAgents
  const slots = state.projects.get(run.project)?.health.slots
  return slots == null ? allowed : Math.min(allowed, slots.agents)
}

/** Rounds between two steps: what the last one did has to be seen first. */
const ROUNDS_A_STEP = 2

export interface SlotStep {
  readonly agents: number | null
  readonly was: number | null
  readonly reason: string
}

/**
 * The next step, one agent at a time and never below one: fewer while resources are short, more again once they are not,
 * until the project has what it allows. Undefined: nothing to do now.
 */
export function nextStep(state: State, id: ProjectId, now: number): SlotStep | undefined {
  const project = state.projects.get(id)
  if (project === undefined) return undefined
  const policy = healthPolicyOf(state, id)
  const { slots, steppedAt } = project.health
  if (steppedAt > 0 && now - steppedAt < ROUNDS_A_STEP * policy.intervalMs) return undefined
  const short = pressureOf(project)
  const was = slots?.agents ?? null
  if (short.length > 0 && policy.fewerAgents) return fewer(state, id, was, short)
  if (was === null) return undefined
  const allowed = allowedIn(state, id)
  const reason = policy.fewerAgents ? 'resources are enough again' : 'fewer agents are not wanted any more'
  return { agents: allowed === 0 || was + 1 >= allowed ? null : was + 1, was, reason }
}

/** What is short now. */
function pressureOf({ health }: ProjectRecord): readonly Alarm[] {
  return Object.values(health.alarms).filter(({ measure }) => PRESSURE.includes(measure))
}

function fewer(
  state: State,
  id: ProjectId,
  was: number | null,
  short: readonly Alarm[],
): SlotStep | undefined {
  const allowed = allowedIn(state, id)
  // Nobody is at work: there is nothing to take back.
  if (allowed === 0) return undefined
  const now = was ?? Math.min(allowed, Math.max(1, activeIn(state, id)))
  const agents = Math.max(1, was === null && now === 1 ? 1 : now - 1)
  if (was !== null && agents === was) return undefined
  return { agents, was, reason: short.map(({ measure, value }) => measureWords(measure, value)).join('; ') }
}

/** The most any of its runs under way allows; 0 without one. */
function allowedIn(state: State, id: ProjectId): number {
  return liveRuns(state, id).reduce((most, run) => Math.max(most, run.plan.limits.maxConcurrentAgents), 0)
}

function activeIn(state: State, id: ProjectId): number {
  return liveRuns(state, id).reduce((sum, run) => sum + run.counts.active, 0)
}

export function liveRuns(state: State, id: ProjectId): readonly Run[] {
  return [...state.runs.values()].filter((run) => run.project === id && run.endedAt === null)
}
