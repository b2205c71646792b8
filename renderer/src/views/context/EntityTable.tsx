import { Pencil } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Mark } from '../../../../main/domain/status.ts'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { words } from './words.ts'

/** Below this width who changed it last is left to the row that is open, px. */
const NARROW = 760

interface Props<Row> {
  readonly label: string
  readonly columns: (narrow: boolean) => readonly Column<Row>[]
  /** Before the filter. */
  readonly total: number
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly markOf: (row: Row) => Mark
  /** Of a row that is open. */
  readonly detail: (row: Row) => ReactNode
  /** Where there are none at all. */
  readonly none: readonly [title: string, text: string]
  readonly onClear: () => void
}

/** What is known of a project, a row each; a click or Enter opens one to all that is known of it. */
export function EntityTable<Row>(props: Props<Row>): ReactNode {
  const { keyOf, detail, none } = props
  const w = useWords(words)
  const [frame, width] = useWidth<HTMLDivElement>()
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  return (
    <div ref={frame}>
      <Table<Row>
        label={props.label}
        columns={props.columns(width > 0 && width < NARROW)}
        rows={props.rows}
        keyOf={keyOf}
        rowHeight={36}
        onActivate={(row) => setOpen((now) => toggled(now, keyOf(row)))}
        markOf={props.markOf}
        detail={(row) => (open.has(keyOf(row)) ? detail(row) : undefined)}
        empty={
          props.total === 0 ? (
            <Empty title={none[0]}>{none[1]}</Empty>
          ) : (
            <Empty title={w.noMatch} action={<Button onClick={props.onClear}>{w.clear}</Button>} />
          )
        }
      />
    </div>
  )
}

function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(key)) next.add(key)
  return next
}

/** At the end of a row, shown when the pointer or the focus is on it. */
export function editColumn<Row>(label: string, actions: string, onEdit: (row: Row) => void): Column<Row> {
  return {
    id: 'edit',
    head: actions,
    quiet: true,
    width: '28px',
    align: 'end',
    cell: (row, near) =>
      near ? (
        <IconButton label={label} onClick={() => onEdit(row)}>
          <Pencil size={14} aria-hidden />
        </IconButton>
      ) : null,
  }
}
