import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Playground, playground } from '../e2e/support/repository.ts'
import { loadProject, planFor } from './config/index.ts'
import { evolve } from './domain/evolve.ts'
import { projectId, runId } from './domain/ids.ts'
import { EMPTY_STATE, type State } from './domain/state.ts'
import type { ControlCenter } from './engine/controlCenter.ts'
import { type Host, openHost } from './headless.ts'

/** Real agents as processes, real git: two whose locks do not meet, and whose work does not go together. */
let place: Playground | undefined
let host: Host | undefined
/** Where agents of any user may look. */
let gates = ''
afterEach(async () => {
  await host?.close({ stopAgents: true })
  host = undefined
  place?.remove()
  rmSync(gates, { recursive: true, force: true })
  place = undefined
})

const PROJECT = projectId('foreseen')
const RUN = runId('run1')

/** One makes a file where the other makes a folder; each goes on when its gate is opened. */
function project(): string {
  const gated = (id: string, write: string): object => ({
    id,
    agent: 'BuildMaster',
    run: `${write}; until [ -e ${gates}/go-${id} ]; do sleep 0.05; done`,
  })
  const tasks = [
    { ...gated('file', 'echo file > shared'), writes: ['shared'] },
    {
      ...gated('folder', 'mkdir -p shared/deep; echo folder > shared/deep/x'),
      writes: ['shared/deep/*'],
      priority: 4,
    },
  ]
  return stringify({
    version: 1,
    name: 'foreseen',
    extends: 'amphitheatre-devops',
    prediction: { action: 'hold' },
    epics: { go: { title: 'Go', phases: [{ name: 'all', tasks }] } },
  })
}

/** Begins the run of a project in a repository with these files. */
async function begin(files: Readonly<Record<string, string>>, yaml: () => string): Promise<ControlCenter> {
  place = playground(files)
  const { root, data } = place
  gates = mkdtempSync(join(tmpdir(), 'amphitheatre-gates-'))
  chmodSync(gates, 0o755)
  writeFileSync(join(root, 'amphitheatre.yaml'), yaml())
  const opened = await openHost({ dataDir: data })
  if (!opened.ok) throw new Error('another host has the data folder')
  host = opened.host
  const { center } = host
  await center.dispatch({ command: { type: 'project.register', project: PROJECT, root, name: 'foreseen' } })
  const loaded = loadProject(join(root, 'amphitheatre.yaml'), { env: {}, root })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const plan = planFor(loaded.project, 'go')!
  const command = { type: 'run.start', project: PROJECT, run: RUN, runner: 'process', plan } as const
  expect(await center.dispatch({ command })).toMatchObject({ ok: true })
  return center
}

/** Follows the log; resolves with the first state in which the condition holds. */
async function stateWhen(center: ControlCenter, condition: (state: State) => boolean): Promise<State> {
  const stop = new AbortController()
  let state = EMPTY_STATE
  for await (const event of center.events(0, stop.signal)) {
    state = evolve(state, event)
    if (!condition(state)) continue
    stop.abort()
    return state
  }
  throw new Error('the engine has closed')
}

const attempt = (state: State, task: number) => state.runs.get(RUN)?.tasks.get(task)?.current
const conflicts = (state: State) => state.projects.get(PROJECT)?.conflicts ?? []

/** Both may change one file; the second does what it is told by mail, and then changes what is its own. */
function takingIn(): string {
  const first = `sed -i s/two/TWO/ list.txt; until [ -e ${gates}/go-first ]; do sleep 0.05; done`
  const second = `sed -i s/two/2/ list.txt
line=; until [ -n "$line" ]; do sleep 0.1; line=$(amphi-agent inbox | grep -m1 -o 'git add -A && amphi-agent get.*'); done
sh -c "$line"; echo "apply: $?"
grep -q '<<<<<<<' list.txt || exit 9
sed -i -e '/^<<<<<<</,/^=======/d' -e '/^>>>>>>>/d' -e s/nine/NINE/ list.txt; cat list.txt
amphi-agent progress 50 'taken in'; until [ -e ${gates}/go-second ]; do sleep 0.05; done`
  const task = (id: string, run: string, priority: number) => ({
    id,
    agent: 'BuildMaster',
    run,
    priority,
    writes: ['list.txt'],
  })
  return stringify({
    version: 1,
    name: 'foreseen',
    extends: 'amphitheatre-devops',
    limits: { max_agents_per_file: 2 },
    prediction: { action: 'take-in' },
    epics: {
      go: {
        title: 'Go',
        phases: [{ name: 'all', tasks: [task('first', first, 2), task('second', second, 4)] }],
      },
    },
  })
}

test('who is told to take in the other’s changes can do as told, and stands still for nothing', async () => {
  const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
  const center = await begin({ 'list.txt': `${lines.join('\n')}\n` }, takingIn)
  const taken = await stateWhen(center, (state) => {
    const second = attempt(state, 1)
    return second?.progress?.text === 'taken in' || second?.state === 'CONFLICT'
  })
  expect(attempt(taken, 1)).toMatchObject({ state: 'RUNNING', paused: false })
  for (const gate of ['go-first', 'go-second']) writeFileSync(join(gates, gate), '')
  const over = await stateWhen(center, (state) => state.runs.get(RUN)?.endedAt != null)
  expect(over.runs.get(RUN)).toMatchObject({ status: 'completed', attention: [] })
  const diff = await center.diff({ project: PROJECT, run: RUN })
  for (const line of ['+TWO\n', '+NINE\n']) expect(diff).toContain(line)
}, 60_000)

test('the lesser claim stands still until the other is merged, and hears what does not fit', async () => {
  const center = await begin({ 'notes.txt': 'start\n' }, project)
  const held = await stateWhen(center, (state) => attempt(state, 1)?.state === 'CONFLICT')
  expect(attempt(held, 0)).toMatchObject({ state: 'RUNNING', paused: false })
  const [first] = conflicts(held)
  expect(first).toMatchObject({ cause: 'predicted', parties: [`${RUN}/file#1`, `${RUN}/folder#1`] })
  const patches = await Promise.all(
    first!.evidence.map(({ patch }) => center.patch({ project: PROJECT, hash: patch! })),
  )
  for (const line of ['+file\n', '+folder\n']) expect(patches.join('')).toContain(line)
  expect(first!.files).toEqual(['shared'])

  writeFileSync(join(gates, 'go-file'), '')
  const onward = await stateWhen(
    center,
    (state) => attempt(state, 1)?.state === 'RUNNING' && conflicts(state).length > 1,
  )
  expect(onward.runs.get(RUN)!.tasks.get(0)!.state).toBe('COMPLETED')
  expect(conflicts(onward)[1]).toMatchObject({
    cause: 'predicted',
    parties: [`${RUN}/file#1`, `${RUN}/folder#1`],
    recommendation: { action: 'merge' },
    resolution: null,
  })
}, 60_000)
