import type { ReactNode } from 'react'
import { formatDuration } from '../../../main/domain/duration.ts'
import type { Run } from '../../../main/domain/state.ts'
import { taskStatus } from '../../../main/domain/status.ts'
import { useNow } from '../state/clock.ts'
import { navigate } from '../state/place.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { useWords } from '../words/language.ts'
import { sentenceOf, useStatusWords } from '../words/status.ts'
import css from './RunSteps.module.css'
import { words } from './words.ts'

/** The tasks of a run as steps, one below the other, as they go on. */
export function RunSteps({ run }: { readonly run: Run }): ReactNode {
  return (
    <ol className={css['steps']}>
      {run.plan.tasks.map((spec, index) => (
        <Step key={spec.id} run={run} index={index} />
      ))}
    </ol>
  )
}

function Step({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const now = useNow()
  const spec = run.plan.tasks[index]!
  const task = run.tasks.get(index)!
  const { mark, word, why, ms } = taskStatus(run, index, now)
  const progress = task.current?.progress ?? null
  const share = progress?.percent == null ? undefined : progress.percent / 100
  const told = task.outputs['finding'] ?? progress?.text ?? ''
  // One comes after the other: which it waits for stands above it.
  const sentence = why?.kind === 'needs' ? '' : sentenceOf(statuses, run, why, now)
  const text = why !== null && mark !== 'running' && mark !== 'done' ? sentence : told || sentence
  return (
    <li data-mark={mark}>
      <Glyph mark={mark} size={18} progress={share} />
      <div>
        <button
          type="button"
          aria-label={w.showStep(spec.title)}
          onClick={() => navigate({ view: 'graph', run: run.id, task: spec.id })}
        >
          {spec.title}
        </button>
        <p className="muted">
          {statuses.task[word]}
          {text !== '' && ` · ${text}`}
        </p>
      </div>
      <span className="muted">
        {ms === null || (mark === 'running' && ms < 1_000)
          ? ''
          : formatDuration(ms < 1_000 ? ms : Math.round(ms / 1_000) * 1_000)}
      </span>
    </li>
  )
}
