import type { ReactNode } from 'react'
import type { Cause, Incident } from '../../../../main/domain/incidents/incident.ts'
import { Bar, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import css from './IncidentInspector.module.css'
import { words } from './words.ts'

/** The likeliest cause with what speaks for and against it; the others behind a click. */
export function DiagnosisView({
  incident,
  causes,
  isFinal,
}: {
  readonly incident: Incident
  readonly causes: readonly Cause[]
  readonly isFinal: boolean
}): ReactNode {
  const w = useWords(words)
  const [top, ...others] = causes
  const { rootCause } = incident
  return (
    <Section title={isFinal ? w.diagnosis : w.diagnosisSoFar}>
      {top === undefined ? (
        <p className="muted">{isFinal || incident.checks === null ? w.noCause : w.noDiagnosis}</p>
      ) : (
        <CauseView cause={top} large />
      )}
      {rootCause !== null && (
        <p className={css['told']}>
          <span className="muted">{w.rootCause}:</span> {rootCause}
        </p>
      )}
      {others.length > 0 && (
        <details className={css['others']}>
          <summary>{w.otherCauses(others.length)}</summary>
          {others.map((cause) => (
            <CauseView key={cause.cause} cause={cause} />
          ))}
        </details>
      )}
    </Section>
  )
}

function CauseView({ cause, large = false }: { readonly cause: Cause; readonly large?: boolean }): ReactNode {
  const w = useWords(words)
  const percent = Math.round(cause.confidence * 100)
  return (
    <div className={css['cause']}>
      <p className={large ? css['top'] : ''}>
        <b>{cause.title}</b> <span className="muted">{w.sure(percent)}</span>
      </p>
      <Bar share={cause.confidence} label={`${cause.title} ${w.sure(percent)}`} />
      <ul>
        {cause.evidence.map(({ check, text, weight }) => (
          <li key={`${check} ${text}`} data-against={weight < 0}>
            <span className={css['weight']} title={weight < 0 ? w.speaksAgainst : w.speaksFor}>
              <span aria-hidden>{weight < 0 ? '−' : '+'}</span>
              <span className="visually-hidden">{weight < 0 ? w.speaksAgainst : w.speaksFor}: </span>
            </span>
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
