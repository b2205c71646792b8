import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { useCalm } from '../../state/calm.ts'
import { useSelectedRunId } from '../../state/selectedRun.ts'
import { useEngineState, useSession } from '../../state/session.tsx'
import { Button } from '../../ui/Button.tsx'
import { Empty, Loading, Trouble } from '../../ui/Notice.tsx'
import { Table, type TableHandle } from '../../ui/Table.tsx'
import { useWidth } from '../../ui/useWidth.ts'
import { useWords } from '../../words/language.ts'
import { useColumns } from './columns.tsx'
import { Envelope } from './Envelope.tsx'
import css from './Events.module.css'
import type { LogQuery } from './eventLog.ts'
import { Filters } from './Filters.tsx'
import { fits, NO_FILTER, parseTarget } from './filter.ts'
import { nameOf, useRunNames } from './runNames.ts'
import { sentenceOfEvent } from './sentence.ts'
import { useEventLog } from './useEventLog.ts'
import { sentences, words } from './words.ts'

/** Everything that happened, in order, newest at the bottom. */
export function Events(): ReactNode {
  const w = useWords(words)
  const s = useWords(sentences)
  const { live } = useSession()
  const state = useCalm(useEngineState())
  const selected = useSelectedRunId()
  const [scope, setScope] = useState<'run' | 'all'>('all')
  const [filter, setFilter] = useState(NO_FILTER)
  const [follow, setFollow] = useState(true)
  const [anew, setAnew] = useState(0)
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const wanted = useDeferredValue(filter)
  const run = scope === 'run' ? selected : undefined
  const query = useMemo<LogQuery>(() => {
    const say = (event: EventEnvelope): string => {
      const of = nameOf(live.getState().state, event.run)
      return `${of?.name ?? ''} ${sentenceOfEvent(s, event.data, of?.plan)}`
    }
    return { run, fits: (event) => fits(event, wanted, say) }
  }, [live, run, wanted, s])
  const watched = useRef(true)
  const table = useRef<TableHandle>(null)
  const { log, window } = useEventLog(query, anew, watched)
  const rows = useCalm(window.rows, 100)
  const names = useRunNames(state, rows.length === 0 ? [] : rows.map((event) => event.run))
  const [frame, width] = useWidth<HTMLDivElement>()
  const columns = useColumns(width, names)
  const jumpedTo = useRef<number | undefined>(undefined)
  useStartAtEnd(log, rows, table)
  useEffect(() => {
    const { current: seq } = jumpedTo
    if (seq === undefined || !rows.some((event) => event.seq === seq)) return
    jumpedTo.current = undefined
    table.current?.scrollTo(seq)
  }, [rows])
  const toggle = useCallback((event: EventEnvelope) => {
    setOpen((now) => {
      const next = new Set(now)
      if (!next.delete(event.seq)) next.add(event.seq)
      return next
    })
  }, [])
  const onEdge = useCallback(
    (edge: 'first' | 'last', inSight: boolean) => {
      if (edge === 'last') watched.current = inSight
      if (!inSight) return
      const { from, atEnd } = log.store.getState()
      if (edge === 'first' && from > 0) void log.earlier()
      if (edge === 'last' && !atEnd) void log.later()
    },
    [log],
  )
  const jump = async (text: string): Promise<void> => {
    const target = parseTarget(text, state?.time ?? Date.now())
    if (target === undefined) return
    setFollow(false)
    const end = state?.seq ?? 0
    const seq = 'seq' in target ? Math.min(target.seq, end) : await log.seqAt(target.time, end)
    await log.jump(seq)
    const first = log.store.getState().rows[0]
    if (first === undefined) return
    setOpen(new Set())
    jumpedTo.current = first.seq
  }
  const toEnd = (): void => {
    setFollow(true)
    if (window.atEnd) table.current?.toEnd()
    else setAnew((n) => n + 1)
  }
  if (state === undefined) return <Loading />
  const filtered = filter !== NO_FILTER || run !== undefined
  return (
    <div ref={frame} className={css['events']}>
      <Filters
        filter={filter}
        onFilter={setFilter}
        scope={scope}
        onScope={setScope}
        hasRun={selected !== undefined}
        follow={follow}
        onFollow={(on) => (on ? toEnd() : setFollow(false))}
        onJump={(text) => void jump(text)}
      />
      {window.error !== undefined && <Trouble error={window.error} onRetry={() => void log.earlier()} />}
      {window.from > 0 && rows.length < FEW && !window.busy && (
        <p className={css['note']}>
          {w.lookedTo(window.from + 1)}
          <Button onClick={() => void log.earlier()}>{w.lookOn}</Button>
        </p>
      )}
      <div className={css['rows']}>
        <Table<EventEnvelope>
          label={w.label}
          columns={columns}
          rows={rows}
          total={run === undefined && !filtered ? state.seq : rows.length}
          keyOf={(event) => event.seq}
          rowHeight={26}
          handle={table}
          grows={follow ? 'following' : 'standing'}
          onEdge={onEdge}
          onActivate={toggle}
          detail={(event) => (open.has(event.seq) ? <Envelope event={event} /> : undefined)}
          empty={
            window.busy || (window.from === window.to && window.from > 0) ? (
              <Loading />
            ) : filtered ? (
              <Empty
                title={w.noMatch}
                action={
                  <Button
                    onClick={() => {
                      setFilter(NO_FILTER)
                      setScope('all')
                    }}
                  >
                    {w.clear}
                  </Button>
                }
              />
            ) : (
              <Empty title={w.nothing}>{w.nothingText}</Empty>
            )
          }
        />
      </div>
      {!window.atEnd && rows.length > 0 && (
        <p className={css['note']}>
          {w.newer}
          <Button onClick={toEnd}>{w.toEnd}</Button>
        </p>
      )}
    </div>
  )
}

/** Fewer rows than this do not fill the view: it is said how far back was looked. */
const FEW = 40

/** Once for each log, when its first rows are there. */
function useStartAtEnd(
  log: unknown,
  rows: readonly EventEnvelope[],
  table: React.RefObject<TableHandle | null>,
): void {
  const started = useRef<unknown>(undefined)
  const any = rows.length > 0
  useEffect(() => {
    if (!any || started.current === log) return
    started.current = log
    table.current?.toEnd()
  }, [any, log, table])
}
