import type { IncidentEvent } from '../domain/incidents/evolveIncidents.ts'
import { momentOf } from '../domain/incidents/moments.ts'
import type { Mark } from '../domain/status.ts'

/** What happened to an incident, as its timeline says it; undefined for what belongs to no moment. */
export function tellIncident(
  data: IncidentEvent,
  actor: string,
): readonly [mark: Mark, text: string] | undefined {
  if (data.type === 'project.configured') return undefined
  const moment = momentOf(data, 0, actor)
  if (moment === null) return undefined
  const by = moment.by === null || moment.by === 'engine' ? '' : `${moment.by.replace(/^person:/, '')}: `
  return [markOf(data), `${by}${moment.text}`]
}

function markOf(data: IncidentEvent): Mark {
  switch (data.type) {
    case 'incident.opened':
    case 'incident.reopened':
    case 'incident.worsened':
      return 'failed'
    case 'incident.called':
      return 'needs-you'
    case 'incident.resolved':
    case 'incident.closed':
    case 'incident.merged':
      return 'done'
    case 'incident.mitigated':
    case 'incident.verified':
      return data.ok ? 'done' : 'failed'
    case 'incident.found':
      return data.finding.ok ? 'done' : 'failed'
    case 'incident.checking':
    case 'incident.mitigating':
    case 'incident.verifying':
      return 'running'
    default:
      return 'waiting'
  }
}
