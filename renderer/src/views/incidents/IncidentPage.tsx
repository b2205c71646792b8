import { ChevronLeft, Ellipsis } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { incidentAt } from '../../../../main/domain/incidents/address.ts'
import { type Incident, isActive } from '../../../../main/domain/incidents/incident.ts'
import { callOf, incidentPage } from '../../../../main/domain/incidents/views.ts'
import type { State } from '../../../../main/domain/state.ts'
import { askRollback } from '../../rollback/asked.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Menu } from '../../ui/Menu.tsx'
import { useWords } from '../../words/language.ts'
import { AlertList } from './AlertList.tsx'
import { ClockText } from './ClockText.tsx'
import { Comments } from './Comments.tsx'
import { Findings } from './Findings.tsx'
import css from './IncidentPage.module.css'
import { type Found, wantsRollback } from './incidents.ts'
import { Log } from './Log.tsx'
import { Measure } from './Measure.tsx'
import { Measured } from './Measured.tsx'
import { sourceText } from './names.ts'
import { RemedyRun } from './RemedyRun.tsx'
import { Severity, StateLine } from './Severity.tsx'
import { Strip } from './Strip.tsx'
import { type IncidentVerb, useIncidentActions } from './useIncidentActions.ts'
import { words } from './words.ts'

interface Props {
  readonly state: State
  readonly found: Found
}

/** One incident: what happened when, what hurts, what the agents found, and what is done about it. */
export function IncidentPage({ state, found }: Props): ReactNode {
  const { project, incident } = found
  const { at } = usePlace()
  const wants = wantsRollback(at)
  useEffect(() => {
    if (!wants) return
    askRollback({ project: project.id, target: incident.target, incident: incident.id })
    navigate({ at: incidentAt(project.id, incident.id) }, 'replace')
  }, [wants, project.id, incident.id, incident.target])
  const { checks, causes } = incidentPage(state, project, incident.id)!
  const target = incident.target === null ? undefined : project.targets[incident.target]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
    <div className={css['page']} tabIndex={0} data-incident={incident.id}>
      <Head found={found} />
      <Strip incident={incident} target={target} />
      <Measured found={found} />
      <Measure incident={incident} />
      <Findings incident={incident} checks={checks} causes={causes} />
      <RemedyRun project={project} incident={incident} />
      <Comments found={found} />
      <AlertList incident={incident} />
      <Log incident={incident} />
    </div>
  )
}

function Head({ found }: { readonly found: Found }): ReactNode {
  const w = useWords(words)
  const actions = useIncidentActions(found)
  const { incident } = found
  const { id, title, text, target, sources, reopened, mergedInto, duplicates } = incident
  const source = sources[0]
  const facts = [
    w.incident(id),
    ...(target === null ? [] : [`${w.target} ${target}`]),
    ...(source === undefined ? [] : [`${w.openedBy} ${sourceText(w, source.kind, source.ref)}`]),
    ...(reopened === 0 ? [] : [w.reopened(reopened)]),
    ...(mergedInto === null ? [] : [w.mergedInto(mergedInto)]),
    ...(duplicates.length === 0 ? [] : [w.duplicates(duplicates.join(', '))]),
  ]
  const shown = shownVerbs(incident)
  const rest = VERBS.filter((verb) => !shown.includes(verb))
  return (
    <header className={css['head']}>
      <div className={css['title']}>
        <IconButton label={w.back} onClick={() => navigate({ at: undefined })}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
        <Severity incident={incident} large />
        <h3>{title}</h3>
        <ClockText incident={incident} />
      </div>
      <div className={css['line']}>
        <StateLine incident={incident} />
        <span className={css['facts']}>{facts.join(' · ')}</span>
        {actions !== undefined && (
          <span className={css['buttons']}>
            {shown.map((verb, i) => (
              <Button
                key={verb}
                look={i === 0 && actions[verb].unavailable === undefined ? 'primary' : 'plain'}
                unavailable={actions[verb].unavailable}
                onClick={actions[verb].perform}
              >
                {actions[verb].label}
              </Button>
            ))}
            <Menu
              groups={[
                rest.map((verb) => ({
                  id: verb,
                  label: actions[verb].label,
                  unavailable: actions[verb].unavailable,
                  onChoose: actions[verb].perform,
                })),
              ]}
              trigger={
                <button type="button" className={css['more']} aria-label={w.more}>
                  <Ellipsis size={16} aria-hidden />
                </button>
              }
            />
          </span>
        )}
      </div>
      {text !== '' && text !== title && <p className={css['text']}>{text}</p>}
    </header>
  )
}

const VERBS: readonly IncidentVerb[] = [
  'acknowledge',
  'command',
  'rollback',
  'check',
  'merge',
  'report',
  'close',
]

/** What it wants of a person now, as buttons; the rest is in the menu. */
function shownVerbs(incident: Incident): readonly IncidentVerb[] {
  const call = callOf(incident)
  if (isActive(incident) && incident.acknowledged === null && call !== 'close')
    return ['acknowledge', 'command']
  if (call === 'close') return ['close', 'report']
  if (!isActive(incident)) return ['report']
  return incident.commander === null ? ['command'] : ['report']
}
