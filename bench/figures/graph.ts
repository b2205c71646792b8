import { join } from 'node:path'
import { openBenchEngine } from '../support/benchEngine.ts'
import { bullmqGraphs } from '../support/bullmq.ts'
import type { BenchOptions, Comparison, Result } from '../support/figure.ts'
import { benchPlan, graph, SHAPES, type Shape } from '../support/plans.ts'
import { openRawSqlite, rawCommit } from '../support/rawSqlite.ts'
import type { Write } from '../support/recordedStore.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const TASKS = 1_000
const SLOTS = 100
/** Rounds until the code is compiled: the floor is native code and needs none. */
const WARM_UP = 10

/**
 * Figure 2: a graph of no-op tasks through the whole engine, beside plain better-sqlite3 that writes what the engine
 * wrote, row by row in as many commits, and beside BullMQ on a Redis that syncs every write.
 */
export async function noopGraph(options: BenchOptions): Promise<readonly Result[]> {
  const rounds = options.quick ? 7 : 11
  const floors: Comparison[] = []
  for (const shape of SHAPES) floors.push(await besideFloor(shape, rounds))
  return [...floors, await besideBullmq(rounds)]
}

async function besideFloor(shape: Shape, rounds: number): Promise<Comparison> {
  let writes: readonly Write[] = []
  const sides = {
    ours: async () => {
      const measured = await engineRun(shape)
      writes = measured.writes
      return measured.ms / TASKS
    },
    raw: async () => (await rawRun(writes)) / TASKS,
  }
  const { pair } = await inTurn(
    { pair: async () => ({ ours: await sides.ours(), raw: await sides.raw() }) },
    { rounds, warmUp: WARM_UP },
  )
  const [ours, raw] = [pair.map((one) => one.ours), pair.map((one) => one.raw)]
  const events = writes.reduce((sum, one) => sum + (one.kind === 'batch' ? one.batch.events.length : 0), 0)
  return {
    figure: 2,
    what: `${TASKS}-task no-op graph, ${shape}`,
    unit: 'ms a task',
    ours: { name: 'engine with an in-process no-op runner', value: median(ours) },
    other: { name: 'raw SQLite, same rows in as many commits', value: median(raw) },
    ratio: pairedRatio(ours, raw),
    target: { atMost: 1.3 },
    how:
      `${rounds} rounds in turn after ${WARM_UP} to warm up, ${SLOTS} slots, FULL, WAL preallocated, a new database each, ` +
      `raw writes row by row with ready-made values; ${events} events in ${writes.length} commits`,
    notes: [],
  }
}

/** Ms from the command that starts the run until it is over and everything of it on disk. */
async function engineRun(shape: Shape): Promise<{ ms: number; writes: readonly Write[] }> {
  return inTemporaryFolder(async (folder) => {
    const bench = await openBenchEngine(join(folder, 'engine.db'))
    const plan = benchPlan(graph(shape, TASKS), { slots: SLOTS })
    bench.writes.length = 0
    const ms = await timed(() => bench.run(plan))
    await bench.close()
    return { ms, writes: bench.writes }
  })
}

async function rawRun(writes: readonly Write[]): Promise<number> {
  return inTemporaryFolder(async (folder) => {
    const raw = openRawSqlite(join(folder, 'raw.db'))
    const commits = writes.map(rawCommit)
    const ms = await timed(() => commits.forEach(raw.write))
    raw.close()
    return ms
  })
}

async function besideBullmq(rounds: number): Promise<Result> {
  const what = `${TASKS} no-op tasks, wide, beside BullMQ`
  const bullmq = await bullmqGraphs({ jobs: TASKS, concurrency: SLOTS })
  if ('why' in bullmq) return { figure: 2, what, why: bullmq.why }
  try {
    const { ours, theirs } = await inTurn(
      {
        ours: async () => (await engineRun('wide')).ms / TASKS,
        theirs: async () => (await bullmq.run()) / TASKS,
      },
      { rounds, warmUp: WARM_UP },
    )
    return {
      figure: 2,
      what,
      unit: 'ms a task',
      ours: { name: 'engine with an in-process no-op runner', value: median(ours) },
      other: { name: `BullMQ ${bullmq.version}, Redis with appendfsync always`, value: median(theirs) },
      ratio: pairedRatio(ours, theirs),
      target: { atMost: 0.2 },
      how: `${rounds} rounds in turn after ${WARM_UP} to warm up, ${SLOTS} slots on both sides; BullMQ gets all jobs in one addBulk`,
      notes: [],
    }
  } finally {
    await bullmq.close()
  }
}
