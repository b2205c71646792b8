import type { Draft } from '../draft.ts'
import type { EventOf } from '../events.ts'
import type { ProjectId } from '../ids.ts'
import { ofProject } from './access.ts'
import { isActive } from './incident.ts'
import { raiseIncident } from './raising.ts'

/**
 * A point that cannot be restored is found out only by trying, mostly by the clock while nobody looks: an incident about
 * the way back, and not about the target, which may be well. The next point of it that can be restored ends that.
 */
export function restoreTested(
  draft: Draft,
  project: ProjectId,
  { point: id, ok, detail }: EventOf<'point.tested'>,
): void {
  const record = draft.state.projects.get(project)!
  const point = record.points.find((one) => one.id === id)
  const of = point?.target ?? 'the repository'
  const ref = `restore-test ${of}`
  if (ok) {
    const reason = `${id} can be restored: ${detail}`
    for (const incident of record.incidents)
      if (isWaiting(incident) && incident.sources.some((one) => one.kind === 'health' && one.ref === ref))
        draft.emit(ofProject(project), {
          type: 'incident.closed',
          id: incident.id,
          by: draft.envelope.actor,
          reason,
        })
    return
  }
  raiseIncident(draft, project, {
    severity: 'P2',
    title: `${id} of ${of} cannot be restored`,
    text: `${detail} It is not offered any more. Make another point while ${of} is well (amphi points make), and test that.`,
    target: null,
    labels: {},
    group: null,
    source: { kind: 'health', ref },
    role: null,
  })
}

/** Whoever is at work on it ends it themselves. */
function isWaiting(incident: Parameters<typeof isActive>[0]): boolean {
  return isActive(incident) && (incident.state === 'open' || incident.state === 'acknowledged')
}
