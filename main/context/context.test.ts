import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { State } from '../domain/state.ts'
import { messageDraftSchema } from '../domain/talk/message.ts'
import { anyPlan, anySeed } from '../domain/testing/arbitraries.ts'
import { Driver, PROJECT, RUN } from '../domain/testing/driver.ts'
import { playHistory } from '../domain/testing/history.ts'
import { plan } from '../domain/testing/plan.ts'
import { at, finish, start } from '../domain/testing/steps.ts'
import { randomFrom } from '../domain/testing/world.ts'
import { tempFolder } from '../store/testing/tempFolder.ts'
import { ContextKeeper } from './keeper.ts'
import { contextFolder, projectContext } from './project.ts'
import { readContext } from './testing/readContext.ts'
import { Talker } from './testing/talker.ts'

function sorted(files: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1))
}

function yamlOf(state: State, path: string): Record<string, unknown> {
  return parse(projectContext(state, PROJECT).get(path)!) as Record<string, unknown>
}

test('after any history the files are what the state says, and every one of them is read back', async () => {
  const states = fc.tuple(anyPlan, anySeed).map(([anyOf, seed]) => {
    const random = randomFrom(seed)
    const seen: State[] = []
    const driver = playHistory(anyOf, seed, {
      steps: 80,
      between: (driver) => {
        for (let i = 0; i < 3; i++) new Talker(driver, random).act()
        if (random() < 0.1) seen.push(driver.state)
      },
    })
    return [...seen, driver.state]
  })
  await fc.assert(
    fc.asyncProperty(states, async (seen) => {
      const dataDir = tempFolder()
      const folder = contextFolder(dataDir, PROJECT)
      const keeper = new ContextKeeper(dataDir, PROJECT)
      for (const state of seen) {
        await keeper.bring(state)
        const want = sorted(projectContext(state, PROJECT))
        expect(sorted(readContext(folder))).toEqual(want)
        expect(new Set(want.map(([path]) => path.toLowerCase())).size).toBe(want.length)
        for (const [path, text] of want) if (path.endsWith('.yaml')) expect(parse(text)).toBeTypeOf('object')
      }
      expect(await new ContextKeeper(dataDir, PROJECT).bring(seen.at(-1)!)).toMatchObject({
        written: 0,
        removed: 0,
      })
    }),
    { numRuns: 12 },
  )
})

test('what others put there goes, what they changed or removed comes back', async () => {
  const driver = Driver.running(plan([['a', 'b: a']]))
  driver.must({ type: 'component.record', project: PROJECT, component: { name: 'api', change: 'made' } })
  const dataDir = tempFolder()
  const folder = contextFolder(dataDir, PROJECT)
  mkdirSync(join(folder, 'global/project_state.yaml/deep'), { recursive: true })
  mkdirSync(join(folder, 'empty/er'), { recursive: true })
  mkdirSync(join(folder, 'components/api'), { recursive: true })
  writeFileSync(join(folder, 'stray'), 'x')
  writeFileSync(join(dataDir, 'outside'), 'kept')
  symlinkSync(join(dataDir, 'outside'), join(folder, 'components/api/state.yaml'))
  chmodSync(join(folder, 'components'), 0o777)
  await new ContextKeeper(dataDir, PROJECT).bring(driver.state)
  expect(sorted(readContext(folder))).toEqual(sorted(projectContext(driver.state, PROJECT)))
  expect(readFileSync(join(dataDir, 'outside'), 'utf8')).toBe('kept')
  expect(readdirSync(folder).sort()).toEqual(['agents', 'components', 'global'])
  const mode = (path: string): number => lstatSync(join(folder, path)).mode & 0o777
  expect([mode('.'), mode('components'), mode('components/api/state.yaml')]).toEqual([0o755, 0o755, 0o644])
})

test('a disk that refused is looked at anew the next time', async () => {
  const driver = Driver.running(plan([['a']]))
  const dataDir = tempFolder()
  writeFileSync(join(dataDir, 'projects'), 'in the way')
  const keeper = new ContextKeeper(dataDir, PROJECT)
  await expect(keeper.bring(driver.state)).rejects.toThrow(/projects/)
  rmSync(join(dataDir, 'projects'))
  const { files } = await keeper.bring(driver.state)
  expect(await keeper.bring(driver.state)).toEqual({ files, written: 0, removed: 0 })
})

