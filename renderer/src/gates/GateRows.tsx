import type { ReactNode } from 'react'
import { type GatesAtPlace, gatePlaces } from '../../../main/domain/gates/placeKey.ts'
import type { Run } from '../../../main/domain/state.ts'
import { navigate } from '../state/place.ts'
import { Glyph } from '../ui/Glyph.tsx'
import { Section } from '../ui/Panel.tsx'
import { useWords } from '../words/language.ts'
import css from './GateRows.module.css'
import { GATE_MARKS, lookOfGate, placeTitle, whyNot } from './looks.ts'
import { words } from './words.ts'

/** All gates of a run, or those of one task, each leading to its evidence; nothing where there are none. */
export function GateRows({ run, task }: { readonly run: Run; readonly task?: number }): ReactNode {
  const w = useWords(words)
  if (run.plan.gates === undefined || run.plan.gates.length === 0) return null
  const places = gatePlaces(run).filter(
    ({ at }) => task === undefined || (at.kind !== 'phase' && at.task === task),
  )
  const views = places.flatMap((place) => place.views)
  if (views.length === 0) return null
  const through = views.filter((view) => ['passed', 'skipped'].includes(lookOfGate(view))).length
  return (
    <Section title={w.title} aside={<span className="muted">{w.count(through, views.length)}</span>}>
      <ul className={css['rows']}>
        {places.map((place) => (
          <Rows key={place.key} run={run} place={place} />
        ))}
      </ul>
    </Section>
  )
}

function Rows({ run, place }: { readonly run: Run; readonly place: GatesAtPlace }): ReactNode {
  const w = useWords(words)
  return place.views.map((view) => {
    const look = lookOfGate(view)
    const why = whyNot(view)
    return (
      <li key={view.spec.name}>
        <button
          type="button"
          title={why === '' ? undefined : why}
          onClick={() => navigate({ view: 'graph', run: run.id, task: undefined, at: place.key })}
        >
          <Glyph mark={GATE_MARKS[look]} size={14} />
          <span className={css['name']}>
            {view.spec.title} <span className="muted">{placeTitle(w, run, place.at)}</span>
          </span>
          <span className={css['state']} data-mark={GATE_MARKS[look]}>
            {w.states[look]}
          </span>
        </button>
      </li>
    )
  })
}
