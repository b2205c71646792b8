import { SquareTerminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { parseAttemptId } from '../../../../main/domain/ids.ts'
import type { Cause, Incident } from '../../../../main/domain/incidents/incident.ts'
import type { CheckView } from '../../../../main/domain/incidents/views.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './Findings.module.css'
import { words } from './words.ts'

/** What the checks found, side by side; each leads to what its agent said. */
export function Findings({
  incident,
  checks,
  causes,
}: {
  readonly incident: Incident
  readonly checks: readonly CheckView[]
  readonly causes: readonly Cause[]
}): ReactNode {
  const w = useWords(words)
  const leftOut = incident.checks?.leftOut ?? []
  const top = causes[0]?.evidence.filter(({ weight }) => weight > 0).map(({ check }) => check) ?? []
  return (
    <section aria-label={w.found}>
      <h3>{w.found}</h3>
      {checks.length === 0 && <p className="muted">{w.nothingChecked}</p>}
      <ul className={css['cards']}>
        {checks.map((check) => (
          <Card key={check.check} incident={incident} check={check} speaks={top.includes(check.check)} />
        ))}
      </ul>
      {leftOut.map((what) => (
        <p key={what} className={css['left']}>
          {w.leftOut(what)}
        </p>
      ))}
    </section>
  )
}

function Card({
  incident,
  check,
  speaks,
}: {
  readonly incident: Incident
  readonly check: CheckView
  /** It is evidence for the likeliest cause. */
  readonly speaks: boolean
}): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { state, text, cause, confidence, role, title, startedAt, tookMs } = check
  const evidence = incident.findings.find((one) => one.check === check.check)?.evidence ?? null
  const ms = tookMs ?? (startedAt === null ? null : Math.max(0, now - startedAt))
  const isFault = state === 'done' && cause !== null
  const mark: Mark = isFault ? 'conflict' : MARK_OF[state]
  const output = outputOf(incident, check.check)
  return (
    <li className={css['card']} data-speaks={speaks && isFault}>
      <header>
        <Glyph mark={mark} />
        <b title={title}>{role === '' ? title : role}</b>
        <span className="muted">
          {ms === null ? '' : formatDuration(Math.max(1_000, Math.round(ms / 1_000) * 1_000))}
        </span>
      </header>
      <p className={css['check']}>{title}</p>
      <p className={css['text']}>{text}</p>
      {evidence !== null && (
        <details>
          <summary>{w.evidence}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard */}
          <pre tabIndex={0}>{evidence}</pre>
        </details>
      )}
      <footer>
        <span className={css['word']} data-mark={mark}>
          {state === 'waiting'
            ? w.waiting
            : state === 'running'
              ? ''
              : state === 'failed'
                ? w.failedCheck
                : cause === null
                  ? w.noFault
                  : `${cause.replaceAll('_', ' ')}${confidence === null ? '' : ` · ${w.sure(Math.round(confidence * 100))}`}`}
        </span>
        {output !== undefined && (
          <IconButton label={w.output(title)} onClick={() => navigate({ view: 'agents', ...output })}>
            <SquareTerminal size={15} aria-hidden />
          </IconButton>
        )}
      </footer>
    </li>
  )
}

const MARK_OF: Readonly<Record<CheckView['state'], Mark>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
}

/** Where the output of the agent is that made the check. */
function outputOf({ findings, checks }: Incident, check: string) {
  const by = findings.find((one) => one.check === check)?.by
  const run = by === undefined ? checks?.run : parseAttemptId(by)?.run
  return run == null ? undefined : { run, task: check }
}
