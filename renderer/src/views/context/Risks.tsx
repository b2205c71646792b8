import { type ReactNode, useMemo } from 'react'
import { RISK_LEVELS, type Risk } from '../../../../main/domain/context/entities.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import type { Column } from '../../ui/Table.tsx'
import { useWords } from '../../words/language.ts'
import { Markdown } from '../talk/Markdown.tsx'
import css from './Context.module.css'
import { EntityTable, editColumn } from './EntityTable.tsx'
import { holds, markOfRisk, sortRisks } from './entities.ts'
import { actorName, When } from './When.tsx'
import { words } from './words.ts'

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
  const all = useMemo(() => sortRisks(project.risks), [project.risks])
  const rows = all.filter(({ id, title, impact, mitigation, owner }) =>
    holds([id, title, impact, mitigation, owner], text),
  )
  const columns = useMemo(() => {
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
    const edit = editColumn<Risk>(w.edit, w.actions, onEdit)
    return {
      wide: [state, level, title, owner, changed, edit],
      narrow: [state, level, title, owner, edit],
    }
  }, [w, onEdit])
  return (
    <EntityTable<Risk>
      label={w.risks}
      columns={(narrow) => (narrow ? columns.narrow : columns.wide)}
      total={all.length}
      rows={rows}
      keyOf={(risk) => risk.id}
      markOf={markOfRisk}
      detail={(risk) => <Detail risk={risk} onEdit={() => onEdit(risk)} />}
      none={[w.noRisks, w.noRisksText]}
      onClear={onClear}
    />
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
