import { incidentAt, rollbackAt } from '../domain/incidents/address.ts'
import type { IncidentNews } from '../domain/incidents/news.ts'
import { incidentPage } from '../domain/incidents/views.ts'
import type { ProjectRecord, State } from '../domain/state.ts'
import { canGoBack } from './incidentEntry.ts'
import { type News, type NoticeAction, shorten } from './notice.ts'
import type { NoticeWords } from './words.ts'

/** What is told of an incident, and what can be done about it from there. */
export function newsOfIncident(news: IncidentNews, state: State, words: NoticeWords): News {
  if (news.type === 'withdraw') return news
  const { key, urgent, title, text, project, incident } = news
  return {
    type: 'tell',
    notice: {
      kind: urgent ? 'needs-you' : 'done',
      key,
      title,
      body: shorten(text),
      place: { view: 'incidents', at: incidentAt(project, incident) },
      question: null,
      actions: urgent ? actionsOf(state, project, incident, words) : [],
    },
  }
}

/**
 * Acknowledge; the remedy that fits. A rollback is never ordered by a button that is hit by accident: it leads to what
 * would happen, where it is confirmed.
 */
function actionsOf(
  state: State,
  id: ProjectRecord['id'],
  incident: string,
  words: NoticeWords,
): readonly NoticeAction[] {
  const project = state.projects.get(id)
  const page = project === undefined ? undefined : incidentPage(state, project, incident)
  if (page === undefined) return []
  const of = { project: id, incident } as const
  const actions: NoticeAction[] = []
  if (page.incident.acknowledged === null)
    actions.push({
      label: words.incident.acknowledge,
      does: { kind: 'send', command: { type: 'incident.acknowledge', ...of } },
    })
  const advised = page.choices.find(({ recommended }) => recommended)
  if (canGoBack(page.incident))
    actions.push({
      label: words.incident.rollBack,
      does: { kind: 'go', place: { view: 'incidents', at: rollbackAt(id, incident) } },
    })
  if (advised !== undefined && advised.id !== 'rollback')
    actions.push({
      label: words.incident.approve(advised.title),
      does: { kind: 'send', command: { type: 'incident.decide', ...of, choice: advised.id } },
    })
  return actions
}
