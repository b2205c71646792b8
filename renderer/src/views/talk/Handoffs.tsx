import { type KeyboardEvent, type ReactNode, useMemo, useRef } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { Run } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { type Handoff, type HandoffState, isOpen } from '../../../../main/domain/talk/handoff.ts'
import { useNow } from '../../state/clock.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import css from './Board.module.css'
import { boardOf, COLUMNS, failedChecks, stepOnBoard } from './board.ts'
import { boardWords } from './boardWords.ts'
import { handoffIn } from './tabs.ts'

export const MARK_OF: Readonly<Record<HandoffState, Mark>> = {
  initiated: 'running',
  returned: 'conflict',
  transferred: 'running',
  clarifying: 'blocked',
  acknowledged: 'running',
  completed: 'done',
  withdrawn: 'failed',
}

/** Hand-offs by state, one card each; what one says is in the inspector. */
export function Handoffs({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(boardWords)
  const chosen = handoffIn(usePlace().at)
  const { handoffs } = run.talk
  const board = useMemo(() => boardOf(handoffs), [handoffs])
  const ref = useRef<HTMLDivElement>(null)
  if (handoffs.length === 0) return <Empty title={w.noHandoffs}>{w.noHandoffsText}</Empty>
  const first = COLUMNS.flatMap((column) => board[column])[0]?.id
  const stop = handoffs.some(({ id }) => id === chosen) ? chosen : first
  // What is empty leaves its room to the others.
  const tracks = COLUMNS.map((column) =>
    board[column].length === 0 ? 'minmax(108px, 0.5fr)' : 'minmax(128px, 1fr)',
  ).join(' ')
  const onKeyDown = (event: KeyboardEvent): void => {
    const card = (event.target as HTMLElement).closest<HTMLElement>('[data-handoff]')
    if (card === null || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') {
      navigate({ at: 'handoffs' })
      return
    }
    const to = stepOnBoard(board, card.dataset['handoff'], event.key)
    if (to === undefined) return
    event.preventDefault()
    ref.current?.querySelector<HTMLElement>(`[data-handoff="${to}"]`)?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows lead from card to card, which are buttons
    <div ref={ref} className={css['board']} style={{ gridTemplateColumns: tracks }} onKeyDown={onKeyDown}>
      {COLUMNS.map((column) => (
        <section key={column} className={css['column']} aria-label={w.columns[column]}>
          <header>
            <h3>{w.columns[column]}</h3>
            <span className="muted">{board[column].length}</span>
          </header>
          <ul>
            {board[column].map((handoff) => (
              <li key={handoff.id}>
                <Card
                  run={run}
                  handoff={handoff}
                  chosen={handoff.id === chosen}
                  focusable={handoff.id === stop}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

function Card({
  run,
  handoff,
  chosen,
  focusable,
}: {
  readonly run: Run
  readonly handoff: Handoff
  readonly chosen: boolean
  readonly focusable: boolean
}): ReactNode {
  const w = useWords(boardWords)
  const { id, state, from, to, document } = handoff
  const failed = failedChecks(handoff)
  const name = (task: number): string => run.plan.tasks[task]!.id
  return (
    <button
      type="button"
      className={css['card']}
      data-handoff={id}
      data-mark={MARK_OF[state]}
      aria-pressed={chosen}
      tabIndex={focusable ? 0 : -1}
      onClick={() => navigate({ at: chosen ? 'handoffs' : id })}
    >
      <span className={css['title']}>
        <Glyph
          mark={handoff.overdue && isOpen(handoff) ? 'needs-you' : MARK_OF[state]}
          size={14}
          progress={0.7}
        />
        <strong>{document.title}</strong>
      </span>
      <span className={css['way']}>
        {name(from)} → {name(to)}
      </span>
      <span className={css['foot']}>
        <span>{id}</span>
        {isOpen(handoff) && <Age since={handoff.since} />}
        {(state === 'clarifying' || state === 'withdrawn') && <span>{w.states[state]}</span>}
        {failed > 0 && state !== 'completed' && <span className={css['bad']}>{w.failed(failed)}</span>}
        {handoff.overdue && isOpen(handoff) && <span className={css['late']}>{w.late}</span>}
      </span>
    </button>
  )
}

function Age({ since }: { readonly since: number }): ReactNode {
  const w = useWords(boardWords)
  const now = useNow()
  return <span>{w.age(formatDuration(Math.max(0, Math.floor((now - since) / 1_000) * 1_000)))}</span>
}
