import {
  DEFAULT_HEALTH,
  DEFAULT_THRESHOLDS,
  type HealthPolicy,
  type Threshold,
} from '../domain/health/policy.ts'
import { type HealthInput, type Recoveries, readLimit, readRecovery } from './schema/health.ts'

/** What a project says of the health of its agents, in what holds everywhere. Expects what has passed every check. */
export function healthOf(input: HealthInput | undefined): HealthPolicy {
  const rules = recoveriesOf(input)
  const { interval, window } = input ?? {}
  return {
    intervalMs: interval ?? DEFAULT_HEALTH.intervalMs,
    windowMs: window ?? DEFAULT_HEALTH.windowMs,
    thresholds: thresholdsOf(input),
    fewerAgents: rules.resource_exhaustion ?? DEFAULT_HEALTH.fewerAgents,
    flapping: rules.flapping_agent === undefined ? DEFAULT_HEALTH.flapping : rules.flapping_agent,
    otherAgent: rules.failed_agent ?? DEFAULT_HEALTH.otherAgent,
  }
}

/** `stuck_agent: restart after 5 min timeout` says when an agent is stuck; ms. */
export function stuckAfterOf(input: HealthInput | undefined): number | undefined {
  return recoveriesOf(input).stuck_agent
}

function recoveriesOf(input: HealthInput | undefined): Recoveries {
  const items = input?.auto_recovery ?? []
  const all = items.flatMap((item) =>
    (Object.entries(item) as [keyof Recoveries, string | undefined][]).map(([key, text]) =>
      text === undefined ? {} : readRecovery(key, text)!,
    ),
  )
  return Object.assign({}, ...all)
}

function thresholdsOf(input: HealthInput | undefined): readonly Threshold[] {
  const names = input?.metrics?.map((text) => text.replace(/\s.*$/, ''))
  const watched = ({ measure }: Threshold): boolean =>
    names === undefined || !measure.startsWith('agent_') || names.includes(measure)
  return DEFAULT_THRESHOLDS.filter(watched).map((threshold) => {
    const { measure } = threshold
    const given = input?.thresholds?.[measure]
    if (given === undefined) return threshold
    const { rounds = threshold.rounds } = given
    return {
      ...threshold,
      limit: readLimit(measure, given.bad)!,
      wellAt: readLimit(measure, given.well)!,
      rounds,
    }
  })
}
