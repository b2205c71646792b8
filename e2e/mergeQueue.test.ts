import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { EventEnvelope, EventOf, EventType } from '../main/domain/events.ts'
import { attemptId, runId, type TaskId } from '../main/domain/ids.ts'
import { checkId } from '../main/domain/merging/mergePolicy.ts'
import { openPassive } from '../main/headless.ts'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { Random } from '../simulator/random.ts'
import { amphi } from './support/amphi.ts'
import { killUntilDone } from './support/kills.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { processLeftovers } from './support/processes.ts'
import { git, type Playground, playground } from './support/repository.ts'

/** Four agents; two of them make what passes the check alone and fails it together. Who was told mends it. */
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))
const RUN = runId('checked')

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

const CHECK = `sleep 0.2; test -f AREA || exit 7
area=$(( $(cat wide.txt) * $(cat tall.txt) ))
test $area -le $(cat AREA) || { echo "not ok: the area is $area"; exit 1; }
`

function project(): Record<string, string> {
  const side = (file: string): string =>
    `sleep 0.2; if [ -n "$AMPHITHEATRE_LAST_FAILURE" ]; then echo "told: $AMPHITHEATRE_LAST_FAILURE"; echo "had made $AMPHITHEATRE_LAST_COMMIT"; echo 5 > ${file}; else echo 20 > ${file}; fi`
  const task = (id: string, run: string) => ({
    id,
    agent: 'BuildMaster',
    run,
    writes: [`${id}.txt`],
    retry: 1,
  })
  const tasks = [
    task('wide', side('wide.txt')),
    task('tall', side('tall.txt')),
    task('note', 'sleep 0.2; echo note > note.txt'),
    { ...task('last', 'cat wide.txt tall.txt > last.txt'), needs: ['wide', 'tall', 'note'] },
  ]
  return {
    'amphitheatre.yaml': stringify({
      version: 1,
      name: 'e2e',
      image: 'amphitheatre/test-busybox',
      extends: 'amphitheatre-devops',
      merge: { check: 'sh check.sh', batch: 4 },
      epics: { generated: { title: 'Go', phases: [{ name: 'all', tasks }] } },
    }),
    'check.sh': CHECK,
    AREA: '100\n',
    'wide.txt': '1\n',
    'tall.txt': '1\n',
  }
}

async function outputOf(data: string, attempt: ReturnType<typeof checkId>): Promise<string> {
  const center = await openPassive({ dataDir: data })
  const signal = AbortSignal.timeout(5_000)
  const pieces: Buffer[] = []
  for await (const piece of center.terminal({ attempt, from: 0, follow: false }, signal))
    pieces.push(Buffer.from(piece.data))
  return Buffer.concat(pieces).toString()
}

/** Exactly one was taken out, with the reason, and came back mended; everything is merged once and passes. */
async function checkOutcome({ data }: Playground, run: ReturnType<typeof runId>): Promise<void> {
  const center = await openPassive({ dataDir: data })
  const events: readonly EventEnvelope[] = await center.history({ after: 0, limit: 100_000, run })
  const all = <T extends EventType>(type: T): readonly EventOf<T>[] =>
    events.flatMap((event) => (event.type === type ? [event.data as EventOf<T>] : []))
  const tasks = await center.tasks(run)
  expect(tasks.map(({ task, outcome }) => [task, outcome])).toEqual(
    tasks.map(({ task }) => [task, 'succeeded']),
  )
  const rejected = all('work.rejected')
  expect(rejected).toHaveLength(1)
  expect(rejected[0]!.detail).toContain('not ok: the area is 400')
  const id = (['wide', 'tall'] as const)[rejected[0]!.task]! as string as TaskId
  const again = await outputOf(data, attemptId(run, id, 2))
  expect(again).toContain('told: the merge check passes without it and fails with it.')
  expect(again).toContain('not ok: the area is 400')
  expect(again).toMatch(/had made [0-9a-f]{40}/)
  expect(
    all('work.merged')
      .map(({ task }) => task)
      .toSorted(),
  ).toEqual([0, 1, 2, 3])
  const failed = all('merge.check-ended').find(({ result }) => result === 'failed')!
  expect(await outputOf(data, checkId(run, failed.check))).toContain('not ok')
  const hub = join(data, 'projects', events[0]!.project!, 'hub.git')
  const at = (path: string): string =>
    git('/', '--git-dir', hub, 'show', `refs/amphitheatre/runs/${run}/tip:${path}`).trim()
  expect([Number(at('wide.txt')) * Number(at('tall.txt')), at('note.txt')]).toEqual([100, 'note'])
  // Cut from what was merged for it, not before.
  expect(
    at('last.txt')
      .split('\n')
      .map(Number)
      .toSorted((a, b) => a - b),
  ).toEqual([5, 20])
  expect(await leftovers(data)).toEqual([])
  expect(processLeftovers(data)).toEqual([])
}

test.each(['docker', 'process'] as const)(
  'who breaks the check is taken out, told why, and comes back: %s',
  async (runner) => {
    await ensureTestImage(new Docker())
    place = playground(project())
    const { root, data } = place
    const ran = await amphi(['run', 'generated', '--project', root, '--data', data, '--runner', runner])
    expect(ran.code, ran.stderr + ran.stdout).toBe(0)
    expect(ran.stdout).toContain('taken out of the merge queue by merge-check#')
    const center = await openPassive({ dataDir: data })
    const [run] = await center.runs({})
    await checkOutcome(place, run!.run)
    const logs = await amphi(['logs', 'merge-check#1', '--data', data], { cwd: root })
    expect(logs.code, logs.stderr).toBe(0)
  },
  120_000,
)

test(`so it is however often the engine is killed meanwhile (seed ${SEED})`, async ({ signal }) => {
  await ensureTestImage(new Docker())
  place = playground(project())
  const epic = { yaml: '', tasks: ['wide', 'tall', 'note', 'last'], writers: [] }
  const killed = { place, run: RUN, runner: 'docker', epic, seed: SEED } as const
  const kills = await killUntilDone(killed, new Random(SEED), signal)
  console.log(`killed ${kills} times`)
  await checkOutcome(place, RUN)
}, 480_000)
