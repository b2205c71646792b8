import { memo, type ReactNode } from 'react'
import { assertNever } from '../../../../main/domain/assertNever.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { countTasks } from '../../../../main/domain/metrics.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { type RunLook, runStatus } from '../../../../main/domain/status.ts'
import { useRunActions } from '../../actions/runActions.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { navigate } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { type Like, useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { type Call, callsOf } from './calls.ts'
import css from './Stage.module.css'
import type { House } from './seats.ts'
import { words } from './words.ts'

/** In the middle: where the run stands, and the first thing that needs a person. */
export function Stage({ run: latest, house }: { readonly run: Run; readonly house: House }): ReactNode {
  const run = useCalm(latest, 250)
  return <Circle run={run} house={house} />
}

const Circle = memo(function Circle({ run, house }: { readonly run: Run; readonly house: House }): ReactNode {
  const w = useWords(words)
  const look = runStatus(run)
  const counts = countTasks(run)
  const done = counts.completed + counts.skipped
  const { radius, y } = house.stage
  const call = callsOf(run).find(({ mark }) => mark === 'needs-you')
  return (
    <section
      className={css['stage']}
      data-mark={call === undefined ? look.mark : 'needs-you'}
      style={{ left: house.centre.x - radius, top: y - radius, width: radius * 2, height: radius * 2 }}
      aria-label={run.plan.title}
    >
      <Share radius={radius} share={counts.total === 0 ? 0 : done / counts.total} />
      <Headline run={run} look={look} />
      <strong className={css['count']}>{done}</strong>
      <span className={css['of']}>{w.agentsDone(counts.total)}</span>
      <Foot run={run} call={call} />
    </section>
  )
})

/** The rim of the stage fills with what is done. */
function Share({ radius, share }: { readonly radius: number; readonly share: number }): ReactNode {
  const around = 2 * Math.PI * (radius - 1.5)
  return (
    <svg className={css['share']} width={radius * 2} height={radius * 2} aria-hidden>
      {share > 0 && (
        <circle
          cx={radius}
          cy={radius}
          r={radius - 1.5}
          strokeDasharray={`${share * around} ${around}`}
          transform={`rotate(-90 ${radius} ${radius})`}
        />
      )}
    </svg>
  )
}

function Headline({ run, look }: { readonly run: Run; readonly look: RunLook }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const { phases } = run.plan
  if (run.endedAt !== null) {
    return (
      <>
        <Glyph mark={look.mark} size={14} />
        <span className={css['over']}>{over(w, run)}</span>
      </>
    )
  }
  const phase = phases[run.phase]
  const quiet = look.word === 'running' || look.word === 'needs-you'
  return (
    <>
      {!quiet && (
        <span className={css['head']}>
          <Glyph mark={look.mark} size={14} /> {statuses.run[look.word]}
        </span>
      )}
      <span className={css['phase']}>
        {phase === undefined ? w.allPhases : w.phaseOf(run.phase + 1, phases.length)}
      </span>
      {phase !== undefined && quiet && <span className={css['name']}>{phase.name}</span>}
    </>
  )
}

function over(w: Like<(typeof words)['en']>, run: Run): string {
  const time = formatDuration(Math.max(0, (run.endedAt ?? run.startedAt) - run.startedAt))
  switch (run.status) {
    case 'completed':
      return w.over.done(time)
    case 'failed':
      return w.over.failed(time)
    case 'stopped':
    case 'stopping':
    case 'preparing':
    case 'running':
      return w.over.stopped(time)
    default:
      return assertNever(run.status, 'unknown status')
  }
}

function Foot({ run, call }: { readonly run: Run; readonly call: Call | undefined }): ReactNode {
  const w = useWords(words)
  if (call !== undefined) {
    const task = call.task === null ? undefined : run.plan.tasks[call.task]
    return (
      <button
        type="button"
        className={css['call']}
        title={call.text}
        onClick={() => navigate({ run: run.id, task: task?.id })}
      >
        <Glyph mark={call.mark} size={12} />
        <span>{task?.title ?? w.heldUp}</span>
      </button>
    )
  }
  return run.paused && run.endedAt === null ? <Continue run={run} /> : <Factor run={run} />
}

function Continue({ run }: { readonly run: Run }): ReactNode {
  const actions = useRunActions(run)
  if (actions === undefined) return null
  const { label, unavailable, perform } = actions.continue
  return (
    <span className={css['foot']}>
      <Button unavailable={unavailable} onClick={perform}>
        {label}
      </Button>
    </span>
  )
}

/** How many times faster than one agent after the other; nothing before anything was done. */
function Factor({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const wall = Math.max(1, (run.endedAt ?? now) - run.startedAt)
  const factor = run.totals.busyMs / wall
  return (
    <span className={css['factor']} data-good={factor >= 1}>
      {run.totals.busyMs > 0 ? w.sequential(factor.toFixed(1)) : ' '}
    </span>
  )
}
