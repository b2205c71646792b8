import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { formatDuration } from '../../../../main/domain/duration.ts'
import { planIndex } from '../../../../main/domain/plan.ts'
import type { Run } from '../../../../main/domain/state.ts'
import { taskStatus } from '../../../../main/domain/status.ts'
import { useCalm } from '../../state/calm.ts'
import { useNow } from '../../state/clock.ts'
import { navigate, usePlace } from '../../state/place.ts'
import { reportedShare } from '../../state/progress.ts'
import { useWhy } from '../../state/why.ts'
import { Button } from '../../ui/Button.tsx'
import { Glyph } from '../../ui/Glyph.tsx'
import { Empty } from '../../ui/Notice.tsx'
import { useWords } from '../../words/language.ts'
import { useStatusWords } from '../../words/status.ts'
import { type HouseParts, openTerminal, select, startOf } from './houseState.ts'
import { nameOfTier, roleOf } from './names.ts'
import css from './SeatList.module.css'
import { isMarked, useCounts } from './seatStates.ts'
import type { Tier } from './tiers.ts'
import { isStep, walkList } from './walk.ts'
import { words } from './words.ts'

const LINE = 32
/** Lines a page key goes. */
const PAGE = 10
const KEYS_ID = 'house-keys'

/** A tier's head or a task. */
type Line = { readonly tier: Tier; readonly shown: number } | { readonly task: number; readonly n: number }

interface Props {
  readonly parts: HouseParts
  readonly run: Run
}

/** The same agents in the same order with the same keys, a line each. */
export function SeatList({ parts, run: latest }: Props): ReactNode {
  const w = useWords(words)
  const run = useCalm(latest)
  const { store, plan } = parts
  const named = usePlace().task
  const selected = named === undefined ? undefined : planIndex(plan).byId.get(named as never)
  const active = useStore(store, (house) => house.active)
  const only = useStore(store, (house) => house.only)
  const lines = useLines(parts)
  const tasks = useMemo(() => lines.flatMap((line) => ('task' in line ? [line.task] : [])), [lines])
  const scroll = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 8,
  })
  const at = lines.findIndex((line) => 'task' in line && line.task === active)
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' })
  }, [at, rows])
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const now = tasks.indexOf(active ?? -1)
    if (isStep(event.key)) {
      store.setState({ active: tasks[now < 0 ? 0 : walkList(tasks.length, now, event.key, PAGE)] })
    } else if (event.key === 'Escape') navigate({ task: undefined })
    else if (active === undefined) return
    else if (event.key === 'Enter' || event.key === ' ') select(parts, active)
    else if (event.key === 't') openTerminal(parts, active)
    else return
    event.preventDefault()
  }
  if (tasks.length === 0 && only !== undefined) {
    return (
      <Empty
        title={w.nothingOnly}
        action={<Button onClick={() => store.setState({ only: undefined })}>{w.showAll}</Button>}
      />
    )
  }
  return (
    <>
      <div
        ref={scroll}
        role="listbox"
        tabIndex={0}
        aria-label={w.seats(plan.title)}
        aria-describedby={KEYS_ID}
        aria-activedescendant={at < 0 ? undefined : lineId(lines[at]!)}
        className={css['list']}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (active === undefined) store.setState({ active: startOf(parts, named) })
        }}
      >
        <div style={{ height: rows.getTotalSize() }} className={css['rows']}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const line = lines[index]!
            const style = { transform: `translateY(${start}px)`, height: LINE }
            return 'tier' in line ? (
              <div key={`tier-${line.tier.from}`} style={style} className={css['tier']} role="presentation">
                <h3>{nameOfTier(w, parts.kind, line.tier)}</h3>
                <span className="muted">{line.shown}</span>
              </div>
            ) : (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the active line
              <div
                key={line.task}
                id={lineId(line)}
                role="option"
                aria-selected={line.task === selected}
                aria-posinset={line.n}
                aria-setsize={tasks.length}
                data-active={line.task === active}
                style={style}
                className={css['line']}
                onClick={() => {
                  store.setState({ active: line.task })
                  select(parts, line.task)
                }}
                onDoubleClick={() => openTerminal(parts, line.task)}
              >
                <Cells run={run} index={line.task} />
              </div>
            )
          })}
        </div>
      </div>
      <p id={KEYS_ID} className="visually-hidden">
        {w.keys}
      </p>
    </>
  )
}

function lineId(line: Line): string | undefined {
  return 'task' in line ? `line-${line.task}` : undefined
}

/** Without what the legend leaves out. */
function useLines({ tiers, states, store }: HouseParts): readonly Line[] {
  const only = useStore(store, (house) => house.only)
  const counts = useCounts(states)
  return useMemo(() => {
    void counts
    let n = 0
    return tiers.flatMap((tier): readonly Line[] => {
      const shown = tier.tasks.filter((task) => only === undefined || isMarked(states.look(task), only))
      if (shown.length === 0) return []
      const some = shown.map((task) => {
        n += 1
        return { task, n }
      })
      return [{ tier, shown: shown.length }, ...some]
    })
  }, [tiers, states, only, counts])
}

function Cells({ run, index }: { readonly run: Run; readonly index: number }): ReactNode {
  const w = useWords(words)
  const statuses = useStatusWords()
  const now = useNow()
  const status = taskStatus(run, index, now)
  const why = useWhy(run, index, status, now)
  return (
    <>
      <Glyph mark={status.mark} progress={reportedShare(run.tasks.get(index)!) ?? 0.7} />
      <strong>{run.plan.tasks[index]!.title}</strong>
      <span className="muted">{roleOf(w, run, index)}</span>
      <span>
        {statuses.task[status.word]}
        {why !== '' && <span className="muted"> · {why}</span>}
      </span>
      <span className={css['time']}>{status.ms === null ? '' : formatDuration(status.ms)}</span>
    </>
  )
}
