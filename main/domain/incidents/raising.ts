import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { ProjectRecord } from '../state.ts'
import { call, incidentOf, isKnownTarget, ofProject, policyOf } from './access.ts'
import { leadOf } from './authority.ts'
import { broadcast } from './broadcasting.ts'
import { startChecks } from './checking.ts'
import { type Incident, isActive, type SourceKind } from './incident.ts'
import { findPlaybook } from './playbook.ts'
import { type Severity, worse } from './policy.ts'

/** Trouble that somebody saw: an incident to be, or more of one that is there. */
export interface Trouble {
  readonly severity: Severity
  readonly title: string
  readonly text: string
  readonly target: string | null
  readonly labels: Readonly<Record<string, string>>
  /** Of alerts: what their sender takes together. */
  readonly group: string | null
  readonly source: { readonly kind: SourceKind; readonly ref: string }
  /** The role of the agent that raised it. */
  readonly role: string | null
}

/**
 * Puts trouble on record: as more of the incident that is about the same target, as one that fires again, or as a
 * new one with all that follows at once: a person is called, agents are told, checks begin. Gives its name.
 */
export function raiseIncident(draft: Draft, project: ProjectId, trouble: Trouble): string {
  const record = draft.state.projects.get(project)!
  const same = record.incidents.find((incident) => isActive(incident) && isSameTrouble(incident, trouble))
  if (same !== undefined) {
    seenAgain(draft, project, same, trouble)
    return same.id
  }
  const again = record.incidents.findLast(
    (incident) => isSameTrouble(incident, trouble) && mayReopen(incident, record, draft.now),
  )
  if (again === undefined) return open(draft, project, trouble)
  reopen(draft, project, again.id, trouble.text === '' ? trouble.title : trouble.text)
  seenAgain(draft, project, incidentOf(draft, project, again.id), trouble)
  return again.id
}

/** About the same target, or the same thing that health looks at: that comes and goes, and is one incident. */
function isSameTrouble({ target, sources }: Incident, { target: of, source }: Trouble): boolean {
  if (of !== null) return target === of
  return source.kind === 'health' && sources.some(({ kind, ref }) => kind === 'health' && ref === source.ref)
}

/**
 * Resolved, and nothing else was released there since: the remedy did not last. What health saw of something other than
 * a target comes and goes: it is the same for a while after somebody closed it, too.
 */
function mayReopen(incident: Incident, record: ProjectRecord, now: number): boolean {
  const { state, target, resolvedAt, closedAt } = incident
  if (state === 'resolved') {
    const released = target === null ? null : record.targets[target]?.current
    return released == null || released.at <= (resolvedAt ?? now)
  }
  return state === 'closed' && target === null && now - (closedAt ?? 0) <= policyOf(record).reopenMs
}

function seenAgain(draft: Draft, project: ProjectId, incident: Incident, trouble: Trouble): void {
  const { source, title, text } = trouble
  if (incident.sources.some(({ kind, ref }) => kind === source.kind && ref === source.ref)) return
  const words = text === '' ? title : text
  draft.emit(ofProject(project), {
    type: 'incident.seen-again',
    id: incident.id,
    source: { ...source },
    text: words,
  })
  worsen(draft, project, incident.id, trouble.severity, words)
}

/** What is worse than thought calls a person as if it had been opened so. */
export function worsen(draft: Draft, project: ProjectId, id: string, severity: Severity, text: string): void {
  const incident = incidentOf(draft, project, id)
  if (worse(severity, incident.severity) === incident.severity) return
  const level = policyOf(draft.state.projects.get(project)!).levels[severity]
  draft.emit(ofProject(project), { type: 'incident.worsened', id, severity, level, text })
  callAtOnce(draft, project, id)
}

export function open(draft: Draft, project: ProjectId, trouble: Trouble): string {
  const record = draft.state.projects.get(project)!
  const policy = policyOf(record)
  const { severity, title, text, target, labels, group, source, role } = trouble
  const level = policy.levels[severity]
  const id = `i${record.lastIncident + 1}`
  draft.emit(ofProject(project), {
    type: 'incident.opened',
    id,
    severity,
    level,
    title,
    text,
    target,
    labels: { ...labels },
    group,
    source: { ...source },
    lead: leadOf(level, record.setup?.base.roles ?? [], role),
    playbook: findPlaybook(policy.playbooks, trouble) ?? null,
  })
  begin(draft, project, id)
  return id
}

/** It fires again: from the beginning, with what is on record kept. */
export function reopen(draft: Draft, project: ProjectId, id: string, text: string): void {
  draft.emit(ofProject(project), { type: 'incident.reopened', id, text })
  begin(draft, project, id)
}

function begin(draft: Draft, project: ProjectId, id: string): void {
  callAtOnce(draft, project, id)
  broadcast(draft, project, id)
  startChecks(draft, project, id)
}

function callAtOnce(draft: Draft, project: ProjectId, id: string): void {
  const { severity, title, acknowledged } = incidentOf(draft, project, id)
  if (severity === 'P0' && acknowledged === null) call(draft, project, id, title)
}

/** Opened by a person. */
export function openByHand(
  draft: Draft,
  project: ProjectId,
  asked: Pick<Trouble, 'severity' | 'title' | 'text' | 'target'>,
): Verdict {
  const flaw = targetFlaw(draft.state.projects.get(project)!, asked.target)
  if (flaw !== undefined) return reject('unknown', flaw)
  const source = { kind: 'person', ref: draft.envelope.actor } as const
  const incident = raiseIncident(draft, project, { ...asked, labels: {}, group: null, source, role: null })
  draft.answer = { incident }
  return undefined
}

/** A target has to be one of the project's. */
export function targetFlaw(record: ProjectRecord, target: string | null): string | undefined {
  if (target === null || isKnownTarget(record, target)) return undefined
  const known = record.setup?.targets.map(({ name }) => name) ?? []
  const all = [...new Set([...known, ...Object.keys(record.targets)])]
  return `there is no target ${target}${all.length === 0 ? '' : `; there are ${all.join(', ')}`}`
}
