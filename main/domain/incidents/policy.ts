import type { Playbook } from './playbook.ts'

/** How bad it is. Not the scale of tasks (0 to 5) nor that of messages (P0 to P3). */
export const SEVERITIES = ['P0', 'P1', 'P2'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a severity asks for, in the words of the project. */
export interface IncidentLevel {
  readonly description: string
  /** Somebody has acknowledged it by then, ms from its beginning. */
  readonly responseMs: number
  /** Which agents may open one: `Any agent can trigger`, `Senior agents`. */
  readonly authority: string
  /** Who leads: `Context manager leads`, `Domain expert leads`. */
  readonly coordination: string
}

export type IncidentLevels = Readonly<Record<Severity, IncidentLevel>>

/** How the project deals with incidents. */
export interface IncidentPolicy {
  readonly levels: IncidentLevels
  /** The first that fits is followed. */
  readonly playbooks: readonly Playbook[]
  /** Alerts that come so soon after another are of one incident, ms, unless their targets differ. */
  readonly stormMs: number
  /** An incident that is over is opened again when it fires within so long, ms. */
  readonly reopenMs: number
  /** What an alert's `severity` label says. */
  readonly severities: Readonly<Record<string, Severity>>
  /** Labels that may name a target; the first that does counts. */
  readonly targetLabels: readonly string[]
}

const MINUTE = 60_000

/** The levels of the coordination framework (8.1). */
export const DEFAULT_LEVELS: IncidentLevels = {
  P0: {
    description: 'Production down, data loss risk',
    responseMs: 15 * MINUTE,
    authority: 'Any agent can trigger',
    coordination: 'Context manager leads',
  },
  P1: {
    description: 'Service degraded, security issue',
    responseMs: 60 * MINUTE,
    authority: 'Senior agents',
    coordination: 'Domain expert leads',
  },
  P2: {
    description: 'Non-critical issues',
    responseMs: 240 * MINUTE,
    authority: 'All agents',
    coordination: 'Standard process',
  },
}

/** In the words alert rules usually carry. */
const DEFAULT_SEVERITIES: Readonly<Record<string, Severity>> = {
  p0: 'P0',
  critical: 'P0',
  emergency: 'P0',
  page: 'P0',
  p1: 'P1',
  error: 'P1',
  high: 'P1',
  warning: 'P1',
  p2: 'P2',
  medium: 'P2',
  low: 'P2',
  info: 'P2',
  none: 'P2',
}

export const DEFAULT_INCIDENTS: IncidentPolicy = {
  levels: DEFAULT_LEVELS,
  playbooks: [],
  stormMs: 5 * MINUTE,
  reopenMs: 24 * 60 * MINUTE,
  severities: DEFAULT_SEVERITIES,
  targetLabels: ['target', 'amphitheatre_target', 'service', 'job'],
}

/** The worse of two. */
export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b
}
