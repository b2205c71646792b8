import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { amphi, jsonLines } from './support/amphi.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { git, type Playground, playground } from './support/repository.ts'

/** Agents in containers that take locks and ports while they work, and one that goes on after it lost what it held. */

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

async function open(tasks: readonly object[], more: object = {}): Promise<Playground> {
  await ensureTestImage(new Docker())
  const project = {
    version: 1,
    name: 'locks',
    image: 'amphitheatre/test-busybox',
    extends: 'amphitheatre-devops',
    ...more,
    epics: { go: { title: 'Go', phases: [{ name: 'all', tasks }] } },
  }
  place = playground({ 'amphitheatre.yaml': stringify(project), 'notes.txt': 'start\n' })
  return place
}

const run = ({ root, data }: Playground) => amphi(['run', 'go', '--project', root, '--data', data, '--json'])
/** Files of the run's branch, once it is applied. */
async function applied({ root, data }: Playground): Promise<(path: string) => string> {
  const result = await amphi(['apply', 'latest', '--data', data], { cwd: root })
  expect([result.code, result.stderr]).toEqual([0, ''])
  return (path) => git(root, 'show', `main:${path}`)
}

test('agents keep each other out of what they lock on the way, commit it, and have ports of their own', async () => {
  const inside = (id: string): string => `set -e
amphi-agent lock acquire env:staging ${id}-more.txt --wait 2m
cut -d ' ' -f 1 /proc/uptime >${id}.txt
sleep 1
cut -d ' ' -f 1 /proc/uptime >>${id}.txt
amphi-agent lock release env:staging
echo "$PORT" >${id}-more.txt
echo lost >${id}-never.txt`
  const ids = ['one', 'two', 'three']
  const task = (id: string) => ({
    id,
    agent: 'BuildMaster',
    run: inside(id),
    writes: [`${id}.txt`],
    uses: ['port'],
  })
  const at = await open(ids.map(task), { ports: { range: '40000-40009' } })
  const ran = await run(at)
  expect(jsonLines(ran.stdout).at(-1), ran.stderr).toMatchObject({ status: 'completed' })
  const file = await applied(at)
  const spans = ids
    .map((id) => file(`${id}.txt`).trim().split('\n').map(Number))
    .toSorted((a, b) => a[0]! - b[0]!)
  spans.slice(1).forEach(([from], i) => {
    expect(from).toBeGreaterThanOrEqual(spans[i]![1]!)
  })
  expect(ids.map((id) => file(`${id}-more.txt`).trim()).toSorted()).toEqual(['40000', '40001', '40002'])
  expect(() => file('one-never.txt')).toThrow()
  expect(await leftovers(at.data)).toEqual([])
}, 120_000)

test('what an agent makes after its locks were taken is not merged, and who has them now goes on', async () => {
  const stale = `trap '' TERM; i=0; while [ $i -lt 60 ]; do i=$((i+1)); sleep 0.1; done
amphi-agent lock acquire more.txt; echo "lock: $?"; amphi-agent checkpoint; echo "checkpoint: $?"
echo stale >>notes.txt`
  const at = await open(
    [
      { id: 'stale', agent: 'BuildMaster', run: stale, writes: ['notes.txt'] },
      { id: 'next', agent: 'BuildMaster', run: 'echo next >>notes.txt', writes: ['*.txt'] },
    ],
    { limits: { stop_grace: '1 minute' } },
  )
  const running = run(at)
  const locks = async () =>
    jsonLines((await amphi(['locks', '--data', at.data, '--json'], { cwd: at.root })).stdout)
  await expect.poll(locks, { timeout: 60_000 }).toMatchObject([{ state: 'holds' }, { state: 'waits' }])
  const agents = async () => (await amphi(['status', '--data', at.data], { cwd: at.root })).stdout
  await expect.poll(agents, { timeout: 60_000 }).toMatch(/stale.*running/i)
  const taken = await amphi(['release-locks', 'stale', '--data', at.data], { cwd: at.root })
  expect([taken.code, taken.stderr]).toEqual([0, ''])
  const ran = await running
  const lines = jsonLines(ran.stdout)
  const merged = lines.filter(({ type }) => type === 'work.merged')
  expect(merged.length, ran.stdout).toBe(1)
  const logs = await amphi(['logs', 'stale', '--data', at.data], { cwd: at.root })
  expect(logs.stdout).toMatch(/lock: 1\s[\s\S]*checkpoint: 1\s/)
  const file = await applied(at)
  expect(file('notes.txt')).toBe('start\nnext\n')
  expect(await leftovers(at.data)).toEqual([])
}, 120_000)
