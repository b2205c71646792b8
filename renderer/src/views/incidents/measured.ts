import { type Incident, isActive, type Moment } from '../../../../main/domain/incidents/incident.ts'
import type { TargetRecord } from '../../../../main/domain/targets/target.ts'

export interface MeasuredSpan {
  /** ms */
  readonly from: number
  readonly to: number
}

export type MarkKind = 'release' | 'opened' | 'remedy' | 'resolved'

export interface MeasuredMark {
  readonly kind: MarkKind
  readonly at: number
  /** The version released; null where the word says all. */
  readonly what: string | null
}

const MINUTE_MS = 60_000
/** Before it, to be compared with. */
const BEFORE_MS = 2 * MINUTE_MS
/** The release before it is shown where it was not long ago. */
const RELEASE_WITHIN_MS = 20 * MINUTE_MS
/** What comes after it is over. */
const AFTER_MS = 2 * MINUTE_MS
/** The picture goes on in steps of this, ms. */
const STEP_MS = 5_000

/** What of a target's figures is about this incident: from a little before it, or its release, to a little after it. */
export function measuredSpan(
  incident: Incident,
  target: TargetRecord | undefined,
  now: number,
): MeasuredSpan {
  const { since, resolvedAt, closedAt } = incident
  const release = releaseBefore(incident, target)
  const near = release !== undefined && since - release.at <= RELEASE_WITHIN_MS ? release.at : since
  const ended = isActive(incident) ? undefined : (resolvedAt ?? closedAt ?? undefined)
  const end = ended === undefined ? now : Math.min(now, ended + AFTER_MS)
  const to = Math.ceil(end / STEP_MS) * STEP_MS
  return { from: Math.min(near, since) - BEFORE_MS, to }
}

function releaseBefore({ since }: Incident, target: TargetRecord | undefined) {
  return target?.history.find(({ at }) => at <= since)
}

/** What was done when, as far as it is in the picture. */
export function measuredMarks(
  incident: Incident,
  target: TargetRecord | undefined,
  { from, to }: MeasuredSpan,
): readonly MeasuredMark[] {
  const { since, timeline, resolvedAt } = incident
  const release = releaseBefore(incident, target)
  const remedy = timeline.findLast((one: Moment) => one.kind === 'remedy' && one.at >= since)
  const first = timeline.find((one: Moment) => one.kind === 'decision' && one.at >= since) ?? remedy
  const marks: (MeasuredMark | undefined)[] = [
    release && { kind: 'release', at: release.at, what: release.release.version },
    { kind: 'opened', at: since, what: incident.severity },
    first && { kind: 'remedy', at: first.at, what: null },
    resolvedAt === null || resolvedAt < since ? undefined : { kind: 'resolved', at: resolvedAt, what: null },
  ]
  return marks.filter((mark) => mark !== undefined).filter(({ at }) => at >= from && at <= to)
}
