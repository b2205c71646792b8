import { type ReactNode, useMemo, useState } from 'react'
import type { Component } from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { Markdown } from '../talk/Markdown.tsx'
import css from './Context.module.css'
import { holds, MARK_OF_COMPONENT, sortComponents } from './entities.ts'
import { Edit, toggled } from './Risks.tsx'
import { actorName, When } from './When.tsx'
import { words } from './words.ts'

const NARROW = 760

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
  const [frame, width] = useWidth<HTMLDivElement>()
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const all = useMemo(() => sortComponents(project.components), [project.components])
  const rows = all.filter(({ name, description, owners }) => holds([name, description, ...owners], text))
  const narrow = width > 0 && width < NARROW
  const columns = useMemo((): readonly Column<Component>[] => {
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
    const edit: Column<Component> = {
      id: 'edit',
      head: w.actions,
      quiet: true,
      width: '28px',
      align: 'end',
      cell: (one, near) => (near ? <Edit label={w.edit} onEdit={() => onEdit(one)} /> : null),
    }
    return narrow ? [state, name, owners, last, edit] : [state, name, owners, last, changed, edit]
  }, [w, narrow, onEdit])
  return (
    <div ref={frame}>
      <Table<Component>
        label={w.components}
        columns={columns}
        rows={rows}
        keyOf={(one) => one.name}
        rowHeight={36}
        onActivate={({ name }) => setOpen((now) => toggled(now, name))}
        markOf={(one) => MARK_OF_COMPONENT[one.status]}
        detail={(one) => (open.has(one.name) ? <Detail one={one} onEdit={() => onEdit(one)} /> : undefined)}
        empty={
          all.length === 0 ? (
            <Empty title={w.noComponents}>{w.noComponentsText}</Empty>
          ) : (
            <Empty title={w.noMatch} action={<Button onClick={onClear}>{w.clear}</Button>} />
          )
        }
      />
    </div>
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
