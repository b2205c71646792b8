import type { ReactNode } from 'react'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { callOf } from '../../../../main/domain/incidents/views.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { markOf } from './incidents.ts'
import css from './Severity.module.css'
import { words } from './words.ts'

/** P0 is a filled block, P1 an outlined one, P2 a thin one: told apart without the colours. */
export function Severity({
  incident,
  large,
}: {
  readonly incident: Incident
  readonly large?: true
}): ReactNode {
  const { severity, level } = incident
  return (
    <span className={css['severity']} data-severity={severity} data-large={large} title={level.description}>
      {severity}
    </span>
  )
}

/** Its state as shape and word, and what it wants of a person. */
export function StateLine({ incident }: { readonly incident: Incident }): ReactNode {
  const w = useWords(words)
  const { state, checks } = incident
  const call = callOf(incident)
  const mark = markOf(incident)
  const more =
    call !== null && state !== 'resolved'
      ? w.calls[call]
      : mark === 'running' && checks?.endedAt === null
        ? w.checking
        : undefined
  return (
    <span className={css['state']} data-mark={mark}>
      <Glyph mark={mark} size={14} />
      <span>
        {w.states[state]}
        {more !== undefined && <span className="muted"> · {more}</span>}
      </span>
    </span>
  )
}
