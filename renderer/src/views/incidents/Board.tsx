import { Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import type { Incident } from '../../../../main/domain/incidents/incident.ts'
import { callOf, incidentBoard } from '../../../../main/domain/incidents/views.ts'
import { formatPlace, usePlace } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { type OfProjectProps, ProjectChoice } from '../projects/OfProject.tsx'
import { ask } from './asked.ts'
import css from './Board.module.css'
import { ClockText } from './ClockText.tsx'
import { matchesIncident } from './incidents.ts'
import { whoText } from './names.ts'
import { Severity, StateLine } from './Severity.tsx'
import { words } from './words.ts'

type Which = 'all' | 'open' | 'asking'

/** All incidents of a project: what is open, worst first and the most urgent of them first; below, what is over. */
export function Board({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  const [text, setText] = useState('')
  const [which, setWhich] = useState<Which>('all')
  const { active, resolved, over, needYou } = incidentBoard(project)
  const fits = (one: Incident): boolean => matchesIncident(one, text)
  const shown = active.filter((one) => fits(one) && (which !== 'asking' || callOf(one) !== null))
  const rest = which === 'all'
  const parts = [
    { title: w.active, list: shown, always: true },
    { title: w.resolvedOnes, list: rest ? resolved.filter(fits) : [], always: false },
    { title: w.over, list: rest ? over.filter(fits) : [], always: false },
  ]
  const openNew = (
    <Button look="primary" onClick={() => ask({ kind: 'open', project: project.id })}>
      <Plus size={14} aria-hidden /> {w.openNew}
    </Button>
  )
  const none = project.incidents.length === 0
  if (none && state.projects.size < 2)
    return (
      <Empty title={w.nothing} action={openNew}>
        {w.nothingText}
      </Empty>
    )
  return (
    <div className={css['board']}>
      <Toolbar label={w.tools}>
        <SearchField label={w.search} value={text} onChange={setText} />
        <Segments
          label={w.which}
          value={which}
          onChange={setWhich}
          options={[
            { id: 'all', label: w.all(project.incidents.length) },
            { id: 'open', label: w.openOnes(active.length) },
            { id: 'asking', label: w.needsYou(needYou) },
          ]}
        />
        <Space />
        <ProjectChoice state={state} project={project} onProject={onProject} />
        {openNew}
      </Toolbar>
      {none ? (
        <Empty title={w.nothing}>{w.nothingText}</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
        <div className={css['list']} tabIndex={0}>
          {parts.map(({ title, list, always }) =>
            list.length === 0 && !always ? null : (
              <section key={title} aria-label={title}>
                <h3>{title}</h3>
                {list.length === 0 ? (
                  <p className="muted">{active.length === 0 ? w.nothingOpen : w.noMatch}</p>
                ) : (
                  <ul>
                    {list.map((incident) => (
                      <Row key={incident.id} project={project.id} incident={incident} />
                    ))}
                  </ul>
                )}
              </section>
            ),
          )}
        </div>
      )}
    </div>
  )
}

function Row({
  project,
  incident,
}: {
  readonly project: OfProjectProps['project']['id']
  readonly incident: Incident
}): ReactNode {
  const w = useWords(words)
  const place = usePlace()
  const { id, title, target, lead, commander, diagnosis, mergedInto } = incident
  const cause = diagnosis?.causes[0]
  const more = [
    id,
    ...(target === null ? [] : [target]),
    ...(cause === undefined ? [] : [`${cause.title} ${w.sure(Math.round(cause.confidence * 100))}`]),
    ...(mergedInto === null ? [] : [w.mergedInto(mergedInto)]),
  ]
  const who = commander === null ? lead : whoText(w, commander)
  return (
    <li data-incident={id}>
      <a
        className={css['row']}
        href={formatPlace({ ...place, view: 'incidents', at: incidentAt(project, id) })}
      >
        <Severity incident={incident} />
        <span className={css['what']}>
          <b>{title}</b>
          <span className="muted">{more.join(' · ')}</span>
        </span>
        <span className={css['state']}>
          <StateLine incident={incident} />
        </span>
        <span className={css['lead']} data-nobody={who === null}>
          {who ?? w.nobody}
        </span>
        <ClockText incident={incident} />
      </a>
    </li>
  )
}
