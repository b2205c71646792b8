import { type ReactNode, useMemo } from 'react'
import type { Component } from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import type { Column } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { Markdown } from '../talk/Markdown.tsx'
import css from './Context.module.css'
import { EntityTable, editColumn } from './EntityTable.tsx'
import { holds, MARK_OF_COMPONENT, sortComponents } from './entities.ts'
import { actorName, When } from './When.tsx'
import { words } from './words.ts'

/** The project's parts: how they are, who has them; a row opens to what changed. */
export function Components({
  project,
  text,
  onClear,
  onEdit,
}: {
  readonly project: ProjectRecord
  readonly text: string
  readonly onClear: () => void
  readonly onEdit: (component: Component) => void
}): ReactNode {
  const w = useWords(words)
  const all = useMemo(() => sortComponents(project.components), [project.components])
  const rows = all.filter(({ name, description, owners }) => holds([name, description, ...owners], text))
  const columns = useMemo(() => {
    const name: Column<Component> = {
      id: 'name',
      head: w.name,
      width: 'minmax(120px, 2fr)',
      sortBy: (one) => one.name,
      cell: (one) => <strong title={one.name}>{one.name}</strong>,
    }
    const state: Column<Component> = {
      id: 'status',
      head: w.status,
      width: '112px',
      sortBy: (one) => one.status,
      cell: (one) => (
        <span className={css['state']}>
          <Glyph
            mark={MARK_OF_COMPONENT[one.status]}
            size={14}
            progress={one.status === 'in_review' ? 0.85 : 0.5}
          />
          {w.statuses[one.status]}
        </span>
      ),
    }
    const owners: Column<Component> = {
      id: 'owners',
      head: w.owners,
      width: 'minmax(72px, 1fr)',
      sortBy: (one) => one.owners.join(),
      cell: (one) => one.owners.join(', '),
    }
    const last: Column<Component> = {
      id: 'last',
      head: w.lastChange,
      width: 'minmax(120px, 2fr)',
      cell: (one) => <span className="muted">{one.changes.at(-1)?.text ?? one.description}</span>,
    }
    const changed: Column<Component> = {
      id: 'changed',
      head: w.changed,
      width: '92px',
      sortBy: (one) => one.at,
      cell: (one) => <When at={one.at} />,
    }
    const edit = editColumn<Component>(w.edit, w.actions, onEdit)
    return {
      wide: [state, name, owners, last, changed, edit],
      narrow: [state, name, owners, last, edit],
    }
  }, [w, onEdit])
  return (
    <EntityTable<Component>
      label={w.components}
      columns={(narrow) => (narrow ? columns.narrow : columns.wide)}
      total={all.length}
      rows={rows}
      keyOf={(one) => one.name}
      markOf={(one) => MARK_OF_COMPONENT[one.status]}
      detail={(one) => <Detail one={one} onEdit={() => onEdit(one)} />}
      none={[w.noComponents, w.noComponentsText]}
      onClear={onClear}
    />
  )
}

function Detail({ one, onEdit }: { readonly one: Component; readonly onEdit: () => void }): ReactNode {
  const w = useWords(words)
  const changes = one.changes.toReversed()
  return (
    <div className={css['detail']}>
      {one.description !== '' && <Markdown text={one.description} />}
      <div>
        <h3>{w.changes}</h3>
        {changes.length === 0 ? (
          <p className="muted">{w.noChanges}</p>
        ) : (
          <ul className={css['changes']}>
            {changes.map(({ at, by, text }, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: changes have no name, and several may share a moment
              <li key={n}>
                <When at={at} />
                <span>{actorName(by)}</span>
                <span>{text}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <p>
        <Button onClick={onEdit}>{w.edit}</Button>
      </p>
    </div>
  )
}
