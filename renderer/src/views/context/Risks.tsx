import { Pencil } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import { RISK_LEVELS, type Risk } from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { Markdown } from '../talk/Markdown.tsx'
import css from './Context.module.css'
import { holds, markOfRisk, sortRisks } from './entities.ts'
import { actorName, When } from './When.tsx'
import { words } from './words.ts'

/** Below this width who changed it last is left to the row that is open, px. */
const NARROW = 760

/** The project's risks, gravest first; a row opens to its impact and what is done about it. */
export function Risks({
  project,
  text,
  onClear,
  onEdit,
}: {
  readonly project: ProjectRecord
  readonly text: string
  readonly onClear: () => void
  readonly onEdit: (risk: Risk) => void
}): ReactNode {
  const w = useWords(words)
  const [frame, width] = useWidth<HTMLDivElement>()
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const all = useMemo(() => sortRisks(project.risks), [project.risks])
  const rows = all.filter(({ id, title, impact, mitigation, owner }) =>
    holds([id, title, impact, mitigation, owner], text),
  )
  const narrow = width > 0 && width < NARROW
  const columns = useMemo((): readonly Column<Risk>[] => {
    const level: Column<Risk> = {
      id: 'level',
      head: w.level,
      width: '116px',
      sortBy: (risk) => RISK_LEVELS.indexOf(risk.level),
      cell: (risk) => <Level level={risk.level} />,
    }
    const title: Column<Risk> = {
      id: 'title',
      head: w.title,
      width: 'minmax(120px, 3fr)',
      sortBy: (risk) => risk.title,
      cell: (risk) => <strong title={risk.title}>{risk.title}</strong>,
    }
    const state: Column<Risk> = {
      id: 'status',
      head: w.status,
      width: '116px',
      sortBy: (risk) => risk.status,
      cell: (risk) => (
        <span className={css['state']}>
          <Glyph mark={markOfRisk(risk)} size={14} />
          {w.riskStatuses[risk.status]}
        </span>
      ),
    }
    const owner: Column<Risk> = {
      id: 'owner',
      head: w.owner,
      width: 'minmax(72px, 1fr)',
      sortBy: (risk) => risk.owner ?? undefined,
      cell: (risk) => risk.owner ?? '',
    }
    const changed: Column<Risk> = {
      id: 'changed',
      head: w.changed,
      width: 'minmax(120px, 1fr)',
      sortBy: (risk) => risk.at,
      cell: (risk) => (
        <>
          {actorName(risk.by)} <When at={risk.at} />
        </>
      ),
    }
    const edit: Column<Risk> = {
      id: 'edit',
      head: w.actions,
      quiet: true,
      width: '28px',
      align: 'end',
      cell: (risk, near) => (near ? <Edit label={w.edit} onEdit={() => onEdit(risk)} /> : null),
    }
    return narrow ? [state, level, title, owner, edit] : [state, level, title, owner, changed, edit]
  }, [w, narrow, onEdit])
  return (
    <div ref={frame}>
      <Table<Risk>
        label={w.risks}
        columns={columns}
        rows={rows}
        keyOf={(risk) => risk.id}
        rowHeight={36}
        onActivate={({ id }) => setOpen((now) => toggled(now, id))}
        markOf={markOfRisk}
        detail={(risk) =>
          open.has(risk.id) ? <Detail risk={risk} onEdit={() => onEdit(risk)} /> : undefined
        }
        empty={
          all.length === 0 ? (
            <Empty title={w.noRisks}>{w.noRisksText}</Empty>
          ) : (
            <Empty title={w.noMatch} action={<Button onClick={onClear}>{w.clear}</Button>} />
          )
        }
      />
    </div>
  )
}

export function toggled(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(key)) next.add(key)
  return next
}

export function Edit({ label, onEdit }: { readonly label: string; readonly onEdit: () => void }): ReactNode {
  return (
    <IconButton label={label} onClick={onEdit}>
      <Pencil size={14} aria-hidden />
    </IconButton>
  )
}

function Level({ level }: { readonly level: Risk['level'] }): ReactNode {
  const w = useWords(words)
  const height = RISK_LEVELS.indexOf(level)
  return (
    <span className={css['level']} data-level={level}>
      <svg width="16" height="12" viewBox="0 0 16 12" aria-hidden>
        {RISK_LEVELS.map((one, bar) => (
          <rect
            key={one}
            x={1 + bar * 4}
            y={9 - bar * 2.6}
            width="2.5"
            height={2.4 + bar * 2.6}
            rx="0.8"
            opacity={bar <= height ? 1 : 0.25}
          />
        ))}
      </svg>
      {w.levels[level]}
    </span>
  )
}

function Detail({ risk, onEdit }: { readonly risk: Risk; readonly onEdit: () => void }): ReactNode {
  const w = useWords(words)
  return (
    <div className={css['detail']}>
      <p className="muted">
        <code>{risk.id}</code> · {actorName(risk.by)} <When at={risk.at} />
      </p>
      {(['impact', 'mitigation'] as const).map((part) =>
        risk[part] === '' ? null : (
          <div key={part}>
            <h3>{w[part]}</h3>
            <Markdown text={risk[part]} />
          </div>
        ),
      )}
      <p>
        <Button onClick={onEdit}>{w.edit}</Button>
      </p>
    </div>
  )
}
