import { type ReactNode, useId } from 'react'
import { mayDecide, missingAfterYes, waitingApprovals } from '../../../main/domain/gates/approving.ts'
import type { GateRecord } from '../../../main/domain/gates/gateRecord.ts'
import { gateSpec } from '../../../main/domain/gates/places.ts'
import type { Run } from '../../../main/domain/state.ts'
import { usePerson } from '../state/person.ts'
import { Button } from '../ui/Button.tsx'
import { useWords } from '../words/language.ts'
import css from './Decide.module.css'
import { consequences } from './looks.ts'
import { useGateDecision } from './useGateActions.ts'
import { words } from './words.ts'

/** What a person may do about a gate, what follows from it, and the reason that is kept. Ctrl+Enter approves. */
export function Decide({
  run,
  record,
  children,
}: {
  readonly run: Run
  readonly record: GateRecord
  readonly children?: ReactNode
}): ReactNode {
  const w = useWords(words)
  const id = useId()
  const { why, setWhy, verbs } = useGateDecision(run, record)
  const { approve, reject, evaluate, skip } = verbs
  const person = usePerson()
  if (Object.keys(verbs).length === 0) return children ?? null
  const follows = consequences(w, run, record.at)
  const spec = gateSpec(run.plan, record.gate)
  const asked = waitingApprovals(spec, record)
    .filter(({ condition }) => person === undefined || mayDecide(condition.by, person))
    .map(({ condition }) => condition.title)
    .filter((title) => title !== '')
  const missing = missingAfterYes(spec, record, person ?? null)
  const submit = (): void => {
    if (approve !== undefined && approve.unavailable === undefined) approve.perform()
  }
  return (
    <form
      className={css['decide']}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      {approve !== undefined && (
        <dl className={css['follows']}>
          {asked.length > 0 && (
            <>
              <dt>{w.about}</dt>
              <dd>{asked.join('; ')}</dd>
            </>
          )}
          <dt>{w.yes}</dt>
          <dd>{missing === 0 ? follows.yes : w.moreYes(missing, follows.yes)}</dd>
          <dt>{w.no}</dt>
          <dd>{follows.no}</dd>
        </dl>
      )}
      {(approve !== undefined || skip !== undefined) && (
        <>
          <label htmlFor={id} className="visually-hidden">
            {w.why}
          </label>
          <textarea
            id={id}
            rows={2}
            maxLength={4_000}
            placeholder={w.whyPlaceholder}
            value={why}
            onChange={(event) => setWhy(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
              event.preventDefault()
              submit()
            }}
          />
        </>
      )}
      <div className={css['buttons']}>
        {approve !== undefined && (
          <Button look="primary" unavailable={approve.unavailable} onClick={approve.perform}>
            {approve.label}
          </Button>
        )}
        {reject !== undefined && (
          <Button look="danger" unavailable={reject.unavailable} onClick={reject.perform}>
            {reject.label}
          </Button>
        )}
        {evaluate !== undefined && (
          <Button unavailable={evaluate.unavailable} onClick={evaluate.perform}>
            {evaluate.label}
          </Button>
        )}
        {skip !== undefined && (
          <Button unavailable={skip.unavailable} onClick={skip.perform}>
            {skip.label}
          </Button>
        )}
        {children}
      </div>
    </form>
  )
}
