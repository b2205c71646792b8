import type { Measure } from './policy.ts'

/** What is on record of a project's health: crossings and what was done about them. Figures are telemetry. */
export interface HealthRecord {
  /** By `alarmKey`: what is bad now. */
  readonly alarms: Readonly<Record<string, Alarm>>
  /** Agents at once, fewer than the project allows, because resources are short; null: as many as it allows. */
  readonly slots: Slots | null
  /** When the number of agents at once last changed, engine ms; 0 for never. */
  readonly steppedAt: number
  /** What was done by itself, newest last. */
  readonly actions: readonly RecoveryAction[]
}

export interface Slots {
  readonly agents: number
  readonly reason: string
  readonly since: number
}

export interface Alarm {
  readonly measure: Measure
  /** Null: all roles together, or the machine; of a measure of targets, the target. */
  readonly role: string | null
  readonly value: number
  readonly limit: number
  readonly since: number
}

const RECOVERY_ACTIONS = ['fewer-agents', 'more-agents', 'paused'] as const

export interface RecoveryAction {
  readonly at: number
  readonly action: (typeof RECOVERY_ACTIONS)[number]
  readonly reason: string
}

/** Kept in live state; the log has the rest. */
export const KEPT_ACTIONS = 30

export const NO_HEALTH: HealthRecord = { alarms: {}, slots: null, steppedAt: 0, actions: [] }

export function alarmKey(measure: Measure, role: string | null): string {
  return role === null ? measure : `${measure}/${role}`
}
