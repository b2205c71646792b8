import { useEffect, useMemo, useState } from 'react'
import { type Forecast, forecast } from '../../../main/domain/estimate.ts'
import {
  type Expected,
  expectDurations,
  type PastTask,
  placesHeld,
  progressOf,
} from '../../../main/domain/expectation.ts'
import type { ProjectId, RunId } from '../../../main/domain/ids.ts'
import type { Run } from '../../../main/domain/state.ts'
import type { AmphitheatreBridge } from '../../../preload/contract.ts'
import { useNow } from './clock.ts'
import { reportedShare } from './progress.ts'
import { useSession } from './session.tsx'

/** What is left of a run, from what its tasks took in earlier runs of the epic. Worked out at most once a second. */
export interface Estimate {
  /** Until the last task is done, ms; undefined while it cannot be known. */
  readonly leftMs: number | undefined
  /** When a task will likely be taken, ms from now; undefined when it cannot be known or has been. */
  startsInMs(index: number): number | undefined
  /** How far a task at work is, 0 to 1: what its agent said, else its share of the expected time; undefined when neither is known. */
  progress(index: number): number | undefined
  /** Tasks not under way yet in the order they will likely be taken. */
  readonly order: readonly number[]
}

/** Earlier runs looked at. */
const RUNS = 5
/** Runs among which they are looked for. */
const AMONG = 200
const KEPT = 16
const EVERY_MS = 900

/** Renders once a second: for small components. Undefined without a run. */
export function useEstimate(run: Run | undefined): Estimate | undefined {
  const runs = useMemo(() => (run === undefined ? [] : [run]), [run])
  const estimates = useEstimates(runs)
  return run === undefined ? undefined : estimates.get(run.id)
}

/** The same for several runs at once. */
export function useEstimates(runs: readonly Run[]): ReadonlyMap<RunId, Estimate> {
  const { bridge, live } = useSession()
  const now = useNow()
  usePasts(bridge, runs)
  const all = live.getState().state?.runs
  const loaded = pasts.get(bridge)
  return new Map(runs.map((run) => [run.id, estimateOf(run, loaded?.get(run.id)?.tasks ?? NONE, now, all)]))
}

function estimateOf(run: Run, past: readonly PastTask[], now: number, all: Runs | undefined): Estimate {
  const { expected, made, at } = estimated(run, past, now, all)
  const gone = now - at
  const left = made.leftMs
  return {
    leftMs: left === undefined ? undefined : Math.max(0, left - gone),
    startsInMs: (index) => {
      const starts = made.startsIn[index]
      return starts === undefined ? undefined : Math.max(0, starts - gone)
    },
    // What an agent says of itself is better than any guess.
    progress: (index) => reportedShare(run.tasks.get(index)!) ?? progressOf(run, index, expected, now),
    order: made.order,
  }
}

interface Estimated {
  readonly run: Run
  readonly past: readonly PastTask[]
  readonly expected: Expected
  readonly made: Forecast
  readonly at: number
}

type Runs = ReadonlyMap<RunId, Run>

const known = new Map<RunId, Estimated>()

/** However many ask, and however often the run changes: it is played through once a second. */
function estimated(run: Run, past: readonly PastTask[], now: number, all: Runs | undefined): Estimated {
  const before = known.get(run.id)
  if (before !== undefined && before.past === past) {
    const fresh = Math.abs(now - before.at) < EVERY_MS && before.run.endedAt === run.endedAt
    if (before.run === run && run.endedAt !== null) return before
    if (fresh) return before
  }
  const expected = expectDurations(run, past)
  const next = { run, past, expected, made: forecast(run, expected, now, elsewhere(run, all, now)), at: now }
  known.delete(run.id)
  known.set(run.id, next)
  trim(known)
  return next
}

/** Places that agents of the project's other runs hold, and for how long likely. */
function elsewhere(run: Run, all: Runs | undefined, now: number): readonly number[] {
  const others = [...(all?.values() ?? [])].filter(
    (other) => other.id !== run.id && other.project === run.project && other.counts.active > 0,
  )
  return others.flatMap((other) => placesHeld(other, known.get(other.id)?.expected ?? [], now))
}

const NONE: readonly PastTask[] = []

interface Past {
  readonly asked: Promise<readonly PastTask[]>
  tasks: readonly PastTask[] | undefined
}

const pasts = new WeakMap<AmphitheatreBridge, Map<RunId, Past>>()

/** Asked for once a run; until it is there the run's own tasks are all there is to go by. */
function usePasts(bridge: AmphitheatreBridge, runs: readonly Run[]): void {
  const [, setLoaded] = useState(0)
  const asked = JSON.stringify(
    runs
      .filter((run) => run.endedAt === null)
      .map(({ id, project, plan }) => ({ id, project, epic: plan.epic })),
  )
  useEffect(() => {
    let gone = false
    for (const which of JSON.parse(asked) as Which[]) {
      const past = pastOf(bridge, which)
      if (past.tasks !== undefined) continue
      past.asked.then(
        () => !gone && setLoaded((n) => n + 1),
        () => undefined,
      )
    }
    return () => {
      gone = true
    }
  }, [bridge, asked])
}

interface Which {
  readonly id: RunId
  readonly project: ProjectId
  readonly epic: string
}

function pastOf(bridge: AmphitheatreBridge, run: Which): Past {
  let all = pasts.get(bridge)
  if (all === undefined) {
    all = new Map()
    pasts.set(bridge, all)
  }
  const before = all.get(run.id)
  if (before !== undefined) return before
  const past: Past = { asked: load(bridge, run), tasks: undefined }
  all.set(run.id, past)
  trim(all)
  past.asked.then(
    (tasks) => {
      past.tasks = tasks
    },
    // Not known now may be known when somebody looks again.
    () => all.delete(run.id),
  )
  return past
}

/** Tasks of the last runs of the epic that ended. What succeeded in a run that failed took its time all the same. */
async function load(bridge: AmphitheatreBridge, run: Which): Promise<readonly PastTask[]> {
  const rows = await bridge.request('runs', { project: run.project, limit: AMONG })
  const earlier = rows
    .filter((row) => row.run !== run.id && row.epic === run.epic && row.endedAt !== null)
    .slice(0, RUNS)
  const lists = await Promise.all(earlier.map((row) => bridge.request('tasks', { run: row.run })))
  return lists.flat()
}

function trim<K, V>(map: Map<K, V>): void {
  for (const key of map.keys()) {
    if (map.size <= KEPT) return
    map.delete(key)
  }
}
