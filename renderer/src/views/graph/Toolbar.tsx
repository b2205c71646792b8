import { ChevronsDownUp, ChevronsUpDown, SquareTerminal } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { usePreference } from '../../state/preferences.ts'
import { IconButton } from '../../ui/Button.tsx'
import { SearchField } from '../../ui/SearchField.tsx'
import { useWords } from '../../words/language.ts'
import { toggleDock } from './DockPane.tsx'
import { graphChoices, type Level, useGraph, useGraphView, useLevel } from './graphView.ts'
import css from './Toolbar.module.css'
import { words } from './words.ts'

interface Props {
  readonly searchField: Ref<HTMLInputElement>
  /** Place of the match shown, from 1, or 0; and how many there are. */
  readonly found: { readonly at: number; readonly of: number }
  /** Walks through the matches. */
  readonly onWalk: (step: 1 | -1) => void
  readonly onLeaveSearch: () => void
  readonly folding:
    | {
        readonly allFolded: boolean
        readonly unavailable: string | undefined
        readonly onToggleAll: () => void
      }
    | undefined
}

export function Toolbar({ searchField, found, onWalk, onLeaveSearch, folding }: Props): ReactNode {
  const w = useWords(words)
  const level = useLevel()
  const dock = usePreference('dock')
  const { view } = useGraph()
  const query = useGraphView((now) => now.query)
  return (
    <div className={css['toolbar']} role="toolbar" aria-label={w.level}>
      <fieldset className={css['levels']}>
        <legend className="visually-hidden">{w.level}</legend>
        <LevelButton level="tasks" now={level} label={w.tasks} />
        <LevelButton level="roles" now={level} label={w.roles} />
      </fieldset>
      <span className={css['space']} />
      <span className={css['found']} role="status">
        {query === '' ? '' : found.of === 0 ? w.foundNone : w.found(found.at, found.of)}
      </span>
      <div className={css['search']}>
        <SearchField
          ref={searchField}
          value={query}
          label={level === 'tasks' ? w.search : w.searchRoles}
          onChange={(text) => view.setState({ query: text })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') onWalk(event.shiftKey ? -1 : 1)
            else if (event.key === 'Escape') onLeaveSearch()
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
        />
      </div>
      {folding !== undefined && (
        <IconButton
          label={folding.allFolded ? w.unfoldAll : w.foldAll}
          unavailable={folding.unavailable}
          onClick={folding.onToggleAll}
        >
          {folding.allFolded ? <ChevronsUpDown size={15} /> : <ChevronsDownUp size={15} />}
        </IconButton>
      )}
      <IconButton
        label={dock > 0 ? w.hideTerminals : w.showTerminals}
        pressed={dock > 0}
        keys="T"
        onClick={toggleDock}
      >
        <SquareTerminal size={15} />
      </IconButton>
    </div>
  )
}

function LevelButton({
  level,
  now,
  label,
}: {
  readonly level: Level
  readonly now: Level
  readonly label: string
}): ReactNode {
  return (
    <button
      type="button"
      className={css['level']}
      aria-pressed={level === now}
      onClick={() => graphChoices.setState({ level })}
    >
      {label}
    </button>
  )
}
