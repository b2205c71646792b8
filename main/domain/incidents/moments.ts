import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import type { IncidentEvent } from './evolveIncidents.ts'
import type { Moment, MomentKind } from './incident.ts'
import { percent } from './words.ts'

/** What an event adds to the timeline of its incident; null for what belongs to no moment. */
export function momentOf(
  data: Exclude<IncidentEvent, EventOf<'project.configured'>>,
  at: number,
  actor: string,
): Moment | null {
  const moment = (kind: MomentKind, text: string, by: string | null = null): Moment => ({
    at,
    kind,
    by,
    text,
  })
  switch (data.type) {
    case 'incident.opened':
      return moment('opened', `${data.severity} opened: ${data.title}`, data.source.ref)
    case 'incident.alerted':
      return alerted(data, moment)
    case 'incident.seen-again':
      return moment('source', data.text)
    case 'incident.worsened':
      return moment('source', `now ${data.severity}: ${data.text}`)
    case 'incident.targeted':
      return moment('source', `it is about ${data.target}`, actor)
    case 'incident.called':
      return moment('called', `${data.whom} called: ${data.why}`)
    case 'incident.acknowledged':
      return moment('acknowledged', 'acknowledged', data.by)
    case 'incident.commanded':
      return moment('command', 'takes command', data.by)
    case 'incident.commented':
      return moment('comment', short(data.text), data.by)
    case 'incident.noted':
      return moment(data.kind, data.text)
    case 'incident.checking':
      return moment('checks', data.run === null ? 'no checks were started' : 'checks started')
    case 'incident.found': {
      const { title, ok, text } = data.finding
      return moment('finding', short(`${title}${ok ? '' : ' failed'}: ${text}`), data.finding.role)
    }
    case 'incident.diagnosed': {
      const top = data.causes[0]
      const text = top === undefined ? 'no cause found' : `${top.title}, ${percent(top.confidence)}`
      return moment('diagnosis', text)
    }
    case 'incident.decided':
      return moment('decision', data.choice, data.by)
    case 'incident.mitigating':
      return moment('remedy', data.text)
    case 'incident.mitigated':
      return moment('remedy', data.ok ? `done: ${data.detail}` : `failed: ${data.detail}`)
    case 'incident.verifying':
      return moment('verification', 'being verified')
    case 'incident.verified':
      return moment('verification', `${data.ok ? 'passed' : 'failed'}: ${data.detail}`)
    case 'incident.resolved':
      return moment('resolved', `resolved: ${data.detail}`, data.by)
    case 'incident.closed':
      return moment('closed', data.reason === '' ? 'closed' : `closed: ${data.reason}`, data.by)
    case 'incident.merged':
      return moment('merged', `merged into ${data.into}`, data.by)
    case 'incident.reopened':
      return moment('reopened', `opened again: ${data.text}`)
    case 'incident.follow-up': {
      const { text, done } = data.followUp
      return moment('follow-up', done === null ? short(text) : `done: ${short(text)}`, done?.by ?? null)
    }
    case 'incident.overdue':
    case 'incident.reported':
    case 'incident.reviewed':
      return null
    default:
      return assertNever(data, 'unknown event')
  }
}

function alerted(
  { marks, shown }: EventOf<'incident.alerted'>,
  moment: (kind: MomentKind, text: string) => Moment,
): Moment {
  const firing = marks.filter(({ endsAt }) => endsAt === null).length
  const resolved = marks.length - firing
  const one = shown.at(-1)
  if (marks.length === 1 && one !== undefined)
    return moment('alert', `${one.name} ${firing === 1 ? 'fires' : 'resolved'}`)
  const words = [
    ...(firing === 0 ? [] : [`${firing} fire`]),
    ...(resolved === 0 ? [] : [`${resolved} resolved`]),
  ]
  return moment('alert', `${marks.length === 1 ? 'alert' : 'alerts'}: ${words.join(', ')}`)
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`
}
