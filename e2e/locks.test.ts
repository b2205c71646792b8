import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { openPassive } from '../main/headless.ts'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { Random } from '../simulator/random.ts'
import { amphi, jsonLines } from './support/amphi.ts'
import { checkRun, killUntilDone } from './support/kills.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { git, type Playground, playground } from './support/repository.ts'

/** Agents in containers that want the same files and resources, without needing one another. */
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const TASKS = ['one', 'two', 'three', 'four']

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

/** Each reads what is there and writes it back longer, which loses work wherever two do it at once. */
function project(image: string): string {
  const run = (id: string): string =>
    `echo "ran $AMPHITHEATRE_ATTEMPT"; n=$(cat notes.txt | wc -l); sleep 0.5; { cat notes.txt; echo "$n ${id}"; } > new; mv new notes.txt`
  const tasks = TASKS.map((id, i) => ({
    id,
    agent: 'BuildMaster',
    run: run(id),
    writes: [['notes.txt', '*.txt', '{notes,other}.txt', '**/notes.*'][i]!],
    uses: i < 2 ? ['database_schema'] : [],
  }))
  return stringify({
    version: 1,
    name: 'locks',
    image,
    extends: 'amphitheatre-devops',
    epics: { generated: { title: 'Go', phases: [{ name: 'all', tasks }] } },
  })
}

test('four agents that write one file take turns, each on the work of those before it', async () => {
  await ensureTestImage(new Docker())
  place = playground({ 'amphitheatre.yaml': project('amphitheatre/test-busybox'), 'notes.txt': 'start\n' })
  const { root, data } = place
  const ran = await amphi(['run', 'generated', '--project', root, '--data', data, '--json'])
  const lines = jsonLines(ran.stdout)
  expect(lines.at(-1), ran.stderr).toMatchObject({ status: 'completed' })
  expect(lines.filter(({ type }) => type === 'agent.blocked').length).toBeGreaterThanOrEqual(3)
  expect((await amphi(['apply', 'latest', '--data', data], { cwd: root })).code).toBe(0)
  const notes = git(root, 'show', 'main:notes.txt').trim().split('\n')
  expect(notes.map((line) => line.split(' ')[0])).toEqual(['start', '1', '2', '3', '4'])
  expect(
    notes
      .slice(1)
      .map((line) => line.split(' ')[1])
      .toSorted(),
  ).toEqual(TASKS.toSorted())
  expect((await amphi(['locks', '--data', data, '--json'], { cwd: root })).stdout).toBe('')
  expect(await leftovers(data)).toEqual([])
}, 120_000)

test(`they do so however often the engine is killed meanwhile (seed ${SEED})`, async ({ signal }) => {
  await ensureTestImage(new Docker())
  place = playground({ 'amphitheatre.yaml': project('amphitheatre/test-busybox'), 'notes.txt': 'start\n' })
  const epic = { yaml: '', tasks: TASKS, writers: TASKS }
  const killed = { place, run: 'locked', runner: 'docker', epic, seed: SEED } as const
  const kills = await killUntilDone(killed, new Random(SEED), signal)
  console.log(`killed ${kills} times`)
  await checkRun(killed)
  const center = await openPassive({ dataDir: place.data })
  const snapshot = await center.snapshot()
  expect(snapshot.projects.map(({ locks }) => [locks.grants, locks.waiters])).toEqual([[[], []]])
  const hub = join(place.data, 'projects/e2e/hub.git')
  const notes = git('/', '--git-dir', hub, 'show', 'refs/amphitheatre/runs/locked/tip:notes.txt')
  const numbers = notes
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0])
  expect(numbers).toEqual(['start', '1', '2', '3', '4'])
}, 480_000)
