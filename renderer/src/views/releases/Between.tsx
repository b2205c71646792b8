import { ChevronLeft } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import type { RollbackPoint } from '../../../../main/domain/points/point.ts'
import { changesBetween } from '../../../../main/domain/points/pointHistory.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { CommitsBetween, RollbackPreview } from '../../../../preload/contract.ts'
import { navigate } from '../../state/place.ts'
import { useBridge } from '../../state/session.tsx'
import { IconButton } from '../../ui/Button.tsx'
import { Fact, Facts, Section } from '../../ui/Panel.tsx'
import { useWords } from '../../words/language.ts'
import { signed } from './changeText.ts'
import css from './PointDetail.module.css'
import { shortImage } from './PointDetail.tsx'
import { isSame } from './timeline.ts'
import { words } from './words.ts'

interface Props {
  readonly project: ProjectRecord
  readonly from: RollbackPoint
  /** Null: until now. */
  readonly to: RollbackPoint | null
}

/** What changed from one point to another, or until now: what is on record, and what a look outside tells. */
export function Between({ project, from, to }: Props): ReactNode {
  const w = useWords(words)
  const changed = changesBetween(project, from, to)
  const current = from.target === null ? undefined : project.targets[from.target]?.current?.release
  const images = [from.release?.image ?? null, (to === null ? current : to.release)?.image ?? null] as const
  return (
    <>
      <Section>
        <header className={css['plainHead']}>
          <h2>{w.changedBetween(from.id, to?.id ?? w.now)}</h2>
          <IconButton label={w.back} onClick={() => navigate({ at: from.id })}>
            <ChevronLeft size={16} aria-hidden />
          </IconButton>
        </header>
        {isSame(changed) && images[0] === images[1] && <p className="muted">{w.noChange}</p>}
        <Facts>
          {changed.release !== null && (
            <Fact name={w.release}>
              {changed.release.from ?? w.nothingThere} → {changed.release.to ?? w.nothingThere}
            </Fact>
          )}
          {images[0] !== images[1] && (
            <Fact name={w.image}>
              <code>
                {images[0] === null ? w.nothingThere : shortImage(images[0])} →{' '}
                {images[1] === null ? w.nothingThere : shortImage(images[1])}
              </code>
            </Fact>
          )}
          {changed.commits !== null && (
            <Fact name={w.branch}>
              <code>
                {changed.commits.from.slice(0, 7)} → {changed.commits.to.slice(0, 7)}
              </code>
            </Fact>
          )}
          {changed.migrations.length > 0 && <Fact name={w.migrations}>{changed.migrations.join(', ')}</Fact>}
          {changed.schema !== null && (
            <Fact name={w.schema}>
              <code>
                {shortSchema(changed.schema.from)} → {shortSchema(changed.schema.to)}
              </code>
            </Fact>
          )}
          {Object.entries(changed.rows).map(([table, by]) => (
            <Fact key={table} name={<code>{table}</code>}>
              {signed(by)} {w.rows}
            </Fact>
          ))}
          {changed.settings.length > 0 && <Fact name={w.settingsHeld}>{changed.settings.join(', ')}</Fact>}
          {changed.irreversible.length > 0 && (
            <Fact name={w.cannot} tone="warn">
              {changed.irreversible.join(', ')}
            </Fact>
          )}
        </Facts>
      </Section>
      {to === null ? (
        <Seen project={project} from={from} />
      ) : (
        <Commits project={project} from={from} to={to} />
      )}
    </>
  )
}

/** The commits from one point to the other, as the hub keeps them. */
function Commits({
  project: { id: project },
  from: { id: from },
  to: { id: to },
}: Omit<Props, 'to'> & { readonly to: RollbackPoint }): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [found, setFound] = useState<CommitsBetween | null | undefined>()
  useEffect(() => {
    let gone = false
    const take = (between: CommitsBetween | null): void => {
      if (!gone) setFound(between)
    }
    bridge.request('commitsBetween', { project, from, to }).then(take, () => take(null))
    return () => {
      gone = true
    }
  }, [bridge, project, from, to])
  if (found === undefined) return null
  const counts = found?.counts ?? { added: 0, gone: 0 }
  return (
    <Section title={w.commitsBetween}>
      {found === null && <p className="muted">{w.commitsNotKept}</p>}
      {found !== null && counts.added + counts.gone === 0 && <p className="muted">{w.none}</p>}
      {found !== null && <CommitList commits={found.added} count={counts.added} />}
      {found !== null && counts.gone > 0 && (
        <>
          <p className={css['detail']}>{w.takenBack(counts.gone)}</p>
          <CommitList commits={found.gone} count={counts.gone} />
        </>
      )}
    </Section>
  )
}

function CommitList({
  commits,
  count,
}: {
  readonly commits: CommitsBetween['added']
  readonly count: number
}): ReactNode {
  const w = useWords(words)
  if (count === 0) return null
  return (
    <>
      <ul className={css['commits']}>
        {commits.map(({ commit, subject, author }) => (
          <li key={commit} title={author}>
            <code>{commit.slice(0, 7)}</code>
            <span>{subject}</span>
          </li>
        ))}
      </ul>
      {count > commits.length && <p className="muted">{w.older(count - commits.length)}</p>}
    </>
  )
}

const shortSchema = (version: string): string => version.replace(/^schema /, '').slice(0, 8)

/** What only a look outside tells: commits since, rows now, files with other settings. */
function Seen({ project, from }: Omit<Props, 'to'>): ReactNode {
  const w = useWords(words)
  const bridge = useBridge()
  const [seen, setSeen] = useState<RollbackPreview | undefined>()
  const [trouble, setTrouble] = useState('')
  const { id, target } = from
  useEffect(() => {
    let gone = false
    bridge.request('rollbackPreview', { project: project.id, target, point: id }).then(
      (found) => {
        if (!gone) setSeen(found)
      },
      (error: unknown) => {
        if (!gone) setTrouble((error as { message?: string }).message ?? String(error))
      },
    )
    return () => {
      gone = true
    }
  }, [bridge, project.id, target, id])
  const said = trouble !== '' ? trouble : seen === undefined ? w.looking : seen.ok ? '' : seen.reason
  if (seen === undefined || !seen.ok)
    return (
      <Section title={w.notLooked}>
        <p className="muted">{said}</p>
      </Section>
    )
  const { commits, rows, settings, unknown } = seen.facts
  const then = from.database?.rows ?? {}
  const differ = Object.entries(rows ?? {}).filter(([table, now]) => now !== (then[table] ?? 0))
  return (
    <Section title={w.notLooked}>
      <Facts>
        {differ.map(([table, now]) => (
          <Fact key={table} name={<code>{table}</code>}>
            {w.rowsNow(now, then[table] ?? 0)}
          </Fact>
        ))}
        {settings.length > 0 && <Fact name={w.settingsHeld}>{settings.join(', ')}</Fact>}
        <Fact name={w.commits}>{commits.length === 0 ? w.none : w.lost(commits.length)}</Fact>
      </Facts>
      <CommitList commits={commits} count={commits.length} />
      {unknown.map((text) => (
        <p key={text} className={css['detail']}>
          {text}
        </p>
      ))}
    </Section>
  )
}