test('an event writes the files it changes and no others; chatting writes none', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `t${i}`)
  const driver = Driver.running(
    plan([names], {
      limits: { maxConcurrentAgents: 100 },
      roles: Object.fromEntries(names.map((name) => [`R${name}`, {}])),
      with: Object.fromEntries(names.map((name) => [name, { role: `R${name}` }])),
    }),
  )
  start(driver, ...names)
  const keeper = new ContextKeeper(tempFolder(), PROJECT)
  await keeper.bring(driver.state)
  driver.must({ type: 'agent.progress', ...at(driver, 't7'), percent: 40, text: 'half way' })
  expect(await keeper.bring(driver.state)).toMatchObject({ written: 1, removed: 0 })
  for (const name of names) {
    const message = messageDraftSchema.parse({ to: 'all', type: 'UPDATE', content: 'hello' })
    driver.must({ type: 'agent.send', ...at(driver, name), message })
  }
  expect(await keeper.bring(driver.state)).toMatchObject({ written: 0, removed: 0 })
  finish(driver, 't7')
  // Its status, its tasks, and the project's counts.
  expect(await keeper.bring(driver.state)).toMatchObject({ written: 3, removed: 0 })
})

test('an agent finds its status, tasks, hand-offs and outputs under its registry id', () => {
  const roles = { Builder: { id: 'agent-004' }, Tester: {} }
  const options = { a: { role: 'Builder' }, b: { role: 'Tester' } }
  const driver = Driver.running(
    plan([['a', 'b', 'c: b']], { roles, with: { ...options, c: { role: 'Tester' } } }),
  )
  start(driver, 'a', 'b')
  driver.must({ type: 'agent.progress', ...at(driver, 'a'), percent: 40, text: 'half way' })
  driver.must({ type: 'agent.output', ...at(driver, 'a'), name: 'port', value: '5432' })
  const artifact = { path: 'out/api.json', type: 'config', hash: 'a'.repeat(64), bytes: 3 } as const
  driver.must({ type: 'agent.publish', ...at(driver, 'a'), artifact })
  driver.must({
    type: 'agent.hand-off',
    ...at(driver, 'a'),
    handoff: null,
    document: {
      title: 'the API',
      to: 'b',
      completed: ['routes'],
      artifacts: [],
      knownIssues: ['none'],
      dependencies: ['none'],
      successCriteria: ['tests pass'],
      notes: '',
    },
  })
  expect(yamlOf(driver.state, 'agents/agent-004/status.yaml')).toMatchObject({
    agent: 'agent-004',
    status: 'working',
    at_work: [{ agent: 'Builder/a#1', run: 'test#1', progress: { percent: 40 }, checklist: { of: 10 } }],
  })
  expect(yamlOf(driver.state, 'agents/agent-004/outputs/manifest.yaml')).toMatchObject({
    artifacts: [{ path: 'out/api.json', get: `amphi-agent get ${'a'.repeat(64)}` }],
    outputs: [{ task: 'a', name: 'port', value: '5432' }],
  })
  expect(yamlOf(driver.state, 'agents/agent-Tester/tasks.yaml')).toMatchObject({
    open: 2,
    tasks: [{ task: 'b' }, { task: 'c', needs: ['b'] }],
  })
  expect(yamlOf(driver.state, 'agents/agent-Tester/handoffs.yaml')).toMatchObject({
    incoming: [{ id: 'h1', from: 'a', state: 'initiated' }],
  })
  expect(yamlOf(driver.state, 'global/dependency_map.yaml')).toMatchObject({
    tasks: [{ task: 'a' }, { task: 'b' }, { task: 'c', needs: ['b'] }],
  })
  expect(yamlOf(driver.state, 'global/project_state.yaml')).toMatchObject({
    runs: [{ id: RUN, at_work: ['Builder/a#1', 'Tester/b#1'], tasks: { total: 3 }, open_handoffs: 1 }],
  })
})

test('components lie by their names, whatever these are, and never in one another', () => {
  const driver = new Driver()
  const names = ['api', 'API', 'api/state.yaml', 'con', 'a.', 'terraform/vpc', 'terraform']
  for (const name of names)
    driver.must({
      type: 'component.record',
      project: PROJECT,
      component: { name, change: 'line one\n2026 forged: line' },
    })
  const files = projectContext(driver.state, PROJECT)
  expect([...files.keys()].filter((path) => path.endsWith('changes.log'))).toEqual([
    'components/api/changes.log',
    'components/API~2/changes.log',
    'components/api/~state.yaml/changes.log',
    'components/~con/changes.log',
    'components/a.~/changes.log',
    'components/terraform/vpc/changes.log',
    'components/terraform/changes.log',
  ])
  expect(files.get('components/api/changes.log')!.trimEnd().split('\n')).toHaveLength(1)
})
