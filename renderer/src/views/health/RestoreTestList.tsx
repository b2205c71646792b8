import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RollbackPoint } from '../../../../main/domain/points/point.ts'
import { type RestoreTests, restoreTestsOf } from '../../../../main/domain/points/restoreTests.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import { usePointActions } from '../releases/usePointActions.ts'
import css from './Health.module.css'
import { words } from './words.ts'

/** Shown of what cannot be restored; the releases have the rest. */
const MOST_BROKEN = 3

const MARKS: Readonly<Record<RestoreTests['state'], Mark>> = {
  restored: 'done',
  broken: 'failed',
  untried: 'waiting',
  nothing: 'waiting',
}

/** Does the way back of each target work? What was tried last, what came of it, and when it is tried next. */
export function RestoreTestList({ project }: { readonly project: ProjectRecord }): ReactNode {
  const w = useWords(words)
  const all = restoreTestsOf(project)
  if (all.length === 0) return null
  return (
    <section aria-label={w.tests.title}>
      <h3>{w.tests.title}</h3>
      <ul className={css['schedules']}>
        {all.map((tests) => (
          <One key={tests.target ?? ''} project={project} tests={tests} />
        ))}
      </ul>
    </section>
  )
}

interface OneProps {
  readonly project: ProjectRecord
  readonly tests: RestoreTests
}

function One({ project, tests }: OneProps): ReactNode {
  const w = useWords(words)
  const ago = useAgo()
  const { target, state, good, last, broken } = tests
  const mark = MARKS[state]
  return (
    <li data-tests={target ?? ''}>
      <Glyph mark={mark} size={16} />
      <div>
        <p>
          <strong>{target ?? w.tests.repository}</strong> <span data-mark={mark}>{w.tests.state[state]}</span>
        </p>
        {last?.tested?.ok === true && (
          <p>
            {w.tests.ok(last.id, ago(last.tested.at), tookText(last))}{' '}
            <span className="muted">{last.tested.detail}</span>
          </p>
        )}
        {broken.slice(0, MOST_BROKEN).map((point) => (
          <p key={point.id} className={css['broken']}>
            <Glyph mark="failed" size={13} />
            <span>
              {w.tests.bad(point.id, ago(point.tested!.at))}{' '}
              <span className="muted">{point.tested!.detail}</span>{' '}
              <button type="button" onClick={() => navigate({ view: 'releases', at: point.id })}>
                {w.tests.toPoint(point.id)}
              </button>
            </span>
          </p>
        ))}
        {broken.length > MOST_BROKEN && <p className="muted">{w.tests.more(broken.length - MOST_BROKEN)}</p>}
        {broken.length > 0 && <p>{good === null ? w.tests.noneLeft : w.tests.offered(good.id)}</p>}
        <When tests={tests} />
      </div>
      {good !== null && (
        <div className={css['buttons']}>
          <TestNow project={project} point={good} />
        </div>
      )}
    </li>
  )
}

/** When it is tried next, or how that is wished for. */
function When({ tests: { schedule, target } }: Pick<OneProps, 'tests'>): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  if (schedule === null) return target === null ? null : <p className="muted">{w.tests.noClock}</p>
  const { next, spec } = schedule
  const left = next === null ? 0 : next - now
  const when =
    next === null
      ? w.never
      : left <= 0
        ? w.due
        : w.next(timeText(next, now, language), formatDuration(Math.ceil(left / 60_000) * 60_000))
  return (
    <p className="muted">
      {w.tests.tried(when)} · <code>{spec.cron}</code> {spec.timeZone}
    </p>
  )
}

function TestNow({
  project,
  point,
}: {
  readonly project: ProjectRecord
  readonly point: RollbackPoint
}): ReactNode {
  const w = useWords(words)
  const { unavailable, perform } = usePointActions(project, point).test
  return (
    <Button unavailable={unavailable} onClick={perform}>
      {w.tests.test(point.id)}
    </Button>
  )
}

function tookText({ tested }: RollbackPoint): string {
  return tested?.ms === undefined ? '' : formatDuration(tested.ms)
}

function useAgo(): (at: number) => string {
  const now = useNow()
  return (at) => formatDuration(Math.max(1_000, Math.floor((now - at) / 1_000) * 1_000))
}
