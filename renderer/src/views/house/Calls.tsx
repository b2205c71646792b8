import { type ReactNode, useMemo } from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate } from '../../state/place.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { plain } from '../talk/markdown.ts'
import css from './Calls.module.css'
import { type Call, callsOf } from './calls.ts'
import { words } from './words.ts'

const MOST = 3

/** What calls for a person, up to three; a click leads there. `slim`: the first one, on a line. */
export function Calls({ run: latest, slim }: { readonly run: Run; readonly slim: boolean }): ReactNode {
  const w = useWords(words)
  const run = useCalm(latest)
  const calls = useMemo(() => callsOf(run), [run])
  const shown = calls.slice(0, slim ? 1 : MOST)
  if (calls.length === 0) return slim ? <p className="muted">{w.nobody}</p> : null
  return (
    <section className={css['calls']} data-slim={slim} aria-label={w.needsYou(calls.length)}>
      {!slim && <h3>{w.needsYou(calls.length)}</h3>}
      <ul>
        {shown.map((call) => (
          <li key={call.id}>
            <CallLine run={run} call={call} />
          </li>
        ))}
      </ul>
      {calls.length > shown.length && <p className="muted">{w.andMore(calls.length - shown.length)}</p>}
    </section>
  )
}

function CallLine({ run, call }: { readonly run: Run; readonly call: Call }): ReactNode {
  const w = useWords(words)
  const task = call.task === null ? undefined : run.plan.tasks[call.task]
  return (
    <button type="button" className={css['call']} onClick={() => navigate({ run: run.id, task: task?.id })}>
      <Glyph mark={call.mark} size={14} />
      <strong>{task?.title ?? w.theRun}</strong>
      <span className={css['text']}>{plain(call.text)}</span>
    </button>
  )
}
