import { join } from 'node:path'
import { type BenchEngine, openBenchEngine } from '../support/benchEngine.ts'
import type { BenchOptions, Comparison } from '../support/figure.ts'
import { NEVER } from '../support/noopRunner.ts'
import { benchPlan, graph } from '../support/plans.ts'
import { inTurn, median, pairedRatio, timed } from '../support/stats.ts'
import { inTemporaryFolder } from '../support/temporary.ts'

const GRAPH = 1_000
const TASKS = 200
const SLOTS = 100

/** Figure 10: what a history of finished tasks costs those that come after it. */
export async function finishedTasks(options: BenchOptions): Promise<readonly Comparison[]> {
  const finished = options.quick ? 20_000 : 100_000
  const rounds = options.quick ? 9 : 31
  return inTemporaryFolder(async (folder) => {
    const empty = await openBenchEngine(join(folder, 'empty.db'))
    const full = await openBenchEngine(join(folder, 'full.db'))
    try {
      const history = benchPlan(graph('layered', GRAPH), { slots: SLOTS })
      for (let tasks = 0; tasks < finished; tasks += GRAPH) {
        await full.run(history)
        full.writes.length = 0
      }
      options.progress(`${finished} finished tasks in the database`)
      return [
        await graphs(empty, full, finished, rounds),
        await commands(empty, full, finished, rounds, options.quick ? 200 : 500),
      ]
    } finally {
      await empty.close()
      await full.close()
    }
  })
}

type Engines = [empty: BenchEngine, full: BenchEngine, finished: number, rounds: number]

async function graphs(...[empty, full, finished, rounds]: Engines): Promise<Comparison> {
  const plan = benchPlan(graph('wide', TASKS), { slots: SLOTS })
  const side = (bench: BenchEngine) => async (): Promise<number> => {
    const ms = await timed(() => bench.run(plan))
    bench.writes.length = 0
    return ms / TASKS
  }
  const sides = await inTurn({ ours: side(full), other: side(empty) }, { rounds, warmUp: 10 })
  return compare('a task, from ready to done', 'ms a task', finished, sides, `graphs of ${TASKS}, ${rounds}`)
}

async function commands(
  ...[empty, full, finished, rounds, count]: [...Engines, number]
): Promise<Comparison> {
  const side = async (bench: BenchEngine): Promise<() => Promise<number>> => {
    const run = await bench.startOnly(benchPlan([{ id: 'one', run: NEVER }], { slots: 1 }))
    return async () => {
      const times: number[] = []
      for (let i = 0; i < count; i++) {
        const type = i % 2 === 0 ? 'run.pause' : 'run.continue'
        times.push(await timed(() => bench.dispatch({ type, run })))
      }
      bench.writes.length = 0
      return median(times)
    }
  }
  const sides = await inTurn({ ours: await side(full), other: await side(empty) }, { rounds, warmUp: 2 })
  return compare('a lone command', 'ms a transition', finished, sides, `${count} commands each, ${rounds}`)
}

function compare(
  what: string,
  unit: Comparison['unit'],
  finished: number,
  { ours, other }: { readonly ours: readonly number[]; readonly other: readonly number[] },
  how: string,
): Comparison {
  return {
    figure: 10,
    what: `dispatch after ${finished} finished tasks: ${what}`,
    unit,
    ours: { name: 'with them in the database', value: median(ours) },
    other: { name: 'in an empty database', value: median(other) },
    ratio: pairedRatio(ours, other),
    target: { atMost: 1.1 },
    how: `${how} rounds in turn in one process, ${SLOTS} slots, FULL, WAL preallocated; history made by the engine, ${GRAPH} tasks a run`,
    notes: [],
  }
}
