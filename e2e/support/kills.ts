import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { evolve } from '../../main/domain/evolve.ts'
import { attemptId, runId, taskId } from '../../main/domain/ids.ts'
import { stateToJson } from '../../main/domain/serialise.ts'
import { EMPTY_STATE } from '../../main/domain/state.ts'
import { openPassive } from '../../main/headless.ts'
import { openSqliteStore } from '../../main/store/sqliteStore.ts'
import type { Random } from '../../simulator/random.ts'
import type { GeneratedEpic } from './epics.ts'
import { git, type Playground } from './repository.ts'

export interface KilledRun {
  readonly place: Playground
  readonly run: string
  readonly runner: 'docker' | 'process'
  readonly epic: GeneratedEpic
  /** Told when something is not as it should be, to be able to do it again. */
  readonly seed: number
}

/**
 * Kills the host with SIGKILL at random moments, and starts it again, until the run is through; says how often.
 * `signal` is the test's: none is left to work on once that is over.
 */
export async function killUntilDone(killed: KilledRun, random: Random, signal: AbortSignal): Promise<number> {
  const { seed } = killed
  let host: ChildProcess | undefined
  signal.addEventListener('abort', () => host?.kill('SIGKILL'))
  // How long a host takes to be ready, ms: what it gets to work is measured by that, on a slow machine as on a fast one.
  let startMs = 500
  for (let kills = 0; ; kills++) {
    signal.throwIfAborted()
    expect(kills, `no end in sight (seed ${seed})`).toBeLessThan(200)
    host = startHost(killed)
    const over = once(host, 'exit').then(() => 'over' as const)
    // A third of the kills come while the host starts and takes over, the others while it works; lives grow, so that
    // it gets through in the end.
    const starting = random.next() < 0.35
    const part = random.next() * (1 + kills / 10)
    const ready = starting ? undefined : readyAfter(host)
    const life = async (): Promise<void> => {
      startMs = (await ready) ?? startMs
      await wait(startMs * part)
    }
    if ((await Promise.race([over, life()])) === 'over') {
      expect([host.exitCode, host.signalCode], `host failed (seed ${seed})`).toEqual([0, null])
      return kills
    }
    host.kill('SIGKILL')
    await over
  }
}

/** Resolves to how long that took, ms. */
async function readyAfter(host: ChildProcess): Promise<number> {
  const begun = performance.now()
  await once(host.stdout!, 'data')
  return performance.now() - begun
}

function startHost({ place, run, runner }: KilledRun): ChildProcess {
  const args = [join(import.meta.dirname, 'host.ts'), place.data, place.root, run, runner]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Every task ran once and succeeded at the first attempt, every writer left one commit, and the log is sound. */
export async function checkRun({ place: at, run, epic: { tasks, writers }, seed }: KilledRun): Promise<void> {
  const center = await openPassive({ dataDir: at.data })
  const rows = await center.tasks(runId(run))
  expect(rows.map(({ task, outcome, attempts }) => ({ task, outcome, attempts })).sort(byTask)).toEqual(
    tasks.map((task) => ({ task, outcome: 'succeeded', attempts: 1 })).sort(byTask),
  )
  for (const task of tasks) {
    const attempt = attemptId(runId(run), taskId(task), 1)
    let output = ''
    for await (const { data } of center.terminal(
      { attempt, from: 0, follow: false },
      AbortSignal.timeout(5_000),
    )) {
      output += Buffer.from(data).toString()
    }
    expect(
      output.split(`ran ${attempt}`).length - 1,
      `${task} printed ${JSON.stringify(output)} (seed ${seed})`,
    ).toBe(1)
  }
  const hub = join(at.data, 'projects/e2e/hub.git')
  const log = git(
    '/',
    '--git-dir',
    hub,
    'log',
    '--no-merges',
    '--format=%(trailers:key=Task,valueonly,separator=)',
    `refs/amphitheatre/runs/${run}/tip`,
  )
  expect(
    log
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  ).toEqual([...writers].sort())
  await checkLog(at)
}

/** The log is sound, and folding it gives the state and the tables. */
async function checkLog(at: Playground): Promise<void> {
  const store = await openSqliteStore({ file: join(at.data, 'amphitheatre.db') })
  expect(await store.integrityCheck()).toEqual([])
  const events = await store.read({ after: 0 })
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1))
  const started = events
    .filter(({ type }) => type === 'agent.started')
    .map(({ run, data }) => ('task' in data ? `${run}/${data.task}` : ''))
  expect(started, 'each agent is started or adopted on record once').toEqual([...new Set(started)])
  const folded = events.reduce(evolve, EMPTY_STATE)
  const center = await openPassive({ dataDir: at.data })
  expect(await center.snapshot()).toEqual(JSON.parse(JSON.stringify(stateToJson(folded))))
  await store.close()
}

function byTask(a: { readonly task: string }, b: { readonly task: string }): number {
  return a.task < b.task ? -1 : 1
}
