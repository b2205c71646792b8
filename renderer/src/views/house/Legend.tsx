import { memo, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { MARKS, type Mark, type StatusWord } from '../../../../main/domain/status.ts'
import { useIsOver } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import type { HouseStore } from './houseState.ts'
import css from './Legend.module.css'
import { type SeatStates, useCounts } from './seatStates.ts'
import { words } from './words.ts'

/** The word each shape stands for. */
export const WORD_OF: Readonly<Record<Mark, StatusWord>> = {
  running: 'running',
  waiting: 'waits',
  blocked: 'blocked',
  conflict: 'conflict',
  failed: 'failed',
  done: 'done',
  'needs-you': 'needs-you',
}

/** What the shapes mean and how many there are; one that is pressed leaves only its own lit. */
export const Legend = memo(function Legend({
  states,
  store,
}: {
  readonly states: SeatStates
  readonly store: HouseStore
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const counts = useCounts(states)
  const only = useStore(store, (house) => house.only)
  const over = useIsOver(states.run)
  return (
    <fieldset className={css['legend']}>
      <legend className="visually-hidden">{w.legend}</legend>
      {MARKS.map((mark) => {
        // What is left of a run that is over waits for nothing.
        const word = statuses.task[over && mark === 'waiting' ? 'cancelled' : WORD_OF[mark]]
        return (
          <button
            key={mark}
            type="button"
            data-mark={mark}
            data-none={counts[mark] === 0}
            aria-pressed={only === mark}
            aria-label={w.only(word, counts[mark])}
            onClick={() => store.setState({ only: only === mark ? undefined : mark })}
          >
            <Glyph mark={mark} progress={0.7} size={14} />
            <span>{word}</span>
            <b>{counts[mark]}</b>
          </button>
        )
      })}
    </fieldset>
  )
})
