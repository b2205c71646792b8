import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { parseAttemptId } from '../../../../main/domain/ids.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { ReleasedAt, TargetRecord, TargetSpec } from '../../../../main/domain/targets/target.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Like, useWords } from '../../words/language.ts'
import { Aside } from './Aside.tsx'
import { TakeDown } from './TakeDown.tsx'
import css from './TargetCard.module.css'
import { TARGET_MARKS } from './timeline.ts'
import { useTargetActions } from './usePointActions.ts'
import { type Sight, useSight } from './useSight.ts'
import { words } from './words.ts'

type Words = Like<(typeof words)['en']>

/** A target: what is released, since when, by whom; how it is on record, and how it answers at this moment. */
export function TargetCard({
  project,
  record,
}: {
  readonly project: ProjectRecord
  readonly record: TargetRecord
}): ReactNode {
  const w = useWords(words)
  const { spec, state, reason, busy, current } = record
  const sight = useSight(project.id, spec.name, { record, aside: spec.database !== null })
  const actions = useTargetActions(project, spec.name)
  const mark = busy === null ? TARGET_MARKS[state] : 'running'
  return (
    <section className={css['card']} data-mark={mark} aria-label={spec.title}>
      <div className={css['inside']}>
        <div className={css['main']}>
          <header>
            <Glyph mark={mark} size={18} />
            <h3>{spec.title}</h3>
            <span className={css['state']} data-mark={mark}>
              {busy === null ? stateWord(w, record) : <RunLink attempt={busy}>{w.busy}</RunLink>}
            </span>
          </header>
          <Released current={current} />
          {reason !== null && state !== 'healthy' && <p className={css['reason']}>{reason}</p>}
          <div className={css['buttons']}>
            <Button
              look={mark === 'failed' || mark === 'needs-you' ? 'primary' : 'plain'}
              unavailable={actions.rollBack.unavailable}
              onClick={actions.rollBack.perform}
            >
              {actions.rollBack.label}
            </Button>
            <Button unavailable={actions.makePoint.unavailable} onClick={actions.makePoint.perform}>
              {actions.makePoint.label}
            </Button>
            <TakeDown project={project} record={record} />
          </div>
        </div>
        <Now project={project} sight={sight} record={record} />
      </div>
    </section>
  )
}

/** What answers well and yet failed its check is not called the same as what does not answer. */
function stateWord(w: Words, { state, current }: TargetRecord): string {
  return state === 'unhealthy' && current?.verified === false ? w.verifiesNot : w.states[state]
}

function kindWords(w: Words, { place }: TargetSpec): string {
  const kind = w.kinds[place.kind]
  return place.kind === 'docker' ? `${kind}, ${w.strategies[place.strategy]}` : kind
}

function Released({ current }: { readonly current: ReleasedAt | null }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  if (current === null) return <p className={css['released']}>{w.noRelease}</p>
  const age = Math.max(1_000, Math.floor((now - current.at) / 1_000) * 1_000)
  return (
    <p className={css['released']}>
      <strong>{current.release.version}</strong>
      <span className="muted">{w.since(formatDuration(age))}</span>
      <span className="muted">
        {w.by} <RunLink attempt={current.by}>{null}</RunLink>
      </span>
    </p>
  )
}

/** The way to the run and the task that did it; its name where nothing else is said. */
export function RunLink({
  attempt,
  children,
}: {
  readonly attempt: string
  readonly children: ReactNode
}): ReactNode {
  const state = useEngineState()
  const parts = parseAttemptId(attempt)
  if (parts === undefined) return children ?? attempt
  const run = state?.runs.get(parts.run)
  const name = run === undefined ? parts.task : `${run.plan.epic}#${run.number} ${parts.task}`
  return (
    <button
      type="button"
      className={css['link']}
      onClick={() => navigate({ view: 'graph', run: parts.run, task: parts.task, at: undefined })}
    >
      {children ?? name}
    </button>
  )
}

function Now({
  project,
  sight,
  record,
}: {
  readonly project: ProjectRecord
  readonly sight: Sight
  readonly record: TargetRecord
}): ReactNode {
  const w = useWords(words)
  const seen = sight.status === 'seen' ? sight.sight : null
  const mark = seen === null || seen.healthy === null ? 'waiting' : seen.healthy ? 'done' : 'failed'
  const text =
    sight.status === 'looking'
      ? w.looking
      : sight.status === 'failed'
        ? w.lookFailed(sight.why)
        : seen === null || seen.healthy === null
          ? (seen?.words ?? w.unseen)
          : `${seen.healthy ? w.healthy : w.notHealthy}: ${seen.words}`
  const released = record.current?.release.version
  const differs = seen?.version != null && released !== undefined && seen.version !== released
  return (
    <dl className={css['now']}>
      <dt>{w.place}</dt>
      <dd>{kindWords(w, record.spec)}</dd>
      <dt>{w.now}</dt>
      <dd className={css['answer']}>
        <Glyph mark={mark} size={12} progress={0.3} />
        <span>
          {text}
          {differs && <em>{w.differs(seen.version!)}</em>}
        </span>
      </dd>
      <dt>{w.address}</dt>
      <dd>
        {seen?.address == null ? (
          <span className="muted">{sight.status === 'looking' ? w.looking : w.none}</span>
        ) : (
          <a href={seen.address} target="_blank" rel="noreferrer">
            <code>{seen.address}</code>
          </a>
        )}
      </dd>
      <dt>{w.containers}</dt>
      <dd>
        {seen === null || seen.parts.length === 0 ? (
          <span className="muted">{sight.status === 'looking' ? w.looking : w.noContainers}</span>
        ) : (
          <ul className={css['parts']}>
            {seen.parts.map(({ name, part, state, version, colour }) => (
              <li key={name} title={name}>
                <Glyph mark={state === 'running' ? 'done' : 'waiting'} size={11} />
                <span>
                  {part} <span className="muted">{[state, version, colour].filter(Boolean).join(', ')}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </dd>
      <Aside
        project={project}
        target={record.spec.name}
        // Where nothing runs, nothing can be looked into.
        aside={record.current === null ? (seen?.aside ?? undefined) : seen?.aside}
      />
    </dl>
  )
}
