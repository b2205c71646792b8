import { join } from 'node:path'
import { openBenchEngine } from '../support/benchEngine.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { NEVER } from '../support/noopRunner.ts'
import { benchPlan } from '../support/plans.ts'
import { openRawSqlite, type RawCommit, rawCommit } from '../support/rawSqlite.ts'
import { inTurn, median, pairedRatio, quantile, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

/**
 * Figure 1: one durable transition. A client's command (pausing a run, going on with it) is decided, its event and
 * outcome are on disk, the state is updated and the answer given; beside it the same rows in plain better-sqlite3.
 * The raw side writes what the engine has just written, so rows, bytes and commits are the same.
 */
export async function transition(options: BenchOptions): Promise<readonly Comparison[]> {
  const rounds = options.quick ? 7 : 15
  return [
    ...(await alone(rounds, options.quick ? 300 : 1_000)),
    await saturated(rounds, options.quick ? 2_000 : 5_000, 50),
    await saturated(rounds, options.quick ? 2_000 : 5_000, 1_000),
  ]
}

const HOW = 'FULL, WAL preallocated, raw writes row by row with ready-made values, one warm-up round'

async function alone(rounds: number, count: number): Promise<readonly Comparison[]> {
  const sides = await measure(rounds, async ({ toggle, write, takeCommits }) => {
    const ours: number[] = []
    for (let i = 0; i < count; i++) ours.push(await timed(toggle))
    const raw: number[] = []
    for (const commit of takeCommits()) raw.push(await timed(() => write(commit)))
    return { ours, raw }
  })
  const compare = (what: string, q: number, atMost: number): Comparison => {
    const ours = sides.map((side) => quantile(side.ours, q))
    const raw = sides.map((side) => quantile(side.raw, q))
    return {
      figure: 1,
      what,
      unit: 'ms a transition',
      ours: { name: 'dispatch, alone', value: median(ours) },
      other: { name: 'raw SQLite, a commit each', value: median(raw) },
      ratio: pairedRatio(ours, raw),
      target: { atMost },
      how: `${rounds} rounds of ${count} in turn; ${HOW}`,
      notes: [],
    }
  }
  return [
    compare('durable transition alone, median', 0.5, 1.5),
    compare('durable transition alone, 99th percentile', 0.99, 2),
  ]
}

async function saturated(rounds: number, count: number, inFlight: number): Promise<Comparison> {
  let commits = 0
  const sides = await measure(rounds, async ({ toggle, write, takeCommits }) => {
    const ours = await timed(async () => {
      let left = count
      const client = async (): Promise<void> => {
        while (left-- > 0) await toggle()
      }
      await Promise.all(Array.from({ length: inFlight }, client))
    })
    const taken = takeCommits()
    commits = taken.length
    const raw = await timed(() => taken.forEach(write))
    return { ours: ours / count, raw: raw / count }
  })
  const [ours, raw] = [sides.map((side) => side.ours), sides.map((side) => side.raw)]
  return {
    figure: 1,
    what: `durable transition saturated, ${inFlight} clients`,
    unit: 'ms a transition',
    ours: { name: 'dispatch, commands waiting share a commit', value: median(ours) },
    other: { name: 'raw SQLite, same rows in as many commits', value: median(raw) },
    ratio: pairedRatio(ours, raw),
    target: { atMost: 1.2 },
    how: `${rounds} rounds of ${count} in ${commits} commits, in turn; ${HOW}`,
    notes: [],
  }
}

interface Bench {
  /** One transition; resolves when it is answered. */
  readonly toggle: () => Promise<void>
  readonly write: (commit: RawCommit) => void
  /** What the engine has written since it was last asked. */
  readonly takeCommits: () => readonly RawCommit[]
}

async function measure<T>(rounds: number, round: (bench: Bench) => Promise<T>): Promise<readonly T[]> {
  return inTemporaryFolder(async (folder) => {
    const bench = await openBenchEngine(join(folder, 'engine.db'))
    const raw = openRawSqlite(join(folder, 'raw.db'))
    const run = await bench.startOnly(benchPlan([{ id: 'one', run: NEVER }], { slots: 1 }))
    let paused = false
    const { both } = await inTurn(
      {
        both: () =>
          round({
            toggle: () => {
              paused = !paused
              return bench.dispatch({ type: paused ? 'run.pause' : 'run.continue', run })
            },
            write: raw.write,
            takeCommits: () => bench.writes.splice(0).map(rawCommit),
          }),
      },
      { rounds, warmUp: 1 },
    )
    await bench.close()
    raw.close()
    return both
  })
}
