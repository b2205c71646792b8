import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { isActive } from '../../../../main/domain/incidents/incident.ts'
import type { Action } from '../../actions/action.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useCalm } from '../../state/calm.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { useWords } from '../../words/language.ts'
import { ask } from './asked.ts'
import type { Found } from './incidents.ts'
import { words } from './words.ts'

export type IncidentVerb = 'acknowledge' | 'command' | 'check' | 'merge' | 'close' | 'report'

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
    close: show('close', refusal({ type: 'incident.close', ...of, reason: w.actions.close })),
    report: show('report'),
  }
}
