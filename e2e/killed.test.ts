import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { openSqliteStore } from '../main/store/sqliteStore.ts'
import { Random } from '../simulator/random.ts'
import { generateEpic } from './support/epics.ts'
import { checkRun, killUntilDone } from './support/kills.ts'
import { type Playground, playground } from './support/repository.ts'

/**
 * The host is killed with SIGKILL at random moments, also while it takes over, over real containers, until the run
 * is through. Whatever the moments: every command ran once, every writer left one commit, nothing is left behind.
 */
const KILLS = Number(process.env.AMPHITHEATRE_KILLS ?? 30)
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const docker = new Docker()

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  for (const container of await ours(place)) await docker.getContainer(container.Id).remove({ force: true })
  place.remove()
  place = undefined
})

test(`R1: killed ${KILLS} times, every side effect took place once (seed ${SEED})`, async ({ signal }) => {
  const random = new Random(SEED)
  await ensureTestImage(docker)
  let kills = 0
  for (let round = 0; kills < KILLS; round++) kills += await killedRun(random, round, signal)
}, 600_000)

async function killedRun(random: Random, round: number, signal: AbortSignal): Promise<number> {
  const epic = generateEpic(random, 'amphitheatre/test-busybox')
  place = playground({ 'amphitheatre.yaml': epic.yaml })
  const run = `kill${round}`
  const since = Math.floor(Date.now() / 1000)
  const killed = { place, run, runner: 'docker', epic, seed: SEED } as const
  const kills = await killUntilDone(killed, random, signal)
  await checkRun(killed)
  await checkStarts(run, since, epic.tasks)
  expect(await ours(place)).toEqual([])
  place.remove()
  place = undefined
  return kills
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
