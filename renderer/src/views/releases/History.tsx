import { Database, Flag, Pin, Rocket, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { type Preferences, usePreference } from '../../state/preferences.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Column, Table } from '../../ui/Table.tsx'
import { type Like, useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { changeText } from './changeText.ts'
import css from './History.module.css'
import { type Entry, isSame, markOfEntry } from './timeline.ts'
import { words } from './words.ts'

type Words = Like<(typeof words)['en']>

/** Releases, migrations and points, newest first; a point leads to what it holds, a release to its run. */
export function History({ entries }: { readonly entries: readonly Entry[] }): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const { at } = usePlace()
  return (
    <Table
      label={w.history}
      columns={columnsOf(w, language)}
      rows={entries}
      keyOf={({ id }) => id}
      selected={at?.split('~')[0]}
      markOf={markOfEntry}
      onActivate={activate}
      empty={<p className="muted">{w.noHistory}</p>}
    />
  )
}

function activate(entry: Entry): void {
  switch (entry.kind) {
    case 'point':
      navigate({ at: entry.id })
      return
    case 'release': {
      const [run, rest = ''] = entry.released.by.split('/')
      navigate({ view: 'graph', run: run as RunId, task: rest.replace(/#\d+$/, ''), at: undefined })
      return
    }
    case 'deed':
      navigate({ view: 'graph', run: entry.deed.run, task: entry.deed.task, at: undefined })
  }
}

function columnsOf(w: Words, language: Preferences['language']): readonly Column<Entry>[] {
  return [
    {
      id: 'time',
      head: w.columns.time,
      width: '88px',
      cell: ({ at }) => <span className="muted">{timeText(at, Date.now(), language)}</span>,
    },
    {
      id: 'what',
      head: w.columns.what,
      width: 'minmax(200px, 4fr)',
      cell: (entry) => <What entry={entry} />,
    },
    {
      id: 'size',
      head: w.columns.size,
      width: '64px',
      align: 'end',
      cell: (entry) => (entry.kind === 'point' ? formatBytes(entry.point.bytes) : ''),
    },
    {
      id: 'state',
      head: w.columns.state,
      width: 'minmax(104px, 1.4fr)',
      cell: (entry) => <State entry={entry} />,
    },
    {
      id: 'changed',
      head: w.columns.changed,
      width: 'minmax(90px, 1.8fr)',
      cell: (entry) =>
        entry.kind !== 'point' ? (
          ''
        ) : isSame(entry.changed) ? (
          <span className="muted">{w.unchanged}</span>
        ) : (
          <span title={changeText(w, entry.changed)}>{changeText(w, entry.changed)}</span>
        ),
    },
  ]
}

function What({ entry }: { readonly entry: Entry }): ReactNode {
  const w = useWords(words)
  const mark = markOfEntry(entry)
  switch (entry.kind) {
    case 'point': {
      const { id, target, why, name, pinned } = entry.point
      return (
        <span className={css['what']} data-kind="point">
          <Glyph mark={mark ?? 'waiting'} size={13} />
          <Flag size={13} aria-hidden />
          <span>
            {name === null ? w.point(id) : `${w.point(id)} “${name}”`}{' '}
            <span className="muted">
              {target ?? w.repository}, {w.reasons[why]}
            </span>
          </span>
          {pinned && <Pin size={12} aria-label={w.pinned} />}
        </span>
      )
    }
    case 'release':
      return (
        <span className={css['what']} data-kind="release">
          <Glyph mark={mark ?? 'waiting'} size={13} />
          <Rocket size={13} aria-hidden />
          <strong>{w.released(entry.released.release.version, entry.target)}</strong>
        </span>
      )
    case 'deed': {
      const { kind, text } = entry.deed
      return (
        <span className={css['what']} data-kind="deed">
          <span className={css['noState']} />
          {kind === 'migrate' ? <Database size={13} aria-hidden /> : <TriangleAlert size={13} aria-hidden />}
          <span>{kind === 'migrate' ? w.migrated(text) : w.irreversible(text)}</span>
        </span>
      )
    }
  }
}

/** The words of its glyph, and how it is kept. */
function State({ entry }: { readonly entry: Entry }): ReactNode {
  const w = useWords(words)
  if (entry.kind === 'deed') return ''
  if (entry.kind === 'release') {
    const { verified } = entry.released
    const how = verified === null ? '' : verified ? w.verified : w.notVerified
    return [entry.isCurrent ? w.current : '', how].filter(Boolean).join(', ')
  }
  const { good, tested, copiedTo, copyTrouble } = entry.point
  const bad = [tested?.ok === false ? w.broken : '', copyTrouble != null ? w.notCopied : '']
  const well = [
    entry.lastGood ? w.lastGood : tested?.ok === false ? '' : good ? w.good : w.unproven,
    tested?.ok === true ? w.tested : '',
    copiedTo === null || copyTrouble != null ? '' : w.copied,
  ]
  const said = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ')
  return (
    <span title={said([...bad, ...well])}>
      {said(bad) !== '' && <span className={css['bad']}>{said(bad)}</span>}
      {said(bad) !== '' && said(well) !== '' && ', '}
      {said(well)}
    </span>
  )
}
