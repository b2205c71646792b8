import type { ReactNode } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { FIX_FORWARD, FIXED } from '../../../../main/domain/incidents/remedies.ts'
import { type ChoiceView, titleOfChoice } from '../../../../main/domain/incidents/views.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { askRollback } from '../../rollback/asked.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { confirm } from '../../ui/Dialog.tsx'
import { Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import css from './IncidentInspector.module.css'
import type { Found } from './incidents.ts'
import { choiceText, pointText, type W, whoText } from './names.ts'
import { useIncidentActions } from './useIncidentActions.ts'
import { words } from './words.ts'

/** What can be done about it, each with what it does; the one that fits the likeliest cause first. */
export function Choose({
  found,
  choices,
}: {
  readonly found: Found
  readonly choices: readonly ChoiceView[]
}): ReactNode {
  const w = useWords(words)
  const actions = useIncidentActions(found)
  const { incident } = found
  const { decision } = incident
  const cannot = [...new Set(choices.flatMap((choice) => choice.cannot))]
  if (choices.length === 0 && decision === null) return null
  return (
    <>
      <Section title={w.choose}>
        {decision !== null && choices.length === 0 && (
          <p>
            {w.chosen(
              choiceText(w, decision.choice, titleOfChoice(incident, decision.choice)),
              whoText(w, decision.by),
            )}
          </p>
        )}
        <ul className={css['choices']}>
          {choices.map((choice) => (
            <li key={choice.id}>
              <ChoiceCard found={found} choice={choice} />
            </li>
          ))}
        </ul>
        {choices.length > 0 && choices[0]!.id !== FIXED && actions !== undefined && (
          <Button look="quiet" unavailable={actions.check.unavailable} onClick={actions.check.perform}>
            {w.checkAgain}
          </Button>
        )}
      </Section>
      {cannot.length > 0 && (
        <Section title={w.cannot}>
          <ul className={css['cannot']}>
            {cannot.map((what) => (
              <li key={what}>{what}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  )
}

function ChoiceCard({
  found: { project, incident },
  choice,
}: {
  readonly found: Found
  readonly choice: ChoiceView
}): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  const { id, title, expectedMs, recommended, approval } = choice
  const command: ClientCommand = {
    type: 'incident.decide',
    project: project.id,
    incident: incident.id,
    choice: id,
  }
  const why =
    choice.barred ??
    (connected && state !== undefined ? projectRefusal(state, command, w.already) : w.notConnected)
  const label = choiceText(w, id, title)
  const decide = async (): Promise<void> => {
    const text = id === FIX_FORWARD ? w.decideText.forward : w.decideText.plain
    if (id === 'rollback' && choice.point !== null) {
      askRollback({ project: project.id, target: incident.target, incident: incident.id })
      return
    }
    const asks = id !== FIXED
    if (asks && !(await confirm({ title: `${label}?`, text, confirm: label }))) return
    await dispatch(command)
  }
  const effect = effectOf(w, choice, choice.point === null ? null : pointText(project, choice.point))
  const parts = [effect, ...(expectedMs === null ? [] : [w.about(formatDuration(expectedMs))])]
  return (
    <button
      type="button"
      className={css['choice']}
      data-recommended={recommended}
      aria-disabled={why !== undefined || undefined}
      onClick={why === undefined ? () => void decide() : undefined}
    >
      <span className={css['name']}>
        <b>{label}</b>
        {recommended && <span className={css['advised']}>{w.recommended}</span>}
      </span>
      <span className="muted">{parts.filter((part) => part !== '').join(' · ')}</span>
      {approval === 'automatic' && <span className="muted">{w.automatic}</span>}
      {why !== undefined && <span className={css['why']}>{why}</span>}
    </button>
  )
}

function effectOf(w: W, { id }: ChoiceView, point: string | null): string {
  if (id === 'rollback') return point === null ? '' : w.effects.rollback(point)
  if (id === 'restart') return w.effects.restart
  if (id === FIX_FORWARD) return w.effects.forward
  if (id === FIXED) return w.effects.fixed
  if (id.startsWith('epic:')) return w.effects.epic(id.slice(5))
  return id.startsWith('task:') ? w.effects.task(id.slice(5)) : ''
}
