import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { isActive } from '../../../../main/domain/incidents/incident.ts'
import type { Action } from '../../actions/action.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { askRollback } from '../../rollback/asked.ts'
import { pointsOf } from '../../rollback/points.ts'
import { useCalm } from '../../state/calm.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { useWords } from '../../words/language.ts'
import { ask } from './asked.ts'
import type { Found } from './incidents.ts'
import type { W } from './names.ts'
import { words } from './words.ts'

export type IncidentVerb = 'acknowledge' | 'command' | 'check' | 'rollback' | 'merge' | 'close' | 'report'

/** What can be done with an incident, each with the reason where it cannot; undefined without one. */
export function useIncidentActions(
  found: Found | undefined,
): Readonly<Record<IncidentVerb, Action>> | undefined {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useCalm(useEngineState())
  const connected = useLive((live) => live.connection.status === 'connected')
  if (found === undefined || state === undefined) return undefined
  const { project, incident } = found
  const of = { project: project.id, incident: incident.id } as const
  const refusal = (command: ClientCommand): string | undefined =>
    connected ? projectRefusal(state, command, w.already) : w.notConnected
  const send = (id: IncidentVerb, command: ClientCommand): Action => ({
    id,
    label: w.actions[id],
    unavailable: refusal(command),
    perform: () => void dispatch(command),
  })
  const show = (id: 'merge' | 'close' | 'report', unavailable?: string): Action => ({
    id,
    label: w.actions[id],
    unavailable,
    perform: () => ask({ kind: id, ...of }),
  })
  const others = project.incidents.some((one) => one.id !== incident.id && isActive(one))
  const into = project.incidents.find((one) => one.id !== incident.id && isActive(one))?.id ?? incident.id
  return {
    acknowledge: send('acknowledge', { type: 'incident.acknowledge', ...of }),
    command: send('command', { type: 'incident.command', ...of }),
    check: send('check', { type: 'incident.decide', ...of, choice: 'check' }),
    merge: show('merge', others ? refusal({ type: 'incident.merge', ...of, into }) : w.mergeDialog.none),
    rollback: {
      id: 'rollback',
      label: w.actions.rollback,
      danger: true,
      unavailable: rollbackBarred(w, found, connected),
      perform: () => askRollback({ project: project.id, target: incident.target, incident: incident.id }),
    },
    close: show('close', refusal({ type: 'incident.close', ...of, reason: w.actions.close })),
    report: show('report'),
  }
}

function rollbackBarred(w: W, { project, incident }: Found, connected: boolean): string | undefined {
  if (!connected) return w.notConnected
  if (incident.target === null) return w.noTarget
  if (pointsOf(project, incident.target).length === 0) return w.noPoint(incident.target)
  return incident.state === 'mitigating' || incident.state === 'verifying'
    ? w.states[incident.state]
    : undefined
}
