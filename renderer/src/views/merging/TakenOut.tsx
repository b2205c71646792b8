import { SquareTerminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { attemptId } from '../../../../main/domain/ids.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import { Who } from '../locks/Who.tsx'
import type { TakenOut } from './checks.ts'
import css from './Merging.module.css'
import { words } from './words.ts'

/** The latest; what was before them is in the event log. */
const MOST = 20

/** Whose work was not merged, the check that said so, its last lines, and what its task does now. */
export function TakenOutList({
  run,
  out,
  onOutput,
}: {
  readonly run: Run
  readonly out: readonly TakenOut[]
  readonly onOutput: (check: number) => void
}): ReactNode {
  const w = useWords(words)
  if (out.length === 0) return null
  return (
    <section className={css['part']} aria-label={w.out}>
      <header className={css['head']}>
        <h3>{w.out}</h3>
        <span className="muted">{out.length}</span>
      </header>
      <ul className={css['out']}>
        {out
          .toReversed()
          .slice(0, MOST)
          .map(({ task, attempt, check, why, detail }) => {
            const { id } = run.plan.tasks[task]!
            return (
              <li key={`${task}#${attempt}`}>
                <div className={css['whose']}>
                  <button
                    type="button"
                    className={css['link']}
                    onClick={() => navigate({ run: run.id, task: id })}
                  >
                    <Who project={run.project} holder={attemptId(run.id, id, attempt)} />
                  </button>
                  <span className="muted">{why === 'breaks' ? w.breaks : w.clashes(detail)}</span>
                  <span className={css['now']}>{nowOf(w, run, task, attempt)}</span>
                  <Button look="quiet" aria-label={w.outputOf(check)} onClick={() => onOutput(check)}>
                    <SquareTerminal size={14} aria-hidden /> {w.check(check)}
                  </Button>
                </div>
                {why === 'breaks' && <pre>{detail.replaceAll(`${run.id}/`, '').trim()}</pre>}
              </li>
            )
          })}
      </ul>
    </section>
  )
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function nowOf(w: Words, run: Run, task: number, attempt: number): string {
  const { current, past, outcome } = run.tasks.get(task)!
  if (current !== null) return current.n === attempt ? '' : w.now.again(current.n)
  const last = past.at(-1)
  if (outcome === 'succeeded' && last !== undefined) return w.now.merged(last.n)
  return outcome === null ? w.now.waits : w.now.failed
}
