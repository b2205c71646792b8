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

test('the lesser claim stands still until the other is merged, and hears what does not fit', async () => {
  place = playground({ 'notes.txt': 'start\n' })
  const { root, data } = place
  gates = mkdtempSync(join(tmpdir(), 'amphitheatre-gates-'))
  chmodSync(gates, 0o755)
  writeFileSync(join(root, 'amphitheatre.yaml'), project())
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
