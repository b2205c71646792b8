import { type ReactNode, useState } from 'react'
import { SearchField } from '../../ui/SearchField.tsx'
import { Chip, Choice, Segments, Space, Toolbar } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import css from './Events.module.css'
import type { EventFilter } from './filter.ts'
import { GROUPS, type Group } from './sentence.ts'
import { words } from './words.ts'

interface FiltersProps {
  readonly filter: EventFilter
  readonly onFilter: (filter: EventFilter) => void
  readonly scope: 'run' | 'all'
  readonly onScope: (scope: 'run' | 'all') => void
  readonly hasRun: boolean
  readonly follow: boolean
  readonly onFollow: (follow: boolean) => void
  readonly onJump: (text: string) => void
}

export function Filters(props: FiltersProps): ReactNode {
  const { filter, onFilter } = props
  const w = useWords(words)
  return (
    <Toolbar label={w.tools}>
      <SearchField label={w.search} value={filter.text} onChange={(text) => onFilter({ ...filter, text })} />
      <Choice
        label={w.group}
        all={w.allGroups}
        options={GROUPS.map((id) => ({ id, label: w.groups[id] }))}
        value={filter.group}
        onChange={(group) => onFilter({ ...filter, group: group as Group | '' })}
      />
      <Choice
        label={w.actor}
        all={w.everybody}
        options={(['engine', 'person'] as const).map((id) => ({ id, label: w.actors[id] }))}
        value={filter.actor}
        onChange={(actor) => onFilter({ ...filter, actor })}
      />
      <Segments
        label={w.scope}
        value={props.scope}
        onChange={props.onScope}
        options={[
          { id: 'all', label: w.allRuns },
          { id: 'run', label: w.thisRun, unavailable: !props.hasRun },
        ]}
      />
      <Space />
      <Jump onJump={props.onJump} />
      <Chip pressed={props.follow} onClick={() => props.onFollow(!props.follow)}>
        {w.follow}
      </Chip>
    </Toolbar>
  )
}

function Jump({ onJump }: { readonly onJump: (text: string) => void }): ReactNode {
  const w = useWords(words)
  const [text, setText] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onJump(text)
      }}
    >
      <input
        className={css['jump']}
        aria-label={w.jump}
        title={w.jump}
        placeholder={w.jumpHint}
        value={text}
        size={12}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  )
}
