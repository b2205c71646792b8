import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FakeCenter, type FakeOptions, fakeCenter } from '../api/testing/fakeCenter.ts'
import type { RunnerHealth } from '../engine/ports/runner.ts'
import { createDesk } from './createDesk.ts'
import { DeskError } from './desk.ts'

/** Real folders and real git; the engine only writes down what it is asked. */
let dir: string
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'amphitheatre-desk-')))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const PROJECT = `version: 1
name: shop
extends: amphitheatre-devops
epics:
  ship:
    title: Ship it
    phases:
      - name: Build
        parallel:
          - {id: compile, agent: BuildMaster, run: make}
          - {id: unit, agent: TestGuardian, run: make test}
      - name: Deploy
        tasks: [{id: api, agent: DeployCommander, run: ./deploy.sh}]
`

const desk = () => createDesk({ dataDir: join(dir, 'data'), env: {} })
const ready: RunnerHealth = { status: 'ready', version: '1' }
const gone: RunnerHealth = { status: 'unavailable', reason: 'it is not there', remedy: 'Start it.' }

function center(
  runners: Readonly<Record<string, RunnerHealth>> = { docker: gone, process: ready },
  options: FakeOptions = {},
): FakeCenter {
  const fake = fakeCenter(options)
  return { ...fake, health: async () => ({ ...(await fake.health()), runners }) }
}

function repository(name: string, files: Readonly<Record<string, string>>, commit = true): string {
  const root = join(dir, name)
  mkdirSync(root, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  git(root, 'init', '-q', '-b', 'trunk')
  if (commit) {
    git(root, 'add', '-A')
    git(root, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-q', '-m', 'first')
  }
  return root
}

function git(cwd: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd, stdio: 'ignore' })
}

test('a project that can be run is registered and described', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  const fake = center()
  const view = await desk().project(fake, root)
  expect(view).toMatchObject({
    root,
    name: 'shop',
    file: join(root, 'amphitheatre.yaml'),
    runner: 'auto',
    repository: { branch: 'trunk' },
    epics: [{ id: 'ship', title: 'Ship it', tasks: 3, phases: ['Build', 'Deploy'] }],
    problems: [],
  })
  expect(view.roles.map(({ name }) => name)).toContain('BuildMaster')
  expect(fake.dispatched.map(({ command }) => command)).toEqual([
    { type: 'project.register', project: view.id, root, name: 'shop' },
    {
      type: 'project.configure',
      project: view.id,
      setup: expect.objectContaining({ people: {}, targets: [] }),
    },
  ])
})

test('any way to the same folder is the same project', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  symlinkSync(root, join(dir, 'link'))
  const views = await Promise.all(
    [root, `${root}/`, join(dir, 'link'), join(root, 'amphitheatre.yaml')].map((path) =>
      desk().project(center(), path),
    ),
  )
  expect(new Set(views.map(({ id, root: at }) => `${id} ${at}`)).size).toBe(1)
})

test('what keeps a project from running is told with the place and the remedy, and nothing is registered', async () => {
  const broken = PROJECT.replace('agent: BuildMaster', 'agent: BuildMastr')
  const root = repository('shop', { 'amphitheatre.yaml': broken })
  const fake = center()
  const view = await desk().project(fake, root)
  expect(view.id).toBeNull()
  expect(view.problems).toEqual([
    expect.stringMatching(/amphitheatre\.yaml:10:\d+.*BuildMastr[\s\S]*BuildMaster/),
  ])
  expect(fake.dispatched).toEqual([])
})

test('a folder that is no repository, and one without a commit, say how to make one', async () => {
  const plain = join(dir, 'plain')
  mkdirSync(plain)
  writeFileSync(join(plain, 'amphitheatre.yaml'), PROJECT)
  const view = await desk().project(center(), plain)
  expect(view).toMatchObject({ id: null, repository: null })
  expect(view.problems).toEqual([expect.stringContaining('git init && git add -A && git commit')])

  const empty = repository('empty', { 'amphitheatre.yaml': PROJECT }, false)
  const other = await desk().project(center(), empty)
  expect(other).toMatchObject({ id: null, repository: { branch: 'trunk' } })
  expect(other.problems).toEqual([expect.stringContaining('no commit yet')])
})

test('a detached head has no branch; a hook’s GIT_DIR leads nobody astray', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  git(root, 'checkout', '-q', '--detach')
  process.env['GIT_DIR'] = join(dir, 'elsewhere')
  try {
    const view = await desk().project(center(), root)
    expect(view).toMatchObject({ repository: { branch: null }, problems: [] })
  } finally {
    delete process.env['GIT_DIR']
  }
})

test('an engine that refuses a project makes it one with a problem', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  const fake = center(
    {},
    { outcome: { ok: false, rejected: 'not-now', reason: 'another folder has that name' } },
  )
  expect(await desk().project(fake, root)).toMatchObject({
    id: null,
    problems: ['another folder has that name'],
  })
})

test('init writes a first project file that can be run, once', async () => {
  const root = repository('shop', { 'a.txt': 'a' })
  expect(await desk().project(center(), root)).toMatchObject({ file: null, id: null, problems: [] })
  const view = await desk().init(center(), root)
  expect(view).toMatchObject({ file: join(root, 'amphitheatre.yaml'), problems: [] })
  expect(view.id).not.toBeNull()
  const text = readFileSync(view.file!, 'utf8')
  await expect(desk().init(center(), root)).rejects.toThrow(DeskError)
  expect(readFileSync(view.file!, 'utf8')).toBe(text)
})

