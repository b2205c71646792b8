import type { RunId } from '../ids.ts'
import type { Playbook } from './playbook.ts'
import type { IncidentLevel, Severity } from './policy.ts'

export const INCIDENT_STATES = [
  'open',
  'acknowledged',
  /** A remedy is being carried out, by the engine or by a person (fix forward). */
  'mitigating',
  'verifying',
  'resolved',
  'closed',
  'merged',
] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** These arrows and no others. */
export const INCIDENT_ARROWS: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ['acknowledged', 'mitigating', 'closed', 'merged'],
  acknowledged: ['mitigating', 'closed', 'merged'],
  // Back where the remedy failed, or was stopped.
  mitigating: ['verifying', 'resolved', 'acknowledged'],
  verifying: ['resolved', 'acknowledged'],
  resolved: ['closed', 'open', 'merged'],
  closed: ['open'],
  merged: [],
}

export const SOURCE_KINDS = ['alert', 'health', 'verification', 'agent', 'person'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export interface IncidentSource {
  readonly kind: SourceKind
  /** `alertmanager`, `<run>/<task>#<n>`, `person:ann`. */
  readonly ref: string
  readonly at: number
}

/** A problem that needs somebody, from what was first seen to what keeps it from coming again. */
export interface Incident {
  /** `i27`, counted in its project. */
  readonly id: string
  readonly severity: Severity
  readonly level: IncidentLevel
  readonly title: string
  /** What was said when it was opened. */
  readonly text: string
  readonly target: string | null
  readonly labels: Readonly<Record<string, string>>
  /** Groups of alerts that are it, at most `KEPT_GROUPS`. */
  readonly groups: readonly string[]
  readonly sources: readonly IncidentSource[]
  readonly state: IncidentState
  readonly openedAt: number
  /** Its beginning, or when it last fired again after it was over. */
  readonly since: number
  readonly reopened: number
  /** The role that leads; null: whoever takes command. */
  readonly lead: string | null
  /** The person in command. */
  readonly commander: string | null
  readonly acknowledged: By | null
  /** Its time to respond was over before anybody had acknowledged it. */
  readonly overdue: boolean
  /** A person is called; null once somebody has acknowledged or decided. */
  readonly called: { readonly at: number; readonly whom: string; readonly why: string } | null
  readonly alerts: AlertCounts
  readonly comments: readonly Comment[]
  /** As it was when the incident began. */
  readonly playbook: Playbook | null
  readonly checks: Checks | null
  readonly findings: readonly Finding[]
  readonly diagnosis: Diagnosis | null
  readonly choices: readonly Choice[]
  readonly decision: (By & { readonly choice: string; readonly point: string | null }) | null
  readonly remedy: Step | null
  readonly verification: Step | null
  readonly impact: string | null
  readonly rootCause: string | null
  readonly report: { readonly hash: string; readonly bytes: number; readonly of: IncidentState } | null
  readonly followUps: readonly FollowUp[]
  /** Incidents that were merged into this one. */
  readonly duplicates: readonly string[]
  readonly mergedInto: string | null
  /** All of its alerts are resolved since then: it may be closed. */
  readonly quietSince: number | null
  readonly resolvedAt: number | null
  readonly closedAt: number | null
  /** The beginning and the newest; the log has the rest. */
  readonly timeline: readonly Moment[]
}

export interface By {
  readonly by: string
  readonly at: number
}

export interface AlertCounts {
  /** Of those that are remembered (`KEPT_MARKS`): only they can end. */
  readonly firing: number
  readonly resolved: number
  /** Of the newest one that fired. */
  readonly lastAt: number | null
  /** The newest, at most `KEPT_ALERTS`. */
  readonly latest: readonly AlertView[]
}

export interface AlertView {
  readonly fingerprint: string
  readonly name: string
  readonly summary: string
  readonly labels: Readonly<Record<string, string>>
  readonly url: string | null
  readonly startsAt: number
  /** Null while it fires. */
  readonly endsAt: number | null
}

/** What is remembered of an alert, whatever became of its incident: the same one counts once. */
export interface AlertMark {
  readonly incident: string
  readonly startsAt: number
  readonly endsAt: number | null
}

export interface Comment extends By {
  readonly text: string
}

export interface Checks {
  /** Null where they could not be started. */
  readonly run: RunId | null
  readonly at: number
  readonly endedAt: number | null
  /** Checks that were left out and why, in words. */
  readonly leftOut: readonly string[]
}

/** What one check came to. */
export interface Finding {
  /** The check's id in its playbook. */
  readonly check: string
  readonly title: string
  readonly role: string
  /** Of the attempt: `<run>/<task>#<n>`. */
  readonly by: string
  readonly at: number
  readonly tookMs: number | null
  /** False: the check itself failed, and says nothing about the incident. */
  readonly ok: boolean
  /** One or two sentences. */
  readonly text: string
  /** A word of the diagnosis table (`bad_migration`, `recent_deploy`, `ready`); null: no fault found. */
  readonly cause: string | null
  /** 0 to 1. */
  readonly confidence: number | null
  /** What it found where that is one word (`no_recent_deploy`); what the engine looks at itself tells it so. */
  readonly word: string | null
  readonly evidence: string | null
}

export interface Diagnosis {
  readonly at: number
  /** The most likely first. */
  readonly causes: readonly Cause[]
}

export interface Cause {
  readonly cause: string
  readonly title: string
  /** 0 to 1. */
  readonly confidence: number
  /** What speaks for it (and against: negative), what weighs most first. */
  readonly evidence: readonly CauseEvidence[]
}

export interface CauseEvidence {
  readonly check: string
  readonly text: string
  /** -1 to 1. */
  readonly weight: number
}

/** Something that can be done about it. */
export interface Choice {
  /** `rollback`, `restart`, `epic:mend`, `task:flush`, `fix-forward`. */
  readonly id: string
  readonly title: string
  readonly cause: string | null
  readonly approval: 'person' | 'automatic'
  readonly irreversible: readonly string[]
  /** Why it cannot be done now; null: it can. */
  readonly barred: string | null
}

export interface Step {
  /** Null where a person does it. */
  readonly run: RunId | null
  readonly at: number
  readonly endedAt: number | null
  /** Null while it is under way. */
  readonly ok: boolean | null
  readonly detail: string
}

export interface FollowUp {
  /** `f1`, counted in its incident. */
  readonly id: string
  readonly kind: 'post-mortem' | 'prevention'
  readonly text: string
  readonly done: By | null
}

export interface Moment {
  readonly at: number
  readonly kind: MomentKind
  readonly by: string | null
  /** For people, one line. */
  readonly text: string
}

export const MOMENT_KINDS = [
  'opened',
  'alert',
  'source',
  'broadcast',
  'checks',
  'finding',
  'diagnosis',
  'called',
  'acknowledged',
  'command',
  'comment',
  'decision',
  'remedy',
  'verification',
  'resolved',
  'closed',
  'merged',
  'reopened',
  'follow-up',
] as const
export type MomentKind = (typeof MOMENT_KINDS)[number]

export const KEPT_ALERTS = 20
export const KEPT_GROUPS = 50
export const KEPT_COMMENTS = 50
/** Moments of the beginning that are kept, and of the end. */
export const KEPT_FIRST = 20
export const KEPT_LAST = 80
/** Incidents that are over and stay in live state. */
export const KEPT_OVER = 30
/** Alerts remembered in a project: more than fire in a storm of two full requests. */
export const KEPT_MARKS = 2_000

export function isActive({ state }: Pick<Incident, 'state'>): boolean {
  switch (state) {
    case 'open':
    case 'acknowledged':
    case 'mitigating':
    case 'verifying':
      return true
    case 'resolved':
    case 'closed':
    case 'merged':
      return false
  }
}

/** Until when somebody has to acknowledge it, engine ms; null when that is done or over. */
export function respondBy(incident: Incident): number | null {
  if (incident.state !== 'open' || incident.acknowledged !== null) return null
  return incident.since + incident.level.responseMs
}
