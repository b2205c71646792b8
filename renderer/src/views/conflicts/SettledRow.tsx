import { ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Conflict, Resolution } from '../../../../main/domain/conflicts/conflict.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { ProjectId } from '../../../../main/domain/ids.ts'
import { shortName } from '../../state/agents.ts'
import { useNow } from '../../state/clock.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { Who } from '../locks/Who.tsx'
import css from './Conflicts.module.css'
import { sidesOf } from './cards.ts'
import { Files } from './Files.tsx'
import { Patch } from './Patch.tsx'
import { words } from './words.ts'

/** One that is settled: how, by whom, and whether git shows it. Its evidence is a click away. */
export function SettledRow({
  project,
  conflict,
  chosen,
}: {
  readonly project: ProjectId
  readonly conflict: Conflict
  readonly chosen: boolean
}): ReactNode {
  const w = useWords(words)
  const [open, setOpen] = useState(chosen)
  const ref = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (chosen) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const { id, cause, parties, resolution } = conflict
  return (
    <li ref={ref} className={css['row']} data-chosen={chosen}>
      <button
        type="button"
        className={css['line']}
        aria-expanded={open}
        aria-label={w.more(id)}
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={13} aria-hidden className={css['chevron']} />
        <Glyph mark={resolution!.verified === false ? 'conflict' : 'done'} size={14} />
        <span className={css['brief']}>
          <Files files={conflict.files} />
          <span className={css['detail']}>{resolution!.detail}</span>
        </span>
        <span className={css['end']}>
          <Verified resolution={resolution!} />
          <span className="muted">
            <SettledBy resolution={resolution!} />
          </span>
        </span>
      </button>
      {open && (
        <div className={css['opened']}>
          <p className="muted">
            {id} · {w.causes[cause]} ·{' '}
            {w.took(
              formatDuration(Math.max(1_000, Math.ceil((resolution!.at - conflict.since) / 1_000) * 1_000)),
            )}
          </p>
          <p>{conflict.text}</p>
          <div className={css['sides']} data-count={parties.length}>
            {sidesOf(conflict).map(({ holder, evidence }) => (
              // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out so, and a section of the page it is not
              <div key={holder} role="group" className={css['side']} aria-label={shortName(holder)}>
                <header>
                  <Who project={project} holder={holder} />
                </header>
                <ul className={css['evidence']}>
                  {evidence.map(({ text }) => (
                    <li key={text}>{text}</li>
                  ))}
                </ul>
                {evidence.flatMap(({ patch }) =>
                  patch === null
                    ? []
                    : [<Patch key={patch} project={project} hash={patch} who={shortName(holder)} />],
                )}
              </div>
            ))}
          </div>
        </div>
      )}
    </li>
  )
}

function Verified({ resolution: { verified } }: { readonly resolution: Resolution }): ReactNode {
  const w = useWords(words)
  if (verified === null) return null
  return (
    <span className={css['verified']} data-clean={verified}>
      {verified ? w.verified : w.notVerified}
    </span>
  )
}

function SettledBy({ resolution: { by, at } }: { readonly resolution: Resolution }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const ago = formatDuration(Math.max(1_000, Math.floor((now - at) / 1_000) * 1_000))
  if (by === 'engine') return w.settledByEngine(ago)
  if (by === 'agents') return w.settledByAgents(ago)
  return w.settledBy(by.replace(/^person:/, ''), ago)
}
