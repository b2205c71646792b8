import { type ReactNode, useState } from 'react'
import type { Clash } from '../../../../main/domain/conflicts/conflict.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { useNow } from '../../state/clock.ts'
import { usePlace } from '../../state/place.ts'
import { Empty } from '../../ui/Notice.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { OfProject, type OfProjectProps, ProjectChoice } from '../projects/OfProject.tsx'
import css from './Conflicts.module.css'
import { matchesConflict, sortConflicts } from './cards.ts'
import { OpenCard } from './OpenCard.tsx'
import { SettledRow } from './SettledRow.tsx'
import { words } from './words.ts'

/** Who is in whose way in a project, what each did, and what can be done about it. */
export function Conflicts(): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const has = ({ conflicts }: ProjectRecord): boolean =>
    at === undefined ? conflicts.length > 0 : conflicts.some(({ id }) => id === at)
  return <OfProject View={ConflictsOf} has={has} insists={at !== undefined} text={w.noProjectText} />
}

type Which = 'open' | 'all'

function ConflictsOf({ state, project, onProject }: OfProjectProps): ReactNode {
  const w = useWords(words)
  const { at } = usePlace()
  const [text, setText] = useState('')
  const [which, setWhich] = useState<Which>('all')
  const { open, settled } = sortConflicts(project.conflicts)
  const fits = text.trim() === '' ? () => true : (one: (typeof open)[number]) => matchesConflict(one, text)
  const shownOpen = open.filter(fits)
  const shownSettled = which === 'open' ? [] : settled.filter(fits)
  const none =
    project.conflicts.length === 0 && Object.keys(project.clashes).length === 0 ? (
      <Empty title={w.nothing}>{w.nothingText}</Empty>
    ) : undefined
  if (none !== undefined && state.projects.size < 2) return none
  return (
    <div className={css['conflicts']}>
      <Toolbar label={w.tools}>
        <SearchField label={w.search} value={text} onChange={setText} />
        <Segments
          label={w.which}
          value={which}
          onChange={setWhich}
          options={[
            { id: 'all', label: w.all(project.conflicts.length) },
            { id: 'open', label: w.open(open.length) },
          ]}
        />
        <Space />
        <ProjectChoice state={state} project={project} onProject={onProject} />
      </Toolbar>
      {none ?? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be in reach of the keyboard
        <div className={css['list']} tabIndex={0}>
          {shownOpen.length === 0 && (
            <p className={css['calm']}>
              {text !== '' && shownSettled.length === 0
                ? w.noMatch
                : open.length === 0
                  ? w.nothingOpen
                  : w.noMatch}
            </p>
          )}
          {shownOpen.map((conflict) => (
            <OpenCard
              key={conflict.id}
              state={state}
              project={project.id}
              conflict={conflict}
              chosen={at === conflict.id}
            />
          ))}
          {shownSettled.length > 0 && (
            <section className={css['settled']}>
              <h3>{w.settledOnes}</h3>
              <ul>
                {shownSettled.map((conflict) => (
                  <SettledRow
                    key={conflict.id}
                    project={project.id}
                    conflict={conflict}
                    chosen={at === conflict.id}
                  />
                ))}
              </ul>
            </section>
          )}
          {which === 'all' && text === '' && <Clashes clashes={project.clashes} />}
        </div>
      )}
    </div>
  )
}

/** The most contested; more say nothing. */
const MOST_CLASHES = 10

/** What earlier conflicts teach: where it is wiser not to send two at once. */
function Clashes({ clashes }: { readonly clashes: Readonly<Record<string, Clash>> }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const all = Object.entries(clashes)
    .filter(([, { count }]) => count > 1)
    .toSorted(([, a], [, b]) => b.count - a.count || b.last - a.last)
  if (all.length === 0) return null
  return (
    <section className={css['settled']}>
      <h3>{w.clashes}</h3>
      <ul>
        {all.slice(0, MOST_CLASHES).map(([file, { count, last, tasks }]) => (
          <li key={file} className={css['clash']}>
            <code title={file}>{file}</code>
            <span>{w.clashCount(count)}</span>
            <span className="muted">{tasks.join(', ')}</span>
            <span className="muted">
              {w.clashLast(formatDuration(Math.max(60_000, Math.floor((now - last) / 60_000) * 60_000)))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
