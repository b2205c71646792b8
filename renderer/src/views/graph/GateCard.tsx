import { memo, type ReactNode } from 'react'
import { gatePlaces } from '../../../../main/domain/gates/placeKey.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { GATE_MARKS, lookOfAll, lookOfGate, placeTitle } from '../../gates/looks.ts'
import { words as gateWords } from '../../gates/words.ts'
import { usePlace } from '../../state/place.ts'
import { useLive, useSession } from '../../state/session.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import cards from './cards.module.css'
import css from './GateCard.module.css'
import type { GateUnit } from './gateUnits.ts'
import { useGraph, useGraphView, useLooksVersion } from './graphView.ts'

/** Gates that are named on the card; more are counted. */
export const NAMED_GATES = 4

/** What stands between what was made and what follows: each gate with its state, between two posts. */
export const GateCard = memo(function GateCard({ data }: { readonly data: GateUnit }): ReactNode {
  const { id, names } = data
  const w = useWords(gateWords)
  const run = useRunOfGates()
  const place = gatePlaces(run).find(({ key }) => key === id)
  const selected = useIsSelected(id)
  const isStop = useGraphView((view) => view.cursor === id)
  const only = useGraphView((view) => view.only)
  const found = useGraphView((view) => view.matches?.has(id))
  if (place === undefined) return null
  const { views, at } = place
  const look = lookOfAll(views)
  const mark = GATE_MARKS[look]
  const titles = views.map(({ spec }) => spec.title)
  const where = placeTitle(w, run, at)
  const label =
    views.length === 1
      ? w.label(titles[0]!, where, w.states[look])
      : w.severalLabel(titles.join(', '), where, w.states[look])
  const shown = views.slice(0, names.length > NAMED_GATES ? NAMED_GATES - 1 : NAMED_GATES)
  return (
    <button
      type="button"
      className={`${cards['card']} ${css['gate']}`}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={selected}
      aria-label={label}
      title={label}
      data-unit={id}
      data-mark={mark}
      data-selected={selected}
      data-found={found === true}
      data-dim={found === false || (only !== undefined && only !== mark)}
    >
      {shown.map((view) => {
        const is = lookOfGate(view)
        return (
          <span key={view.spec.name} className={css['row']}>
            <Glyph mark={GATE_MARKS[is]} size={14} progress={0.3} />
            <span className={css['name']}>{view.spec.title}</span>
            <span className={css['state']} data-mark={GATE_MARKS[is]}>
              {is === 'waiting' ? w.cardWaiting : w.states[is]}
            </span>
          </span>
        )
      })}
      {views.length > shown.length && (
        <span className={`${css['row']} ${css['state']}`}>{w.more(views.length - shown.length)}</span>
      )}
    </button>
  )
})

/** A run's gates change apart from its tasks: renders again when those of this run do. */
function useRunOfGates(): Run {
  const { looks } = useGraph()
  const { live } = useSession()
  const { id } = looks.run
  useLooksVersion()
  useLive((now) => now.state?.runs.get(id)?.gates)
  return live.getState().state?.runs.get(id) ?? looks.run
}

function useIsSelected(id: string): boolean {
  const { at, task } = usePlace()
  return at === id && task === undefined
}
