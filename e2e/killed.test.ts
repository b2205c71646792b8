import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { evolve } from '../main/domain/evolve.ts'
import { attemptId, runId, taskId } from '../main/domain/ids.ts'
import { stateToJson } from '../main/domain/serialise.ts'
import { EMPTY_STATE } from '../main/domain/state.ts'
import { openPassive } from '../main/headless.ts'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { openSqliteStore } from '../main/store/sqliteStore.ts'
import { Random } from '../simulator/random.ts'
import { generateEpic } from './support/epics.ts'
import { git, type Playground, playground } from './support/repository.ts'

/**
 * The host is killed with SIGKILL at random moments, also while it takes over, over real containers, until the run
 * is through. Whatever the moments: every command ran once, every writer left one commit, nothing is left behind.
 */
const KILLS = Number(process.env.AMPHITHEATRE_KILLS ?? 50)
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const docker = new Docker()

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  for (const container of await ours(place)) await docker.getContainer(container.Id).remove({ force: true })
  place.remove()
  place = undefined
})

test(`R1: killed ${KILLS} times, every side effect took place once (seed ${SEED})`, async () => {
  const random = new Random(SEED)
  await ensureTestImage(docker)
  let kills = 0
  for (let round = 0; kills < KILLS; round++) kills += await killedRun(random, round)
}, 600_000)

async function killedRun(random: Random, round: number): Promise<number> {
  const epic = generateEpic(random, 'amphitheatre/test-busybox')
  place = playground({ 'amphitheatre.yaml': epic.yaml })
  const run = `kill${round}`
  const since = Math.floor(Date.now() / 1000)
  let kills = 0
  for (;;) {
    const host = startHost(place, run)
    // A third of the kills come while the host starts and takes over, the others while it works; lives grow longer, so
    // that a slow machine gets through in the end.
    const life = random.next() < 0.35 ? random.int(50, 450) : random.int(300, 1_500)
    const patience = life * (1 + kills / 15)
    const ended = await Promise.race([once(host, 'exit'), wait(patience)])
    if (ended !== undefined) {
      expect(host.exitCode, `host failed (seed ${SEED})`).toBe(0)
      break
    }
    host.kill('SIGKILL')
    await once(host, 'exit')
    kills++
    expect(kills, `no end in sight (seed ${SEED})`).toBeLessThan(200)
  }
  await checkRun(place, run, epic.tasks, epic.writers)
  await checkStarts(run, since, epic.tasks)
  expect(await ours(place)).toEqual([])
  place.remove()
  place = undefined
  return kills
}

function startHost({ data, root }: Playground, run: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'support/host.ts'), data, root, run], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function checkRun(
  at: Playground,
  run: string,
  tasks: readonly string[],
  writers: readonly string[],
): Promise<void> {
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
      `${task} printed ${JSON.stringify(output)} (seed ${SEED})`,
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

/** Docker's own record: each attempt's container was started exactly once. */
async function checkStarts(run: string, since: number, tasks: readonly string[]): Promise<void> {
  const until = Math.ceil(Date.now() / 1000) + 1
  const stream = await docker.getEvents({
    since,
    until,
    filters: { type: ['container'], event: ['start'], label: [`amphitheatre.run=${run}`] },
  })
  const starts: string[] = []
  for await (const chunk of stream) {
    for (const line of String(chunk).split('\n').filter(Boolean)) {
      starts.push(
        (JSON.parse(line) as { Actor: { Attributes: Record<string, string> } }).Actor.Attributes[
          'amphitheatre.attempt'
        ]!,
      )
    }
  }
  const known = starts.filter((attempt) => tasks.some((task) => attempt === `${run}/${task}#1`))
  expect(known.sort(), `starts (seed ${SEED})`).toEqual([...new Set(known)].sort())
}

async function ours(at: Playground): Promise<readonly Docker.ContainerInfo[]> {
  const store = await openSqliteStore({ file: join(at.data, 'amphitheatre.db') })
  const install = await store.getMeta('install')
  await store.close()
  return docker.listContainers({ all: true, filters: { label: [`amphitheatre.install=${install}`] } })
}

function byTask(a: { readonly task: string }, b: { readonly task: string }): number {
  return a.task < b.task ? -1 : 1
}

function wait(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), ms)
  })
}
