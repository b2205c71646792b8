import { type ReactNode, useMemo } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { MARKS, taskStatus } from '../../../../main/domain/status.ts'
import { countMarks } from '../../frame/counts.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { type Chart, runAt } from './bars.ts'
import css from './Timeline.module.css'
import { words } from './words.ts'

/** Tasks named before the rest is counted. */
const NAMED = 6
/** Steps of the scrubber over the whole run. */
const STEPS = 1_000

/** Any moment of the run: how its tasks stood then, and who was at work. */
export function Replay({
  chart,
  now,
  moment,
  onMoment,
}: {
  readonly chart: Chart
  readonly now: number
  readonly moment: number | undefined
  readonly onMoment: (moment: number | undefined) => void
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const language = usePreference('language')
  const from = chart.run.startedAt
  const span = Math.max(1, now - from)
  const at = Math.min(now, Math.max(from, moment ?? now))
  const run = useMemo(() => (moment === undefined ? chart.run : runAt(chart, moment)), [chart, moment])
  const counts = countMarks(run)
  const busy = useMemo(
    () =>
      run.plan.tasks
        .map((_, i) => i)
        .filter((i) => run.tasks.get(i)!.current !== null && taskStatus(run, i, at).mark === 'running'),
    [run, at],
  )
  const word = statuses.task as Readonly<Record<string, string>>
  return (
    <section className={css['replay']} aria-label={w.replay}>
      <div className={css['scrub']}>
        <input
          type="range"
          aria-label={w.moment}
          aria-valuetext={w.after(formatDuration(at - from))}
          min={0}
          max={STEPS}
          value={Math.round(((at - from) / span) * STEPS)}
          onChange={(event) => {
            const share = Number(event.target.value) / STEPS
            onMoment(share >= 1 ? undefined : from + share * span)
          }}
        />
        <time dateTime={new Date(at).toISOString()}>
          {moment === undefined ? (
            chart.run.endedAt === null ? (
              w.now
            ) : (
              w.end
            )
          ) : (
            <>
              {w.after(formatDuration(at - from))}{' '}
              <span className="muted">{new Date(at).toLocaleTimeString(language, { hourCycle: 'h23' })}</span>
            </>
          )}
        </time>
        <Button look="quiet" disabled={moment === undefined} onClick={() => onMoment(undefined)}>
          {w.back}
        </Button>
      </div>
      <div className={css['then']}>
        {MARKS.filter((mark) => counts[mark] > 0).map((mark) => (
          <span key={mark} className={css['count']}>
            <Glyph mark={mark} size={12} progress={1} />
            {counts[mark]} {word[mark !== 'waiting' ? mark : run.endedAt === null ? 'waits' : 'cancelled']}
          </span>
        ))}
        <span className={css['busy']}>
          <span className="muted">{moment === undefined ? w.ran : w.busyThen}</span>
          {busy.length === 0 && <span className="muted">{w.nobody}</span>}
          {busy.slice(0, NAMED).map((i) => {
            const { id } = run.plan.tasks[i]!
            return (
              <button key={id} type="button" onClick={() => navigate({ run: run.id, task: id })}>
                {id}
              </button>
            )
          })}
          {busy.length > NAMED && <span className="muted">{w.andMore(busy.length - NAMED)}</span>}
        </span>
      </div>
    </section>
  )
}
