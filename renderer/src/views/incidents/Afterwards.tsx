import { type ReactNode, useState } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import type { FollowUp } from '../../../../main/domain/incidents/incident.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useEngineState, useLive } from '../../state/session.tsx'
import { Button, Hint } from '../../ui/Button.tsx'
import { Fact, Facts, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { ask } from './asked.ts'
import css from './IncidentInspector.module.css'
import type { Found } from './incidents.ts'
import { whoText } from './names.ts'
import { words } from './words.ts'

/** What is to be learnt: cause and impact, what keeps it from coming again, the report. */
export function Afterwards({ found }: { readonly found: Found }): ReactNode {
  const w = useWords(words)
  const { project, incident } = found
  const { rootCause, impact, followUps } = incident
  const of = { project: project.id, incident: incident.id } as const
  const none = <span className="muted">{w.notWritten}</span>
  return (
    <Section title={w.afterwards}>
      <Facts>
        <Fact name={w.rootCause}>{rootCause ?? none}</Fact>
        <Fact name={w.impact}>{impact ?? none}</Fact>
      </Facts>
      <div className={css['line']}>
        <Button onClick={() => ask({ kind: 'review', ...of })}>{w.writeDown}</Button>
        <Button onClick={() => ask({ kind: 'report', ...of })}>{w.report}</Button>
      </div>
      <h4 className={css['sub']}>{w.followUps}</h4>
      {followUps.length === 0 && <p className="muted">{w.noFollowUps}</p>}
      <ul className={css['followUps']}>
        {followUps.map((followUp) => (
          <FollowUpRow key={followUp.id} found={found} followUp={followUp} />
        ))}
      </ul>
      <AddPrevention found={found} />
    </Section>
  )
}

function FollowUpRow({ found, followUp }: { readonly found: Found; readonly followUp: FollowUp }): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const state = useEngineState()
  const connected = useLive((live) => live.connection.status === 'connected')
  const { id, kind, text, done } = followUp
  const { project, incident } = found
  const command: ClientCommand = {
    type: 'incident.review',
    project: project.id,
    incident: incident.id,
    done: id,
  }
  const needsCause = kind === 'post-mortem' && incident.rootCause === null
  const why =
    done !== null
      ? w.doneStays
      : needsCause
        ? w.needsCause
        : connected && state !== undefined
          ? projectRefusal(state, command)
          : w.notConnected
  const box = (
    <input
      type="checkbox"
      checked={done !== null}
      aria-disabled={why !== undefined || undefined}
      onChange={() => {
        if (why === undefined) void dispatch(command)
      }}
    />
  )
  return (
    <li data-done={done !== null}>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the box is in it, within its hint */}
      <label>
        {why === undefined ? box : <Hint text={why}>{box}</Hint>}
        <span>
          {text}{' '}
          <span className="muted">
            {w.kinds[kind]}
            {done !== null && ` · ${w.doneBy(whoText(w, done.by))}`}
          </span>
        </span>
      </label>
    </li>
  )
}

function AddPrevention({ found: { project, incident } }: { readonly found: Found }): ReactNode {
  const w = useWords(words)
  const dispatch = useDispatch()
  const [text, setText] = useState('')
  const prevention = text.trim()
  const add = async (): Promise<void> => {
    if (prevention === '') return
    const command: ClientCommand = {
      type: 'incident.review',
      project: project.id,
      incident: incident.id,
      prevention,
    }
    if (await dispatch(command)) setText('')
  }
  return (
    <form
      className={css['add']}
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <input
        aria-label={w.addPrevention}
        placeholder={w.addPrevention}
        maxLength={500}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" unavailable={prevention === '' ? w.addPrevention : undefined}>
        {w.add}
      </Button>
    </form>
  )
}
