import type { ReactNode } from 'react'
import type { ClientCommand } from '../../../../main/domain/commands.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import type { ScheduleRecord } from '../../../../main/domain/schedules/schedule.ts'
import type { ProjectRecord, State } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { projectRefusal } from '../../actions/refusal.ts'
import { useDispatch } from '../../actions/useDispatch.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { useLive } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { tell } from '../../ui/toasts.tsx'
import { type Like, useWords } from '../../words/language.ts'
import { timeText } from '../events/timeText.ts'
import css from './Health.module.css'
import { words } from './words.ts'

interface Props {
  readonly state: State
  readonly project: ProjectRecord
}

/** What begins by the clock: when next, what became of it last, and what waits for a person. */
export function ScheduleList({ state, project }: Props): ReactNode {
  const w = useWords(words)
  const { items, trouble } = project.schedules
  const all = Object.values(items).toSorted((a, b) => (a.next ?? Infinity) - (b.next ?? Infinity))
  return (
    <>
      {Object.entries(trouble).map(([source, { detail, remedy }]) => (
        <p key={source} className={css['trouble']}>
          <Glyph mark="needs-you" size={14} />
          <span>
            {detail} <span className="muted">{remedy}</span>
          </span>
        </p>
      ))}
      {all.length === 0 && Object.keys(trouble).length === 0 && <p className="muted">{w.noSchedules}</p>}
      <ul className={css['schedules']}>
        {all.map((item) => (
          <One key={item.spec.name} state={state} project={project} item={item} />
        ))}
      </ul>
    </>
  )
}

function lookOfSchedule(
  w: Like<(typeof words)['en']>,
  { waiting, next }: ScheduleRecord,
): { readonly mark: Mark; readonly word: string } {
  if (waiting?.on === 'ask' || waiting?.on === 'trouble') return { mark: 'needs-you', word: w.needsYou }
  if (waiting !== null) return { mark: 'waiting', word: w.waits }
  return next === null ? { mark: 'done', word: w.over } : { mark: 'waiting', word: w.scheduled }
}

function One({ state, project, item }: Props & { readonly item: ScheduleRecord }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const language = usePreference('language')
  const dispatch = useDispatch()
  const connected = useLive((live) => live.connection.status === 'connected')
  const { spec, waiting, next, last } = item
  const look = lookOfSchedule(w, item)
  const answer = (choice: 'run' | 'skip'): ClientCommand => ({
    type: 'schedule.answer',
    project: project.id,
    name: spec.name,
    choice,
  })
  const why = (choice: 'run' | 'skip'): string | undefined =>
    connected ? projectRefusal(state, answer(choice), w.already) : w.notConnected
  const send = async (choice: 'run' | 'skip'): Promise<void> => {
    if (await dispatch(answer(choice))) tell((choice === 'run' ? w.began : w.leftOut)(spec.title))
  }
  const left = next === null ? 0 : next - now
  const when =
    next === null
      ? w.never
      : left <= 0
        ? w.due
        : w.next(timeText(next, now, language), formatDuration(Math.ceil(left / 60_000) * 60_000))
  return (
    <li>
      <Glyph mark={look.mark} size={16} />
      <div>
        <p>
          <strong>{spec.title}</strong> <span data-mark={look.mark}>{look.word}</span>
        </p>
        <p className="muted">
          {when} · <code>{spec.cron}</code> {spec.timeZone}
        </p>
        {waiting !== null && waiting.detail !== '' && (
          <p>
            {waiting.detail} <span className="muted">{waiting.remedy}</span>
          </p>
        )}
        {last !== null && (
          <p className="muted">
            {w.last(timeText(last.due, now, language))}{' '}
            {last.run === null ? (
              w.skipped[last.skipped!]
            ) : (
              <button
                type="button"
                onClick={() =>
                  navigate({ view: 'house', run: last.run as RunId, task: undefined, at: undefined })
                }
              >
                {w.lastRun}
              </button>
            )}
          </p>
        )}
      </div>
      <div className={css['buttons']}>
        <Button unavailable={why('run')} onClick={() => void send('run')}>
          {w.runNow}
        </Button>
        {waiting !== null && (
          <Button unavailable={why('skip')} onClick={() => void send('skip')}>
            {w.skip}
          </Button>
        )}
      </div>
    </li>
  )
}
