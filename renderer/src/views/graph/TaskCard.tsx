import { memo, type ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import type { TaskSpec } from '../../../../main/domain/project.ts'
import { type Attempt, runningMs } from '../../../../main/domain/state.ts'
import type { Status } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { usePlace } from '../../state/place.ts'
import { percentText, reportedShare } from '../../state/progress.ts'
import { useWhy } from '../../state/why.ts'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { sentenceOf, useStatusWords } from '../../words/status.ts'
import css from './cards.module.css'
import { useGraph, useGraphView, useLook } from './graphView.ts'
import { isMarked } from './looks.ts'
import { words } from './words.ts'

/** Longer titles need two lines. */
export const LONG_TITLE = 22

interface CardProps {
  readonly data: {
    readonly id: string
    readonly task: number
    readonly tall: boolean
    readonly calm: boolean
  }
}

/** One task: what it is, what it is at, and why. It renders when that changes, and never because another one did. */
export const TaskCard = memo(function TaskCard({ data }: CardProps): ReactNode {
  const { id, task, tall, calm } = data
  const w = useWords(words)
  const statuses = useStatusWords()
  const { looks } = useGraph()
  const look = useLook(task)
  const { status, record } = look
  const spec = looks.run.plan.tasks[task]!
  const selected = useIsSelected(spec.id)
  const isStop = useGraphView((view) => view.cursor === id)
  const dim = useGraphView((view) => view.only !== undefined && !isMarked(look, view.only))
  const found = useGraphView((view) => view.matches?.has(id))
  const critical = useGraphView((view) => view.critical.has(task))
  const why = useWhy(looks.run, task, status, Date.now())
  const label = [
    spec.title,
    statuses.task[status.word],
    why,
    record.attempts > 1 ? w.attempt(record.attempts) : '',
    critical ? w.critical : '',
  ]
  return (
    <button
      type="button"
      className={`${css['card']} ${tall ? css['tall'] : ''}`}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={selected}
      aria-label={label.filter((part) => part !== '').join(', ')}
      title={spec.title === spec.id ? undefined : `${spec.id}: ${spec.title}`}
      data-unit={id}
      data-mark={status.mark}
      data-selected={selected}
      data-found={found === true}
      data-dim={dim || found === false}
      data-critical={critical}
    >
      <Glyph mark={status.mark} progress={reportedShare(record) ?? (calm ? 0.3 : undefined)} />
      <span className={css['text']}>
        <span className={css['name']}>{spec.title}</span>
        <span className={css['line']} data-tone={status.mark}>
          <Line
            spec={spec}
            status={status}
            attempt={record.current}
            role={roleOf(spec, record)}
            locked={status.why?.kind === 'locks' ? why : ''}
          />
        </span>
      </span>
      {record.attempts > 1 && <span className={css['attempt']}>×{record.attempts}</span>}
    </button>
  )
})

function useIsSelected(id: string): boolean {
  return usePlace().task === id
}

type Record = ReturnType<typeof useLook>['record']

function roleOf(spec: TaskSpec, record: Record): string | null {
  return (record.current ?? record.past.at(-1))?.role ?? spec.role
}

/** The role while it works or worked and while its phase has not come; else why it is where it is. */
function Line({
  status,
  attempt,
  role,
  locked,
}: {
  readonly spec: TaskSpec
  readonly status: Status
  readonly attempt: Attempt | null
  readonly role: string | null
  /** What it waits for, of one that waits for locks. */
  readonly locked: string
}): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const { looks } = useGraph()
  const who = role ?? w.anyRole
  if (attempt !== null && (status.word === 'running' || status.word === 'paused')) {
    const share = reportedShare({ current: attempt })
    return (
      <Timed who={status.word === 'running' ? who : statuses.task.paused}>
        {share === undefined ? <Elapsed attempt={attempt} /> : percentText(share)}
      </Timed>
    )
  }
  if (status.word === 'done')
    return status.ms === null ? who : <Timed who={who}>{formatDuration(status.ms)}</Timed>

  if (status.why?.kind === 'phase' || status.why?.kind === 'preparing') return who
  if (locked !== '') return locked
  if (status.why?.kind === 'retry') return <Counting status={status} />
  return sentenceOf(statuses, looks.run, status.why, 0) || `${who} · ${statuses.task[status.word]}`
}

/** The time is what changes: it is never cut off. */
function Timed({ who, children }: { readonly who: string; readonly children: ReactNode }): ReactNode {
  return (
    <span className={css['timed']}>
      <span>{who}</span>
      <span>· {children}</span>
    </span>
  )
}

function Elapsed({ attempt }: { readonly attempt: Attempt }): ReactNode {
  return formatDuration(Math.floor(runningMs(attempt, useNow()) / 1_000) * 1_000)
}

function Counting({ status }: { readonly status: Status }): ReactNode {
  return sentenceOf(useStatusWords(), useGraph().looks.run, status.why, useNow())
}
