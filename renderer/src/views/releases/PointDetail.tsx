import { ChevronLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { lastGoodPoint, policyOf } from '../../../../main/domain/points/keeping.ts'
import type { RollbackPoint } from '../../../../main/domain/points/point.ts'
import { changesBetween } from '../../../../main/domain/points/pointHistory.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { Button, IconButton } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Fact, Facts, PanelButtons, PanelHead, Section } from '../../ui/Panel.tsx'
import { Choice } from '../../ui/Toolbar.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { changeText } from './changeText.ts'
import css from './PointDetail.module.css'
import { RunLink } from './TargetCard.tsx'
import { between, isSame, markOfPoint } from './timeline.ts'
import { usePointActions } from './usePointActions.ts'
import { words } from './words.ts'

interface Props {
  readonly project: ProjectRecord
  readonly point: RollbackPoint
}

/** What a point holds, how well it is kept, and what can be done with it. */
export function PointDetail({ project, point }: Props): ReactNode {
  return (
    <>
      <Head project={project} point={point} />
      <Compare project={project} point={point} />
      <Holds point={point} />
      <Care project={project} point={point} />
    </>
  )
}

function Head({ project, point }: Props): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const actions = usePointActions(project, point)
  const lastGood = lastGoodPoint(project.points, point.target) === point
  const state =
    point.tested?.ok === false ? w.broken : lastGood ? w.lastGood : point.good ? w.good : w.notKnownGood
  return (
    <Section>
      <PanelHead
        glyph={<Glyph mark={markOfPoint(point)} size={18} />}
        title={<h2>{point.name === null ? w.point(point.id) : `${w.point(point.id)} “${point.name}”`}</h2>}
        about={
          <>
            {w.madeOf(point.target ?? w.repository)} · {timeText(point.at, Date.now(), language)},{' '}
            {w.reasons[point.why]} · {state}
          </>
        }
      >
        <IconButton label={w.back} onClick={() => navigate({ at: undefined })}>
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
      </PanelHead>
      <PanelButtons>
        <Button look={point.tested?.ok === false ? 'plain' : 'primary'} onClick={actions.rollBack.perform}>
          {actions.rollBack.label}
        </Button>
        {[actions.test, actions.pin].map(({ id, label, unavailable, perform }) => (
          <Button key={id} unavailable={unavailable} onClick={perform}>
            {label}
          </Button>
        ))}
        <Button look="danger" unavailable={actions.remove.unavailable} onClick={actions.remove.perform}>
          {actions.remove.label}
        </Button>
      </PanelButtons>
    </Section>
  )
}

function Compare({ project, point }: Props): ReactNode {
  const w = useWords(words)
  const language = usePreference('language')
  const others = project.points.filter((one) => one.target === point.target && one.id !== point.id)
  const changed = changesBetween(project, point, null)
  const options = [
    { id: 'now', label: w.now },
    ...others.toReversed().map((one) => ({
      id: one.id,
      label: [w.point(one.id), one.release?.version ?? '', timeText(one.at, Date.now(), language)]
        .filter(Boolean)
        .join(' · '),
    })),
  ]
  return (
    <Section title={w.compare}>
      <p className={css['since']}>
        <span className="muted">{w.sinceThen}</span> {isSame(changed) ? w.unchanged : changeText(w, changed)}
      </p>
      <Choice
        label={w.compareWith}
        all={w.compareWith}
        options={options}
        value=""
        onChange={(id) => id !== '' && navigate({ at: between(project, point.id, id === 'now' ? null : id) })}
      />
    </Section>
  )
}

/** Digests are known by their beginning. */
export const shortImage = (image: string): string => image.replace(/^sha256:/, '').slice(0, 12)

function Holds({ point }: Pick<Props, 'point'>): ReactNode {
  const w = useWords(words)
  const { release, git, database, environment, bytes, by } = point
  const rows = Object.entries(database?.rows ?? {})
  const files = Object.keys(environment)
  return (
    <Section title={w.holds}>
      <Facts>
        {release !== null && <Fact name={w.release}>{release.version}</Fact>}
        {release?.image != null && (
          <Fact name={w.image}>
            <code title={release.image}>{shortImage(release.image)}</code>
          </Fact>
        )}
        {git !== null && (
          <Fact name={w.branch}>
            <code>
              {git.branch} {git.commit.slice(0, 7)}
            </code>
          </Fact>
        )}
        {database !== null && (
          <Fact name={w.database}>
            {database.kind} {database.name}, {formatBytes(database.bytes)}
          </Fact>
        )}
        {database?.schemaVersion != null && (
          <Fact name={w.schema}>
            <code>{database.schemaVersion.replace(/^schema /, '').slice(0, 16)}</code>
          </Fact>
        )}
        {rows.map(([table, count]) => (
          <Fact key={table} name={<code>{table}</code>}>
            {w.rowCount(count)}
          </Fact>
        ))}
        {files.length > 0 && <Fact name={w.settingsHeld}>{files.join(', ')}</Fact>}
        <Fact name={w.size}>{formatBytes(bytes)}</Fact>
        <Fact name={w.madeBy}>
          <RunLink attempt={by}>{null}</RunLink>
        </Fact>
      </Facts>
    </Section>
  )
}

function Care({ project, point }: Props): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const { tested, copiedTo, copyTrouble, pinned } = point
  const ago = (at: number): string => formatDuration(Math.max(1_000, Math.floor((now - at) / 1_000) * 1_000))
  return (
    <Section title={w.care}>
      <Facts>
        <Fact name={w.restoreTest} tone={tested === null ? undefined : tested.ok ? 'good' : 'bad'}>
          {tested === null ? w.never : (tested.ok ? w.testOk : w.testBad)(ago(tested.at))}
        </Fact>
        {tested?.ms !== undefined && <Fact name="">{w.took(formatDuration(tested.ms))}</Fact>}
        <Fact name={w.copy} tone={copyTrouble == null ? undefined : 'bad'}>
          {copyTrouble != null ? w.notCopied : (copiedTo ?? w.noCopy)}
        </Fact>
        <Fact name={w.kept_}>{pinned ? w.keptPinned : w.policy(policyOf(project, point.target).keep)}</Fact>
      </Facts>
      {tested !== null && tested.detail !== '' && <p className={css['detail']}>{tested.detail}</p>}
      {copyTrouble != null && <p className={css['detail']}>{copyTrouble}</p>}
    </Section>
  )
}
