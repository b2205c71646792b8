import type { ReactNode } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import type { Run } from '../../../main/domain/state.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { Section } from '../ui/Panel.tsx'
import { useWords } from '../words/language.ts'
import { useStatusWords } from '../words/status.ts'
import css from './TaskInspector.module.css'
import { words } from './words.ts'

/** What was tried, newest first, and how it ended. */
export function Attempts({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const past = [...run.tasks.get(index)!.past].reverse()
  return (
    <Section title={w.attempts}>
      <ul className={css['attempts']}>
        {past.map((attempt) => {
          const time = attempt.startedAt === null ? '' : formatDuration(attempt.endedAt - attempt.startedAt)
          const code = attempt.code === null || attempt.code === 0 ? '' : ` · ${w.exit(attempt.code)}`
          const cause = attempt.cause === null ? w.succeeded : statuses.why.causes[attempt.cause]
          return (
            <li key={attempt.n}>
              <Glyph mark={attempt.state === 'COMPLETED' ? 'done' : 'failed'} size={14} />
              <div>
                <p>
                  {attempt.role}#{attempt.n} <span className="muted">{time}</span>
                </p>
                <p className="muted">
                  {cause}
                  {code}
                  {attempt.detail !== '' && ` · ${attempt.detail}`}
                </p>
              </div>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
