import { SquareTerminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { attemptId } from '../../../../main/domain/ids.ts'
import { EMPTY_QUEUE, type MergeQueue, type QueueEntry } from '../../../../main/domain/merging/mergeQueue.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { useNow } from '../../state/clock.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { useWords } from '../../words/language.ts'
import { Since } from '../locks/LockLine.tsx'
import { Who } from '../locks/Who.tsx'
import { type Part, partsOf } from './line.ts'
import css from './Merging.module.css'
import { words } from './words.ts'

interface Props {
  readonly run: Run
  /** What is merged by now; undefined until the log is read. */
  readonly merged: number | undefined
  readonly onOutput: (check: number) => void
}

/** More are counted, not named. */
const MOST = 100
const NAMED = 3

/** Who waits to be merged, in the order in which that happens, in stretches of which the same is to be said. */
export function Line({ run, merged, onOutput }: Props): ReactNode {
  const w = useWords(words)
  const queue = run.mergeQueue ?? EMPTY_QUEUE
  const batch = run.plan.merge?.batch ?? 1
  const { check, entries } = queue
  const over = run.endedAt !== null
  return (
    <section className={css['part']} aria-label={w.line}>
      <header className={css['head']}>
        <h3>{w.line}</h3>
        <span className="muted">{merged !== undefined && w.counts(entries.length, merged)}</span>
      </header>
      {entries.length === 0 && (
        <p className={css['calm']}>{over ? w.emptyOver : `${w.empty}. ${w.emptyText}`}</p>
      )}
      {run.paused && check === null && entries.length > 0 && <p className={css['calm']}>{w.paused}</p>}
      {check !== null && check.tasks.length === 0 && (
        <Stretch says={w.branch} kind="checking" check={check} onOutput={onOutput} />
      )}
      {partsOf({ ...queue, entries: entries.slice(0, MOST) }, batch).map((part) => (
        <Stretch
          key={part.kind}
          says={sayingOf(w, part, queue)}
          kind={part.kind}
          check={part.kind === 'checking' || part.kind === 'moving' ? check : null}
          onOutput={onOutput}
        >
          {part.entries.map((entry, i) => (
            <Row key={entry.task} run={run} entry={entry} place={part.from + i} />
          ))}
        </Stretch>
      ))}
      {entries.length > MOST && <p className={css['calm']}>{w.more(entries.length - MOST)}</p>}
    </section>
  )
}

type Words = ReturnType<typeof useWords<(typeof words)['en']>>

function sayingOf(w: Words, { kind, entries }: Part, { check, failing }: MergeQueue): string {
  const count = entries.length
  switch (kind) {
    case 'moving':
      return check?.unchecked === true ? w.parts.unchecked : w.parts.moving(count)
    case 'checking':
      if (failing?.count === 1 && count === 1) return w.parts.again
      return failing === null || failing.count <= count
        ? w.parts.checking(count)
        : w.parts.half(count, failing.count)
    case 'suspects':
      return check === null || check.tasks.length === 0 ? w.parts.suspects(count) : w.parts.rest(count)
    default:
      return w.parts[kind]
  }
}

function Stretch({
  says,
  kind,
  check,
  onOutput,
  children,
}: {
  readonly says: string
  readonly kind: Part['kind']
  readonly check: MergeQueue['check']
  readonly onOutput: (check: number) => void
  readonly children?: ReactNode
}): ReactNode {
  const w = useWords(words)
  return (
    <div className={css['stretch']} data-kind={kind}>
      <p className={css['says']}>
        {check !== null && (
          <>
            <Glyph mark="running" size={13} />
            <b>{w.check(check.n)}</b>
          </>
        )}
        <span>{says}</span>
        {check !== null && (
          <>
            <Since from={check.since} />
            {!check.unchecked && (
              <Button look="quiet" aria-label={w.outputOf(check.n)} onClick={() => onOutput(check.n)}>
                <SquareTerminal size={14} aria-hidden /> {w.output}
              </Button>
            )}
          </>
        )}
      </p>
      <ol>{children}</ol>
    </div>
  )
}

function Row({
  run,
  entry,
  place,
}: {
  readonly run: Run
  readonly entry: QueueEntry
  readonly place: number
}): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const here = usePlace()
  const { task, attempt, unchecked } = entry
  const { id } = run.plan.tasks[task]!
  const dependents = planIndex(run.plan).dependents[task]!.map((one) => run.plan.tasks[one]!.id)
  const since = run.tasks.get(task)?.current?.queuedAt
  return (
    <li>
      <button
        type="button"
        className={css['row']}
        aria-pressed={here.task === id}
        onClick={() => navigate({ run: run.id, task: id })}
      >
        <span className={css['place']}>{place}</span>
        <Who project={run.project} holder={attemptId(run.id, id, attempt)} />
        <span className={css['then']}>
          {dependents.length > 0 && w.follows(dependents.slice(0, NAMED), dependents.length - NAMED)}
        </span>
        <span className="muted">{unchecked && w.unchecked}</span>
        <span className={css['time']}>
          {since !== undefined && formatDuration(Math.max(1_000, Math.floor((now - since) / 1_000) * 1_000))}
        </span>
      </button>
    </li>
  )
}
