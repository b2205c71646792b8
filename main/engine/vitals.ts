import type { HealthFigures } from '../domain/health/figures.ts'
import type { Alarm, RecoveryAction, Slots } from '../domain/health/health.ts'
import type { AttemptId, ProjectId } from '../domain/ids.ts'

/** How agents and machine are doing: what the health monitor found in its last round, and what is on record of it. */
export interface Vitals {
  /** Of the last round, engine ms; null before the first. */
  readonly at: number | null
  readonly projects: readonly ProjectVitals[]
  readonly agents: readonly AgentVitals[]
  readonly host: HostReading
}

export interface ProjectVitals {
  readonly project: ProjectId
  readonly name: string
  readonly intervalMs: number
  readonly windowMs: number
  /** All roles together first; empty where no engine runs. */
  readonly figures: readonly HealthFigures[]
  /** Share of tasks about which a person was called; null when nothing settled. */
  readonly escalationRate: number | null
  readonly alarms: readonly Alarm[]
  readonly slots: Slots | null
  readonly actions: readonly RecoveryAction[]
}

export interface AgentVitals {
  readonly attempt: AttemptId
  readonly project: ProjectId
  readonly role: string
  /** Since its last sign of life: output, CPU, a call through its door. */
  readonly quietMs: number
  /** Null before it was sampled twice. */
  readonly cores: number | null
  readonly memoryBytes: number | null
}

/** The machine, all programs together; null where it does not tell. */
export interface HostReading {
  /** 0 to 1. */
  readonly memoryUsed: number | null
  /** Programs that want to run, over the last minute, for each core. */
  readonly load: number | null
  readonly diskFreeBytes: number | null
  /** Of each kind of runner: does it answer? */
  readonly reachable: Readonly<Record<string, boolean>>
}

export const NOTHING_KNOWN: HostReading = {
  memoryUsed: null,
  load: null,
  diskFreeBytes: null,
  reachable: {},
}
