import { ChevronDown } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { formatBytes } from '../../../../main/domain/bytes.ts'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { agentName, attemptId } from '../../../../main/domain/ids.ts'
import type { PastAttempt, Run } from '../../../../main/domain/state.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { useNow } from '../../state/clock.ts'
import { useUsage } from '../../state/health.ts'
import { useLive } from '../../state/session.tsx'
import { useWhy } from '../../state/why.ts'
import { Menu } from '../../ui/Menu.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { NOTHING_SHOWN, type Shown } from './agentTerminal.ts'
import { type AttemptView, attemptsOf, attemptView } from './attemptView.ts'
import { paneKey, setPane, usePane } from './paneState.ts'
import { Screen } from './Screen.tsx'
import css from './Terminal.module.css'
import { SCROLLBACK } from './terminalView.ts'
import { words } from './words.ts'

export interface PaneProps {
  readonly run: Run
  /** Index in the run's plan. */
  readonly index: number
}

export function useAttempt({ run, index }: PaneProps): AttemptView | undefined {
  const connected = useLive((live) => live.connection.status === 'connected')
  const pane = usePane(paneKey(run.id, run.plan.tasks[index]!.id))
  return attemptView(run, index, pane.attempt, connected)
}

/** A task's terminal without a head: screen and, unless `compact`, the line that says where typing goes. */
export function Pane({ run, index, compact = false }: PaneProps & { readonly compact?: boolean }): ReactNode {
  const { id: task, action } = run.plan.tasks[index]!
  const key = paneKey(run.id, task)
  const view = useAttempt({ run, index })
  const [shown, setShown] = useState<Shown>(NOTHING_SHOWN)
  const [refused, setRefused] = useState<string | undefined>()
  if (view === undefined) return <NotStarted run={run} index={index} />
  const readOnly = refused === undefined ? view.readOnly : 'refused'
  return (
    <div className={css['pane']} data-pane={key} onPointerDown={() => setRefused(undefined)}>
      <Screen
        key={view.n}
        paneKey={key}
        attempt={attemptId(run.id, task, view.n)}
        name={agentName(view.role, task, view.n)}
        writable={readOnly === null}
        over={view.past !== undefined}
        // What the engine does itself has no terminal of its own.
        plain={action !== undefined}
        onShown={setShown}
        onRefused={(error) => setRefused((error as Error).message)}
      />
      {!compact && <Foot run={run} index={index} view={view} paneKey={key} shown={shown} refused={refused} />}
    </div>
  )
}

function NotStarted({ run, index }: PaneProps): ReactNode {
  const w = useWords(words)
  const now = useNow()
  const sentence = useWhy(run, index, taskStatus(run, index, now), now)
  return (
    <div className={css['pane']} data-pane="">
      <div className={css['frame']}>
        <p className={css['note']} role="status">
          {w.states.notStarted}
          {sentence !== '' && `: ${sentence}`}
        </p>
      </div>
    </div>
  )
}

function Foot({
  run,
  index,
  view,
  paneKey: key,
  shown,
  refused,
}: PaneProps & {
  readonly view: AttemptView
  readonly paneKey: string
  readonly shown: Shown
  readonly refused: string | undefined
}): ReactNode {
  const w = useWords(words)
  const pane = usePane(key)
  const ended = useEnded(view.past)
  const reason =
    refused === undefined ? view.readOnly && w.readOnly[view.readOnly] : w.readOnly.refused(refused)
  return (
    <footer className={css['foot']}>
      {reason === null ? (
        <>
          <span className={css['idle']}>{w.typeHere}</span>
          <span className={css['keys']}>
            {w.keysHere} · {w.leaveHint}
          </span>
        </>
      ) : (
        <span>
          {reason}
          {ended !== '' && ` · ${ended}`}
        </span>
      )}
      <span className={css['space']} />
      {(shown.before > 0 || pane.fromStart) && (
        <>
          <span className={css['cut']}>
            {pane.fromStart ? w.fromStart(SCROLLBACK * 5) : w.cutOff(formatBytes(shown.before))}
          </span>
          <button type="button" onClick={() => setPane(key, { fromStart: !pane.fromStart })}>
            {pane.fromStart ? w.latest : w.earlier}
          </button>
        </>
      )}
      <Figures run={run} index={index} />
    </footer>
  )
}

/** How an attempt ended: `exit 1 · it failed · 41 s`; empty while it has not. */
export function useEnded(past: PastAttempt | undefined): string {
  const w = useWords(words)
  const statuses = useStatusWords()
  if (past === undefined) return ''
  const parts = [
    past.cause === null ? w.succeeded : statuses.why.causes[past.cause],
    ...(past.code === null || past.cause === null ? [] : [w.exit(past.code)]),
    ...(past.startedAt === null ? [] : [formatDuration(past.endedAt - past.startedAt)]),
  ]
  return parts.join(' · ')
}

/** `cpu 38 % · 212 MB` of the attempt while it runs; nothing else. */
export function Figures({ run, index }: PaneProps): ReactNode {
  const w = useWords(words)
  const usage = useUsage()
  const { current } = run.tasks.get(index)!
  if (current === null || current.startedAt === null) return null
  const used = usage.get(attemptId(run.id, run.plan.tasks[index]!.id, current.n))
  if (used === undefined) return null
  const cpu = used.cores === null ? w.cpuUnknown : w.cpu(Math.round(used.cores * 100))
  return (
    <span className={css['figures']}>
      {cpu} · {formatBytes(used.memoryBytes)}
    </span>
  )
}

/** The shown attempt's number; a menu where there are several. */
export function AttemptChoice({ run, index }: PaneProps): ReactNode {
  const w = useWords(words)
  const view = useAttempt({ run, index })
  const key = paneKey(run.id, run.plan.tasks[index]!.id)
  const all = attemptsOf(run, index)
  if (view === undefined) return null
  if (all.length < 2) return <>#{view.n}</>
  const newest = all.at(-1)
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={css['attempts']} aria-label={`${w.attempts}: ${w.attempt(view.n)}`}>
          #{view.n} <ChevronDown size={12} aria-hidden />
        </button>
      }
      groups={[
        all.toReversed().map((n) => ({
          id: String(n),
          label: w.attempt(n),
          checked: n === view.n,
          onChoose: () => setPane(key, { attempt: n === newest ? undefined : n, fromStart: false }),
        })),
      ]}
    />
  )
}
