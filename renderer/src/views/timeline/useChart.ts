import { useEffect, useState } from 'react'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import type { RunId } from '../../../../main/domain/ids.ts'
import { eventsOfRun, type Loadable } from '../../state/history.ts'
import { useLive, useSession } from '../../state/session.tsx'
import { type Chart, chartOf, extendChart } from './bars.ts'

/** Live events are folded in at most so often, ms. */
const EVERY_MS = 200

interface Found {
  readonly of: RunId
  readonly is: Loadable<Chart>
}

/** The chart of a run from its stored events, then from live ones as they come. */
export function useChart(run: RunId | undefined): Loadable<Chart> {
  const { bridge, live } = useSession()
  const hasState = useLive((all) => all.state !== undefined)
  // A snapshot stands in for events that were never seen: they are read again.
  const snapshots = useLive((all) => all.snapshots)
  const [tries, setTries] = useState(0)
  const [found, setFound] = useState<Found | undefined>()
  useEffect(() => {
    void tries
    void snapshots
    if (run === undefined || !hasState) return
    const follower = new ChartFollower(run, (is) => setFound({ of: run, is }))
    const stop = live.onEvents((events) => follower.take(events))
    eventsOfRun(bridge, run).then(
      (events) => follower.begin(events, live.getState().state!.projects),
      (error: unknown) => follower.fail(error, () => setTries((n) => n + 1)),
    )
    return () => {
      stop()
      follower.stop()
    }
  }, [bridge, live, run, hasState, snapshots, tries])
  if (run === undefined) return { status: 'missing' }
  return found?.of === run ? found.is : { status: 'loading' }
}

/** Loading (no chart; live events wait), following (a chart), stopped. */
class ChartFollower {
  readonly #run: RunId
  readonly #tell: (is: Loadable<Chart>) => void
  #waiting: EventEnvelope[] = []
  #chart: Chart | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(run: RunId, tell: (is: Loadable<Chart>) => void) {
    this.#run = run
    this.#tell = tell
  }

  take(events: readonly EventEnvelope[]): void {
    const mine = events.filter((event) => event.run === this.#run)
    if (mine.length === 0) return
    this.#waiting.push(...mine)
    if (this.#chart !== undefined) this.#timer ??= setTimeout(() => this.#fold(), EVERY_MS)
  }

  begin(events: readonly EventEnvelope[], projects: Parameters<typeof chartOf>[1]): void {
    if (this.#stopped) return
    this.#chart = chartOf(events, projects, this.#run)
    if (this.#chart === undefined) this.#tell({ status: 'missing' })
    else this.#fold()
  }

  fail(error: unknown, retry: () => void): void {
    if (!this.#stopped) this.#tell({ status: 'failed', error, retry })
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #fold(): void {
    this.#timer = undefined
    this.#chart = extendChart(this.#chart!, this.#waiting)
    this.#waiting = []
    this.#tell({ status: 'ready', value: this.#chart })
  }
}