test.each([
  ['auto', { docker: gone, process: ready }, 'process'],
  ['process', { docker: ready, process: ready }, 'process'],
])('start %s registers the project and starts the run', async (wish, runners, expected) => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  const fake = center(runners)
  const request = { root, epic: 'ship', runner: wish, maxAgents: 2 }
  const started = await desk().start(fake, request, () => undefined)
  expect(started).toMatchObject({ ok: true })
  const [register, , start] = fake.dispatched.map(({ command }) => command)
  expect(register).toMatchObject({ type: 'project.register', root })
  expect(start).toMatchObject({ type: 'run.start', runner: expected, plan: { epic: 'ship' } })
  expect(start).toMatchObject({ plan: { limits: { maxConcurrentAgents: 2 } } })
})

test('a start that is asked for twice at once begins one run', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  const fake = center()
  const one = desk()
  const start = () => one.start(fake, { root, epic: 'ship' }, () => undefined)
  const [first, second] = await Promise.all([start(), start()])
  expect(first).toMatchObject({ ok: true })
  expect(second).toEqual(first)
  expect(fake.dispatched.map(({ command }) => command.type)).toEqual([
    'project.register',
    'project.configure',
    'run.start',
  ])
})

test('what cannot be started says why', async () => {
  const root = repository('shop', { 'amphitheatre.yaml': PROJECT })
  const start = (request: object, fake = center()) =>
    desk().start(fake, { root, epic: 'ship', ...request }, () => undefined)
  const refused = (text: string | RegExp) => ({ ok: false, problems: [expect.stringMatching(text)] })
  expect(await start({ epic: 'shp' })).toEqual(refused(/no epic "shp".*Did you mean ship/))
  expect(await start({ runner: 'docker' })).toEqual(refused('docker: it is not there. Start it.'))
  expect(await start({ runner: 'swarm' })).toEqual(refused(/no such runner.*docker, process/))
  const full = center(
    { process: ready },
    { outcome: { ok: false, rejected: 'not-now', reason: 'the disk is full' } },
  )
  expect(await start({ runner: 'process' }, full)).toEqual(refused('the disk is full'))
  await expect(start({ root: join(dir, 'nowhere') })).rejects.toThrow(/There is no folder/)
})

test('spawn runs one agent, in a folder without a project file too', async () => {
  const root = repository('plain', { 'a.txt': 'a' })
  const fake = center()
  const request = { root, role: 'TestGuardian', command: 'npm test', writes: ['reports/**'] }
  expect(await desk().spawn(fake, request, () => undefined)).toMatchObject({ ok: true })
  expect(fake.dispatched.at(-1)?.command).toMatchObject({
    type: 'run.start',
    plan: { tasks: [{ id: 'npm-test', run: 'npm test', writes: ['reports/**'] }] },
  })
  const wrong = { ...request, role: 'TestGardian', writes: ['../up'] }
  expect(await desk().spawn(fake, wrong, () => undefined)).toMatchObject({ ok: false })
  const nobody = await desk().spawn(fake, { ...request, role: 'TestGardian' }, () => undefined)
  expect(nobody).toEqual({
    ok: false,
    problems: [expect.stringMatching(/TestGardian.*Did you mean TestGuardian/)],
  })
})

test('browse shows folders only, sorted, with what they hold', async () => {
  repository('beta', { 'amphitheatre.yaml': PROJECT })
  repository('Alpha', {}, false)
  mkdirSync(join(dir, '.hidden', 'inside'), { recursive: true })
  writeFileSync(join(dir, 'file'), '')
  symlinkSync(join(dir, 'beta'), join(dir, 'gamma'))
  symlinkSync(dir, join(dir, 'self'))
  symlinkSync(join(dir, 'loop'), join(dir, 'loop'))
  symlinkSync(join(dir, 'nowhere'), join(dir, 'dead'))
  const folder = await desk().browse(dir)
  expect(folder).toEqual({
    path: dir,
    parent: join(dir, '..'),
    entries: [
      { name: 'Alpha', repository: true, project: false },
      { name: 'beta', repository: true, project: true },
      { name: 'gamma', repository: true, project: true },
      { name: 'self', repository: false, project: false },
    ],
    truncated: false,
  })
  expect(await desk().browse(join(dir, '.hidden'))).toMatchObject({ entries: [{ name: 'inside' }] })
})

test('browse starts at home, ends at the root, and stays short', async () => {
  const home = process.env['HOME']
  process.env['HOME'] = dir
  try {
    for (let i = 0; i < 510; i++) mkdirSync(join(dir, `f${String(i).padStart(3, '0')}`))
    const folder = await desk().browse(null)
    expect(folder).toMatchObject({ path: dir, truncated: true })
    expect(folder.entries).toHaveLength(500)
    expect(await desk().browse('~/f001')).toMatchObject({ path: join(dir, 'f001'), entries: [] })
    expect(await desk().browse('/')).toMatchObject({ path: '/', parent: null })
  } finally {
    process.env['HOME'] = home
  }
})

test('browse says why a folder cannot be shown', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(desk().browse(join(dir, 'no'))).rejects.toThrow(/There is no folder/)
  await expect(desk().browse(join(dir, 'file'))).rejects.toThrow(/is not a folder/)
})
