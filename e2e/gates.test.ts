import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { EventOf, EventType } from '../main/domain/events.ts'
import { runId } from '../main/domain/ids.ts'
import { openPassive } from '../main/headless.ts'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { Random } from '../simulator/random.ts'
import { amphi, jsonLines } from './support/amphi.ts'
import { killUntilDone } from './support/kills.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { git, type Playground, playground } from './support/repository.ts'

/**
 * Work that does not pass its gate, and does when its agent was told why; a phase that passes once it was made again; a
 * release that waits for a person, whatever happens to the engine meanwhile.
 */
const SEED = Number(process.env.AMPHITHEATRE_SEED ?? Math.floor(Math.random() * 1e9))

let place: Playground | undefined
afterEach(async () => {
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

const junit = (inner: string): string =>
  `<testsuites><testsuite name="s" tests="1"><testcase classname="c" name="adds">${inner}</testcase></testsuite></testsuites>`

/** Its first attempt fails a test; made anew on its own work it makes the second version. */
const BUILD = `mkdir -p reports
if [ -n "$AMPHITHEATRE_LAST_FAILURE" ] || [ -f VERSION ]; then inner=''; else inner='<failure/>'; fi
printf '%s' '${junit('INNER')}' | sed "s|INNER|$inner|" > reports/unit.xml
echo "told: $AMPHITHEATRE_LAST_FAILURE"
if [ -f VERSION ]; then echo 2 > VERSION; else echo 1 > VERSION; fi`

function project(approved: boolean): Record<string, string> {
  const command = { run: 'sleep 0.3; test "$(cat VERSION)" -ge WANTED && test -f reports/unit.xml' }
  const wanted = approved ? '2' : '1'
  const conditions = [
    { junit: 'reports/*.xml' },
    { contains: { file: 'VERSION', pattern: `^[${wanted}-9]$` } },
    { run: command.run.replace('WANTED', wanted) },
    ...(approved ? [{ approval: { text: 'the release notes are right' } }] : []),
  ]
  const build = { id: 'build', agent: 'BuildMaster', run: BUILD, writes: ['VERSION', 'reports/**'], retry: 1 }
  const ship = {
    id: 'ship',
    agent: 'DeployCommander',
    kind: 'deploy',
    run: 'cat VERSION; ls reports',
    gates: ['unit'],
  }
  return {
    'amphitheatre.yaml': stringify({
      version: 1,
      name: 'e2e',
      image: 'amphitheatre/test-busybox',
      extends: 'amphitheatre-devops',
      rules: ['NO deployment without quality gate approval'],
      gates: {
        unit: { conditions: [{ junit: 'reports/unit.xml' }, { run: 'sleep 0.2; cat VERSION' }] },
        release: { title: 'Fit for release', conditions },
      },
      epics: {
        generated: {
          phases: [
            { name: 'Build', tasks: [{ ...build, gates: ['unit'] }], gates: ['release'] },
            { name: 'Ship', tasks: [ship] },
          ],
        },
      },
    }),
    '.gitignore': 'reports/\n',
    'README.md': 'x\n',
  }
}

async function events<T extends EventType>({ data }: Playground, type: T): Promise<readonly EventOf<T>[]> {
  const center = await openPassive({ dataDir: data })
  const all = await center.history({ after: 0, limit: 100_000 })
  return all.flatMap((event) => (event.type === type ? [event.data as EventOf<T>] : []))
}

const settledOf = (all: readonly EventOf<'gate.settled'>[]): readonly string[] =>
  all.map(({ gate, state }) => `${gate} ${state}`)

test('fails, is told, passes; waits for a person through a kill, and ships', async () => {
  await ensureTestImage(new Docker())
  place = playground(project(true))
  const { root, data } = place
  const at = (...args: readonly string[]) => amphi([...args, '--data', data], { cwd: root })

  const ran = await at('run', 'generated', '--runner', 'docker')
  expect(ran.code, ran.stderr + ran.stdout).toBe(1)
  expect(settledOf(await events(place, 'gate.settled'))).toEqual([
    'unit failed',
    'unit passed',
    'release failed',
  ])
  const told = await at('logs', 'build#2')
  expect(told.stdout).toContain('told: gate unit: tests of reports/unit.xml: 1 of 1 tests failed')
  expect(told.stdout).toContain('c › adds')
  const shown = await at('gate', 'show', 'latest', 'release')
  expect(shown.stdout).toContain('measured: not in VERSION')
  expect(shown.stdout).toMatch(/read: reports\/unit\.xml \(\d+ bytes, sha256 [0-9a-f]{12}…\)/)

  const again = await at('rerun', 'build')
  expect(again.code, again.stderr + again.stdout).toBe(3)
  const status = await at('status', 'latest')
  expect(status.stdout).toContain('gate release waits for approval')
  // Somebody hosts it, and dies.
  const [known] = await (await openPassive({ dataDir: data })).runs({})
  const host = spawn(
    process.execPath,
    [join(import.meta.dirname, 'support/host.ts'), data, root, known!.run, 'docker'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await once(host.stdout, 'data')
  host.kill('SIGKILL')
  await once(host, 'exit')

  const [waiting] = jsonLines((await at('gate', 'list', 'latest', '--json')).stdout).filter(
    ({ gate }) => gate === 'release',
  )
  expect(waiting).toMatchObject({ state: 'waiting', rounds: 2 })
  const skipped = await at('gate', 'skip', 'latest', 'release', '--why', 'hurry')
  expect(skipped.code).not.toBe(0)
  expect(skipped.stderr).toContain('cannot be skipped')
  const approved = await at('gate', 'approve', 'latest', 'release', '--why', 'read them')
  expect(approved.code, approved.stderr + approved.stdout).toBe(0)
  const decided = await events(place, 'gate.decided')
  expect(decided).toMatchObject([
    { gate: 'release', yes: true, why: 'read them', by: expect.stringMatching(/^person:/) },
  ])
  expect((await at('logs', 'ship')).stdout).toMatch(/2\s+unit\.xml/)
  expect(settledOf(await events(place, 'gate.settled')).slice(3)).toEqual([
    'unit passed',
    'release passed',
    'unit passed',
  ])
  expect(await leftovers(data)).toEqual([])
}, 180_000)

test(`gates are asked once each, however often the engine is killed meanwhile (seed ${SEED})`, async ({
  signal,
}) => {
  await ensureTestImage(new Docker())
  place = playground(project(false))
  const { data } = place
  const run = runId('gated')
  const epic = { yaml: '', tasks: ['build', 'ship'], writers: [] }
  const killed = { place, run, runner: 'docker', epic, seed: SEED } as const
  const kills = await killUntilDone(killed, new Random(SEED), signal)
  console.log(`killed ${kills} times`)
  expect(settledOf(await events(place, 'gate.settled'))).toEqual([
    'unit failed',
    'unit passed',
    'release passed',
    'unit passed',
  ])
  expect(await events(place, 'gate.asked')).toHaveLength(4)
  const center = await openPassive({ dataDir: data })
  expect((await center.tasks(run)).map(({ task, outcome, attempts }) => [task, outcome, attempts])).toEqual([
    ['build', 'succeeded', 2],
    ['ship', 'succeeded', 1],
  ])
  const hub = join(data, 'projects', (await center.runs({}))[0]!.project, 'hub.git')
  expect(git('/', '--git-dir', hub, 'show', `refs/amphitheatre/runs/${run}/tip:VERSION`).trim()).toBe('1')
  expect(await leftovers(data)).toEqual([])
}, 480_000)
