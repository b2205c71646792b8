import type { ReactNode } from 'react'
import type { Attention, Run } from '../../../../main/domain/state.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { useWords } from '../../words/language.ts'
import css from './Asked.module.css'
import { firstKeep, optionsOf } from './cards.ts'
import { saidOf, WayButton } from './ways.tsx'
import { words } from './words.ts'

/** Is it a conflict that is asked about? */
export function conflictIn({ about }: Pick<Attention, 'about'>): string | undefined {
  return about !== null && /^c\d+$/.test(about) ? about : undefined
}

/** The ways out of a conflict a person is asked about, and the way to its card. */
export function Asked({ run, id }: { readonly run: Run; readonly id: string }): ReactNode {
  const w = useWords(words)
  const state = useEngineState()
  const { view } = usePlace()
  const conflict = state?.projects.get(run.project)?.conflicts.find((one) => one.id === id)
  if (state === undefined || conflict === undefined) return null
  return (
    <div className={css['asked']}>
      {optionsOf(conflict, firstKeep(conflict)).map((option) => (
        <WayButton
          key={option.action}
          state={state}
          project={run.project}
          conflict={conflict}
          option={option}
          said={saidOf(w, conflict, option)}
        />
      ))}
      {view !== 'conflicts' && (
        <Button
          look="quiet"
          onClick={() => navigate({ view: 'conflicts', run: run.id, task: undefined, at: id })}
        >
          {w.bothSides}
        </Button>
      )}
    </div>
  )
}
