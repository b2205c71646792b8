import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useState,
} from 'react'
import type { Run } from '../../../../main/domain/state.ts'
import { useCalm } from '../../state/calm.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { useSelectedRun } from '../../state/selectedRun.ts'
import { useEngineState } from '../../state/session.tsx'
import { Button, Hint } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { AgentList } from './AgentList.tsx'
import css from './Agents.module.css'
import { ByHand } from './ByHand.tsx'
import { projectsByHand } from './byHand.ts'
import { Docking } from './docking.ts'
import { arrange, clampWidth, NARROWEST, parseArrangement, WIDEST } from './layouts.ts'
import { focusPane, paneKey } from './paneState.ts'
import { Terminals } from './Terminals.tsx'
import { words } from './words.ts'

/** The run's agents, and their terminals. */
export function Agents(): ReactNode {
  const w = useWords(words)
  return (
    <>
      <h1 className="visually-hidden">{w.list}</h1>
      <Content />
    </>
  )
}

function Content(): ReactNode {
  const w = useWords(words)
  const run = useSelectedRun()
  const state = useEngineState()
  const byHand = state === undefined ? [] : projectsByHand(state)
  if (run.status === 'loading') return <Loading />
  if (run.status === 'failed') return <Trouble error={run.error} onRetry={run.retry} />
  if (run.status === 'missing')
    return byHand.length > 0 ? (
      <div className={css['alone']}>
        {byHand.map(({ id }) => (
          <ByHand key={id} project={id} />
        ))}
      </div>
    ) : (
      <Empty
        title={w.noRun}
        action={<Button onClick={() => navigate({ view: 'projects' })}>{w.start}</Button>}
      >
        {w.noRunHint}
      </Empty>
    )
  return <OfRun key={run.value.id} run={run.value} />
}

function OfRun({ run }: { readonly run: Run }): ReactNode {
  const w = useWords(words)
  const { task } = usePlace()
  const terminals = usePreference('terminals')
  const { width, follow } = useMemo(() => parseArrangement(terminals), [terminals])
  const [docking] = useState(() => new Docking(run.id))
  const calm = useCalm(run)
  useEffect(() => {
    if (task !== undefined && run.plan.tasks.some(({ id }) => id === task)) docking.open(task, 'look')
  }, [docking, task, run.plan])
  useEffect(() => docking.update(calm, follow), [docking, calm, follow])
  const { id: runId, plan } = run
  const open = useCallback(
    (index: number, how: 'look' | 'keyboard'): void => {
      const { id } = plan.tasks[index]!
      navigate({ run: runId, task: id })
      docking.open(id, how === 'keyboard' ? 'kept' : 'look')
      if (how === 'keyboard') focusPane(paneKey(runId, id))
    },
    [docking, runId, plan],
  )
  return (
    <div className={css['view']}>
      <section
        className={css['list']}
        style={{ '--width': `${width}px` } as CSSProperties}
        aria-label={w.list}
      >
        <AgentList run={calm} onOpen={open} />
        <ByHand project={run.project} />
        <Follow on={follow} />
      </section>
      <Divider width={width} />
      <section className={css['terminals']} aria-label={w.terminals}>
        <h2 className="visually-hidden">{w.terminals}</h2>
        <Terminals run={calm} docking={docking} />
      </section>
    </div>
  )
}

function Follow({ on }: { readonly on: boolean }): ReactNode {
  const w = useWords(words)
  return (
    <Hint text={w.followHint} side="top">
      <label className={css['follow']}>
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => {
            const follow = event.target.checked
            arrange((now) => ({ ...now, follow }))
          }}
        />
        {w.follow}
      </label>
    </Hint>
  )
}

/** Between list and terminals; moved with the pointer or the arrow keys. */
function Divider({ width }: { readonly width: number }): ReactNode {
  const w = useWords(words)
  const set = (next: number): void => arrange((now) => ({ ...now, width: clampWidth(next) }))
  const onPointerDown = (down: PointerEvent<HTMLElement>): void => {
    const bar = down.currentTarget
    bar.setPointerCapture(down.pointerId)
    bar.onpointermove = (move) => set(width + move.clientX - down.clientX)
    bar.onlostpointercapture = () => {
      bar.onpointermove = null
    }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    set(width + step)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={w.resize}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      tabIndex={0}
      className={css['divider']}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  )
}
