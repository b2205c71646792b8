import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import { isActive } from '../../../../main/domain/incidents/incident.ts'
import type { Action } from '../../actions/action.ts'
import { askRollback } from '../../rollback/asked.ts'
import { pointsOf } from '../../rollback/points.ts'
import { words as rollbackWords } from '../../rollback/words.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { useWords } from '../../words/language.ts'
import { ask } from './asked.ts'
import { findIncident, markOf } from './incidents.ts'
import { useIncidentActions } from './useIncidentActions.ts'
import { words } from './words.ts'

/** What the palette offers of incidents: the verbs of the one on the screen, the way to each open one, a new one. */
export function useIncidentEntries() {
  const w = useWords(words)
  const r = useWords(rollbackWords)
  const { view, at } = usePlace()
  const state = useEngineState()
  const found = state === undefined || view !== 'incidents' ? undefined : findIncident(state, at)
  const actions = useIncidentActions(found)
  const own = Object.values(actions ?? {}).map((action: Action) => ({
    ...action,
    id: `incident-${action.id}`,
    hint: found?.incident.id ?? '',
  }))
  const open = [...(state?.projects.values() ?? [])].flatMap(({ id: project, name, incidents }) =>
    incidents.filter(isActive).map((incident) => ({
      id: `to-incident-${project}-${incident.id}`,
      label: w.toIncident(incident.severity, incident.title),
      mark: markOf(incident),
      hint: name,
      perform: () => navigate({ view: 'incidents', at: incidentAt(project, incident.id) }),
    })),
  )
  const more: Action = {
    id: 'incident-open',
    label: w.actions.open,
    perform: () => ask({ kind: 'open', project: found?.project.id }),
  }
  const back = [...(state?.projects.values() ?? [])].flatMap((project) =>
    Object.keys(project.targets).flatMap((target) =>
      pointsOf(project, target).length === 0
        ? []
        : [
            {
              id: `rollback-${project.id}-${target}`,
              label: r.ofRun(target),
              danger: true,
              hint: project.name,
              perform: () => askRollback({ project: project.id, target }),
            },
          ],
    ),
  )
  return [...own, ...open, ...back, more]
}
