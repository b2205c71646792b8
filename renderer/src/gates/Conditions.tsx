import type { ReactNode } from 'react'
import { formatBytes } from '../../../main/domain/bytes.ts'
import { personOf } from '../../../main/domain/gates/approving.ts'
import type { ConditionView, GateView } from '../../../main/domain/gates/gateViews.ts'
import type { ProjectId } from '../../../main/domain/ids.ts'
import { usePreference } from '../state/preferences.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { timeText } from '../views/events/timeText.ts'
import { useWords } from '../words/language.ts'
import css from './Conditions.module.css'
import { RESULT_MARKS } from './looks.ts'
import { showReport } from './Report.tsx'
import { words } from './words.ts'

/** Each condition: measured against wanted, what that rests on, what people said. */
export function Conditions({
  project,
  view,
}: {
  readonly project: ProjectId
  readonly view: GateView
}): ReactNode {
  return (
    <ol className={css['conditions']}>
      {view.conditions.map((condition, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions are known by their place
        <One key={i} project={project} of={condition} isOpen={view.record?.state === 'waiting'} />
      ))}
    </ol>
  )
}

function One({
  project,
  of,
  isOpen,
}: {
  readonly project: ProjectId
  readonly of: ConditionView
  /** The gate waits for people: of one that has failed nobody is asked any more. */
  readonly isOpen: boolean
}): ReactNode {
  const w = useWords(words)
  const { result, text, wanted } = of
  const isIdle = result === null || (result.state === 'waiting' && !isOpen)
  const state = isIdle ? 'coming' : result.state
  const mark = isIdle ? 'waiting' : RESULT_MARKS[result.state]
  return (
    <li>
      <span className={css['mark']}>
        <Glyph mark={mark} size={14} label={w.results[state]} />
      </span>
      <div className={css['body']}>
        <p className={css['text']}>{text}</p>
        <dl>
          {result !== null && (
            <>
              <dt>{w.measured}</dt>
              <dd data-mark={mark}>{result.measured}</dd>
            </>
          )}
          <dt>{w.wanted}</dt>
          <dd>{wanted}</dd>
          {result !== null && result.reports.length > 0 && (
            <>
              <dt>{w.reports}</dt>
              <dd>
                {result.reports.map((report) => (
                  <button
                    key={report.path}
                    type="button"
                    className={css['report']}
                    title={w.bytesOf(formatBytes(report.bytes), report.hash)}
                    onClick={() => showReport(project, report)}
                  >
                    <code>{report.path}</code> <span className="muted">{formatBytes(report.bytes)}</span>
                  </button>
                ))}
              </dd>
            </>
          )}
        </dl>
        {of.condition.kind === 'approval' ? <Approvals of={of} /> : <Evidence of={of} />}
      </div>
    </li>
  )
}

/** Lines that are shown at once; more are folded. */
const SHORT = 4

function Evidence({ of: { result } }: { readonly of: ConditionView }): ReactNode {
  const w = useWords(words)
  const text = result?.evidence ?? ''
  if (text === '') return null
  const open = text.split('\n').length <= SHORT || result?.state !== 'passed'
  return (
    <details className={css['evidence']} open={open}>
      <summary>{w.evidence}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </details>
  )
}

function Approvals({ of: { approvals } }: { readonly of: ConditionView }): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  if (approvals.length === 0) return null
  return (
    <ul className={css['said']}>
      {approvals.map(({ by, at, yes, why }) => {
        const who = personOf(by) ?? by
        const time = timeText(at, Date.now(), language)
        return (
          <li key={by}>
            <Glyph mark={yes ? 'done' : 'failed'} size={12} />
            <span>
              {yes ? w.saidYes(who, time) : w.saidNo(who, time)}
              {why !== '' && <q>{why}</q>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
