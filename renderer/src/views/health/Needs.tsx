import type { ReactNode } from 'react'
import { type PersonNeed, personNeeds } from '../../../../main/domain/health/person.ts'
import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import { type Destination, navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import css from './Health.module.css'
import { words } from './words.ts'

/** What goes on only when a person has said something, each with the way there. Nothing where nothing does. */
export function Needs({
  state,
  project,
}: {
  readonly state: State
  readonly project: ProjectRecord
}): ReactNode {
  const w = useWords(words)
  const needs = personNeeds(state, project)
  if (needs.length === 0) return null
  return (
    <section aria-label={w.waitsForYou}>
      <h3>{w.waitsForYou}</h3>
      <ul className={`${css['lines']} ${css['needs']}`}>
        {needs.map((need) => {
          const to = placeOf(project, need)
          return (
            <li key={JSON.stringify(need)}>
              <Glyph mark="needs-you" size={14} />
              <span>{need.kind === 'schedule' ? w.needText.schedule(need.text) : need.text}</span>
              {to === undefined ? (
                <span className="muted">{w.toNeed[need.kind]}</span>
              ) : (
                <Button look="quiet" onClick={() => navigate(to)}>
                  {w.toNeed[need.kind]}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** Undefined for what is answered on this page. */
function placeOf({ id }: ProjectRecord, need: PersonNeed): Destination | undefined {
  switch (need.kind) {
    case 'task':
      return { view: 'graph', run: need.run, ...(need.task === null ? {} : { task: need.task }) }
    case 'incident':
      return { view: 'incidents', at: incidentAt(id, need.incident) }
    case 'half':
      return { view: 'releases' }
    case 'schedule':
      return undefined
  }
}
