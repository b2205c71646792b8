import { assertNever } from '../../../../main/domain/assertNever.ts'
import type { IncidentEvent } from '../../../../main/domain/incidents/evolveIncidents.ts'
import type { Like } from '../../words/language.ts'
import type { incidentSentences } from './incidentWords.ts'

type Words = Like<(typeof incidentSentences)['en']>

/** What happened to an incident. */
export function sentenceOfIncident(w: Words, data: IncidentEvent): string {
  switch (data.type) {
    case 'project.configured':
      return w.configured
    case 'incident.opened':
      return w.opened(data.id, data.severity, data.title)
    case 'incident.alerted': {
      const firing = data.marks.filter(({ endsAt }) => endsAt === null).length
      return w.alerted(data.id, firing, data.marks.length - firing)
    }
    case 'incident.seen-again':
      return w.seenAgain(data.id, data.text)
    case 'incident.worsened':
      return w.worsened(data.id, data.severity, data.text)
    case 'incident.targeted':
      return w.targeted(data.id, data.target)
    case 'incident.called':
      return w.called(data.id, data.whom, data.why)
    case 'incident.overdue':
      return w.overdue(data.id)
    case 'incident.acknowledged':
      return w.acknowledged(data.id, person(data.by))
    case 'incident.commanded':
      return w.commanded(data.id, person(data.by))
    case 'incident.commented':
      return w.commented(data.id, person(data.by), data.text)
    case 'incident.noted':
      return w.noted(data.id, data.text)
    case 'incident.reported':
      return w.reported(data.id)
    case 'incident.reviewed':
      return w.reviewed(data.id, person(data.by))
    case 'incident.follow-up': {
      const { text, done } = data.followUp
      return done === null ? w.followUp(data.id, text) : w.followedUp(data.id, text)
    }
    default:
      return ofWork(w, data)
  }
}

type WorkEvent = Extract<
  IncidentEvent,
  {
    type: `incident.${'checking' | 'found' | 'diagnosed' | 'decided' | 'mitigating' | 'mitigated' | 'verifying' | 'verified' | 'resolved' | 'closed' | 'merged' | 'reopened'}`
  }
>

function ofWork(w: Words, data: WorkEvent): string {
  switch (data.type) {
    case 'incident.checking':
      return data.run === null ? w.unchecked(data.id, data.leftOut.join('; ')) : w.checking(data.id)
    case 'incident.found':
      return w.found(data.id, data.finding.role, data.finding.text)
    case 'incident.diagnosed': {
      const top = data.causes[0]
      if (top === undefined) return w.noCause(data.id)
      return w.diagnosed(data.id, `${top.title}, ${Math.round(top.confidence * 100)} %`)
    }
    case 'incident.decided':
      return w.decided(data.id, person(data.by), data.choice)
    case 'incident.mitigating':
      return w.mitigating(data.id, data.text)
    case 'incident.mitigated':
      return data.ok ? w.mitigated(data.id, data.detail) : w.remedyFailed(data.id, data.detail)
    case 'incident.verifying':
      return w.verifying(data.id)
    case 'incident.verified':
      return data.ok ? w.verified(data.id, data.detail) : w.notVerified(data.id, data.detail)
    case 'incident.resolved':
      return w.resolved(data.id, data.detail)
    case 'incident.closed':
      return w.closed(data.id, person(data.by))
    case 'incident.merged':
      return w.merged(data.id, data.into)
    case 'incident.reopened':
      return w.reopened(data.id, data.text)
    default:
      return assertNever(data, 'unknown event')
  }
}

function person(by: string): string {
  return by.replace(/^person:/, '')
}
