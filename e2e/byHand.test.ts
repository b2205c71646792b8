import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { serveLocal } from '../main/api/localServer.ts'
import { openHost } from '../main/headless.ts'
import { type AmphiResult, amphi, jsonLines, PROJECT_ROOT } from './support/amphi.ts'
import { git, type Playground, playground, writeFiles } from './support/repository.ts'

/** Agents that people start by hand, by the agent-*.sh scripts and the commands behind them, on the real engine. */

const HOPS = 'services/backend/api/endpoints/hops.py'
const PROJECT = `version: 1
name: hoppy
sessions:
  phase-1-backend:
    title: Phase 1 - Backend Foundation
    agents:
      - {name: Backend API Agent, files: "services/backend/api/endpoints/*.py", priority: 1}
      - {name: Database Agent, files: [alembic.ini, alembic/**], priority: 1}
      - {name: Business Logic Agent, files: [services/backend/logic/**], priority: 2}
      - {name: Docs Agent, files: [docs/**], priority: 3, dependencies: [Database Agent]}
`

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let place: Playground
let closing: (() => Promise<void>) | undefined
let children: ChildProcess[]
beforeEach(async () => {
  place = playground({ 'amphitheatre.yaml': PROJECT, [HOPS]: 'hops = []\n', 'docs/index.md': 'Hops\n' })
  for (const [key, value] of [
    ['name', 'Tester'],
    ['email', 'tester@example.invalid'],
  ] as const)
    git(place.root, 'config', `user.${key}`, value)
  children = []
  await engine()
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await closing?.()
  place.remove()
})

/** An engine in this process, which the commands are clients of; the one before it ends first. */
async function engine(): Promise<void> {
  await closing?.()
  const opened = await openHost({ dataDir: place.data })
  if (!opened.ok) throw new Error('the data folder is held')
  const server = await serveLocal(opened.host.center, place.data)
  closing = async () => {
    await server.close()
    await opened.host.close()
  }
}

const environment = (): Record<string, string> => ({
  AMPHITHEATRE_DATA: place.data,
  GIT_CONFIG_GLOBAL: '/dev/null',
  NO_COLOR: '1',
})

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<AmphiResult> =>
  amphi(args, { cwd: place.root, env: { ...environment(), ...env } })

async function must(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args)
  if (code !== 0) throw new Error(`amphi ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

interface Script extends AmphiResult {
  readonly out: readonly string[]
}

/** One of the scripts, as the session in the documents calls it. */
async function script(name: string, ...args: readonly string[]): Promise<Script> {
  const child = spawn(`./scripts/${name}`, args, {
    cwd: place.root,
    env: { ...process.env, ...environment() },
  })
  const texts = ['', '']
  child.stdout.on('data', (data: Buffer) => (texts[0] += data.toString()))
  child.stderr.on('data', (data: Buffer) => (texts[1] += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: texts[0]!, stderr: texts[1]!, out: texts[0]!.trimEnd().split('\n') }
}

async function states(): Promise<Readonly<Record<string, string>>> {
  const rows = jsonLines(await must('agent', 'list', '--all', '--json'))
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]))
}

const CONFLICT = '⚠  CONFLICT: agent-1 and agent-5 both modifying hops.py'

describe('the session of the documents', () => {
  beforeEach(async () => {
    await must('scripts', 'install')
    expect((await script('agent-start-session.sh', '--phase', 'phase-1-backend')).out).toEqual([
      'agent-1 RUNNING    Backend API Agent',
      'agent-2 RUNNING    Database Agent',
      'agent-3 RUNNING    Business Logic Agent',
      'agent-4 WAITING    Docs Agent',
    ])
  })

  test('plays through: a conflict is seen, settled and verified, and the session completed', async () => {
    expect((await script('agent-check-conflicts.sh')).stdout).toBe('No conflict is open.\n')
    const waiting = script('agent-register.sh', '--name', 'Hops Agent', '--files', HOPS, '--priority', '5')
    await expect.poll(async () => (await states())['agent-5'], { timeout: 120_000 }).toBe('BLOCKED')

    const status = await script('agent-status.sh')
    expect(status.out).toContain(CONFLICT)
    const found = await script('agent-check-conflicts.sh')
    expect([found.code, found.out[0]]).toEqual([3, CONFLICT])
    expect(found.stdout).toContain('amphi resolve c1 --action wait --keep agent-1')
    // A session with a conflict is not completed behind anybody's back.
    expect((await script('agent-complete-session.sh', '--phase', 'phase-1-backend')).code).toBe(3)

    // The guarantees outlive the engine.
    await engine()
    expect(await states()).toMatchObject({ 'agent-1': 'RUNNING', 'agent-5': 'BLOCKED' })

    const resolved = await script('agent-resolve-conflict.sh', '--keep', 'agent-1', '--terminate', 'agent-5')
    expect([resolved.code, resolved.out]).toEqual([0, ['c1 is settled: agent-1 goes on, agent-5 is stopped']])
    expect(await waiting).toMatchObject({ code: 1, stdout: 'agent-5\n' })
    expect((await script('agent-check-conflicts.sh')).code).toBe(0)

    const done = await script('agent-complete-session.sh', '--phase', 'phase-1-backend')
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('phase-1-backend is complete\n') })
    expect(await must('locks')).toBe('Nobody holds a lock.\n')
    const timeline = await script('agent-timeline.sh')
    expect(timeline.stdout).toMatch(
      /c1 +conflict: agent-1 and agent-5[\s\S]*agent-5 +locked by agent-1[\s\S]*agent-5 +terminated/,
    )
  })

  test('one whose agents cannot all be put in order starts none of them', async () => {
    const more = `  two:
    agents:
      - {name: First, files: [t1]}
      - {name: Second, files: [t2], dependencies: [nobody]}
`
    appendFileSync(join(place.root, 'amphitheatre.yaml'), more)
    expect(await script('agent-start-session.sh', '--phase', 'two')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^amphi: Second comes after "nobody", which is neither in the session "two" nor/,
      ),
    })
    expect(Object.keys(await states())).not.toContain('agent-5')
  })

  test('the troubleshooting: logs, force, release, reset, checkpoint', async () => {
    expect((await script('agent-logs.sh', '--id', 'agent-1')).stdout).toMatch(/agent-1 +running/)
    appendFileSync(join(place.root, HOPS), 'hops.append(1)\n')
    writeFiles(place.root, { 'notes.txt': 'mine' })
    await must('checkpoint', '--id', 'agent-1')
    expect(git(place.root, 'log', '-1', '--format=%s').trim()).toBe('checkpoint: agent-1 progress')
    expect(git(place.root, 'show', '--name-only', '--format=', 'HEAD').trim()).toBe(HOPS)

    expect((await script('agent-stop.sh', '--id', 'agent-1', '--force')).out).toEqual(['agent-1 terminated'])
    expect((await script('agent-status.sh', '--id', 'agent-1')).stdout).toContain('stopped by')
    expect(await must('agent', 'timeline', '--limit', '0')).toBe('')
    expect(await must('agent', 'timeline', 'agent-1', '--limit', '1')).toMatch(/terminated: stopped by/)
    expect((await script('agent-release-locks.sh', '--id', 'agent-2', '--json')).stdout).toBe(
      '{"ok":true,"agent":"agent-2"}\n',
    )
    expect(await states()).toMatchObject({ 'agent-2': 'TERMINATED', 'agent-4': 'TERMINATED' })
    expect((await script('agent-reset.sh')).code).toBe(2)
    expect((await script('agent-reset.sh', '--yes')).code).toBe(0)
    expect((await script('agent-list.sh')).stdout).toMatch(/^No agent is at work/)
  })

  test('a graceful stop waits until the agent has completed, with a commit of its own', async () => {
    const stopping = script('agent-stop.sh', '--id', 'agent-1', '--graceful')
    await expect
      .poll(async () => (await run(['agent', 'alive', '--id', 'agent-1'])).code, { timeout: 120_000 })
      .toBe(3)
    appendFileSync(join(place.root, HOPS), 'hops.append(2)\n')
    await must('agent', 'complete', '--id', 'agent-1', '-m', 'Add POST/PUT endpoints for hops inventory')
    expect(await stopping).toMatchObject({ code: 0, stdout: 'agent-1 completed\n' })
    expect(git(place.root, 'log', '-1', '--format=%B').trim()).toBe(
      'feat(agent-1): Add POST/PUT endpoints for hops inventory\n\nAgent: agent-1 (Backend API Agent)\nLock-Token: 1',
    )
  })
})

test.each([true, false])(
  'bad input is told with its place and the remedy; an engine elsewhere: %s',
  async (elsewhere) => {
    if (!elsewhere) {
      await closing?.()
      closing = undefined
    }
    const refused = async (words: RegExp, ...args: string[]): Promise<void> =>
      expect(await run(['agent', 'register', ...args])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(words),
      })
    await refused(/^amphi: --name: a name must not be empty\.\n$/, '--name', ' ')
    await refused(/^amphi: --name: a name is one line/, '--name', 'red\u001b[31m')
    await refused(/^amphi: --name: this name has 300 letters; 200/, '--name', 'n'.repeat(300))
    const globs = Array.from({ length: 10_000 }, (_, i) => `dir${i}/**`)
    await refused(
      /^amphi: --files: 10000 are too many: 200 are the most\.\n {2}Write wider/,
      '--name',
      'x',
      '--files',
      ...globs,
    )
    await refused(/^amphi: --files: a glob of 2000 letters/, '--name', 'x', '--files', 'a'.repeat(2_000))
    await refused(/^amphi: --uses: "bad one" is not a resource/, '--name', 'x', '--uses', 'bad one')
    await refused(/^amphi: There is no folder \/nowhere\.\n$/, '--name', 'x', '--folder', '/nowhere')
    await refused(/^amphi: there is no agent agent-7 to come after/, '--name', 'x', '--after', 'agent-7')
    expect(await states()).toEqual({})
  },
)

test('a conflict is settled with those who are named, or not at all', async () => {
  await must('agent', 'register', '--name', 'a', '--files', 'src/**')
  await must('agent', 'register', '--name', 'b', '--files', 'src/b.ts', '--no-wait')
  const refused = async (words: RegExp, ...args: string[]): Promise<void> =>
    expect(await run(['resolve', ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(words) })
  await refused(/cannot both go on/, '--keep', 'agent-1', '--terminate', 'agent-1')
  await refused(/no part in c1: it is between agent-1 and agent-2/, 'c1', '--terminate', 'agent-9')
  await refused(/Nobody would be left/, '--terminate', 'agent-1', 'agent-2')
  await refused(/does not go with --action wait/, '--action', 'wait', '--terminate', 'agent-2')
  expect(await states()).toEqual({ 'agent-1': 'RUNNING', 'agent-2': 'BLOCKED' })
  // Whoever is named is over, also where the other one was the one to end.
  expect(await must('resolve', '--terminate', 'agent-1')).toBe(
    'c1 is settled: agent-2 goes on, agent-1 is stopped\n',
  )
  expect(await states()).toEqual({ 'agent-1': 'TERMINATED', 'agent-2': 'RUNNING' })
})

test('many terminals at once without an engine take turns at hosting it, and none is turned away', async () => {
  await closing?.()
  closing = undefined
  const numbers = [1, 2, 3, 4, 5, 6]
  const registered = await Promise.all(
    numbers.map((n) => run(['agent', 'register', '--name', `p${n}`, '--files', `p${n}/**`, '--no-wait'])),
  )
  expect(registered.map(({ code, stderr }) => [code, stderr.includes('RUNNING')])).toEqual(
    numbers.map(() => [0, true]),
  )
  const ids = registered.map(({ stdout }) => stdout.trim())
  expect(ids.toSorted()).toEqual(numbers.map((n) => `agent-${n}`))
  const done = await Promise.all(ids.map((id) => run(['agent', 'complete', '--id', id])))
  expect(done.map(({ code }) => code)).toEqual(numbers.map(() => 0))
})

test('one that waits goes on, in whatever process, when the one before it is done; interrupted, it leaves the line', async () => {
  expect(await must('agent', 'register', '--name', 'a', '--files', 'src/**')).toBe('agent-1\n')
  const b = run(['agent', 'register', '--name', 'b', '--files', 'src/b.ts'])
  await expect.poll(async () => (await states())['agent-2'], { timeout: 120_000 }).toBe('BLOCKED')
  const c = spawn(join(PROJECT_ROOT, 'amphi'), ['agent', 'register', '--name', 'c', '--files', 'src/b.ts'], {
    cwd: place.root,
    env: { ...process.env, ...environment() },
    stdio: 'ignore',
  })
  children.push(c)
  await expect.poll(async () => (await states())['agent-3'], { timeout: 120_000 }).toBe('BLOCKED')
  c.kill('SIGINT')
  expect(await once(c, 'exit')).toEqual([130, null])
  // Nobody hosts any more: one of those that wait takes over.
  await closing?.()
  closing = undefined
  await must('agent', 'complete', '--id', 'agent-1')
  const begun = await b
  expect(begun).toMatchObject({ code: 0, stdout: 'agent-2\n' })
  // By whatever engine, it is told once.
  expect(begun.stderr).toBe('agent-2 waits: agent-1 has its files.\nagent-2 (b) is RUNNING.\n')
  expect(await states()).toEqual({ 'agent-1': 'COMPLETED', 'agent-2': 'RUNNING', 'agent-3': 'TERMINATED' })
})

test('a process that ends gives its files back; one that is terminated is told to end', async () => {
  const child = spawn('sleep', ['300'])
  const other = spawn('sleep', ['300'])
  children.push(child, other)
  await must('agent', 'register', '--name', 'a', '--files', 'src/**', '--pid', String(child.pid))
  await must('agent', 'register', '--name', 'b', '--files', 'docs/**', '--pid', String(other.pid))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await expect.poll(async () => (await states())['agent-1'], { timeout: 120_000 }).toBe('TERMINATED')
  const gone = once(other, 'exit')
  await must('agent', 'stop', '--id', 'agent-2', '--force')
  expect(await gone).toEqual([null, 'SIGKILL'])
})

test('what is changed without being held is told, also between two checkouts', async () => {
  const tree = join(place.data, '../tree')
  git(place.root, 'worktree', 'add', '-q', tree)
  await must('agent', 'register', '--name', 'one', '--files', HOPS)
  const elsewhere = { cwd: tree, env: environment() }
  const args = ['agent', 'register', '--name', 'two', '--files', 'docs/**', '--no-wait']
  expect(await amphi(args, elsewhere)).toMatchObject({ code: 0, stdout: 'agent-2\n' })
  appendFileSync(join(place.root, HOPS), 'hops.append(1)\n')
  appendFileSync(join(tree, HOPS), 'hops.append(2)\n')
  writeFiles(tree, { 'docs/new.md': 'mine' })
  const found = await run(['conflicts'])
  expect([found.code, found.stdout.split('\n')[0]]).toEqual([
    3,
    '⚠  CONFLICT: agent-1 and agent-2 both modifying hops.py',
  ])
  expect((await amphi(['agent', 'check', '--id', 'agent-2'], elsewhere)).code).toBe(3)
  // A worktree is its repository's, whatever other projects there are.
  const other = join(place.data, '../other')
  git(place.root, 'init', '-q', other)
  const there = { cwd: other, env: environment() }
  expect((await amphi(['agent', 'register', '--name', 'x', '--files', 'x'], there)).code).toBe(0)
  expect((await amphi(['locks'], elsewhere)).stdout).toMatch(/agent-1 .*hops\.py\n.*agent-2 .*docs/)
  expect((await run(['agent', 'check', '--id', 'agent-1'])).code).toBe(3)
})

describe('the pre-commit hook', () => {
  const commit = (env: Readonly<Record<string, string>> = {}) =>
    new Promise<AmphiResult>((resolve) => {
      const child = spawn('git', ['commit', '-qm', 'try'], {
        cwd: place.root,
        env: { ...process.env, ...environment(), ...env },
      })
      let stderr = ''
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
      child.on('close', (code) => resolve({ code, stdout: '', stderr }))
    })

  test('refuses what another holds and what the agent did not declare, and says what to do', async () => {
    await must('hook', 'install')
    await must('agent', 'register', '--name', 'one', '--files', HOPS)
    appendFileSync(join(place.root, HOPS), 'x\n')
    writeFiles(place.root, { 'docs/index.md': 'y' })
    git(place.root, 'add', '-A')
    expect(await commit()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /agent-1 holds .*hops\.py \(rule: NO two agents modify same file simultaneously\)\.[\s\S]*amphi agent stop/,
      ),
    })
    expect(await commit({ AMPHI_AGENT: 'agent-1' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('agent-1 does not hold docs/index.md'),
    })
    git(place.root, 'restore', '--staged', 'docs')
    expect(await commit({ AMPHI_AGENT: 'agent-1' })).toMatchObject({ code: 0 })
    // The state is read where nobody hosts an engine, too.
    await closing?.()
    closing = undefined
    git(place.root, 'add', '-A')
    expect(await commit({ AMPHI_AGENT: 'agent-1' })).toMatchObject({ code: 1 })
    expect(await commit({ AMPHI_AGENT: 'agent-9' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such agent'),
    })
    expect(await commit()).toMatchObject({ code: 0 })
    await must('hook', 'uninstall')
    expect(existsSync(join(place.root, '.git/hooks/pre-commit'))).toBe(false)
  })

  test('is never written over another', async () => {
    const file = join(place.root, '.git/hooks/pre-commit')
    writeFileSync(file, '#!/bin/sh\nexit 0\n')
    expect(await run(['hook', 'install'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/hook check .* \|\| exit 1/),
    })
    expect((await run(['hook', 'uninstall'])).code).toBe(2)
    expect(readFileSync(file, 'utf8')).toBe('#!/bin/sh\nexit 0\n')
  })
})

test('what was there before an agent came, and the file that tells of it, is not its work', async () => {
  writeFiles(place.root, { 'notes.txt': 'mine' })
  await must('agent', 'register', '--name', 'One', '--files', 'docs/**')
  await must('orchestrator', 'export')
  expect(await must('conflicts')).toBe('No conflict is open.\n')
  await must('reset', '--yes')
  await must('orchestrator', 'export', 'other.json')
  expect(readFileSync(join(place.root, 'other.json'), 'utf8')).toContain('"TERMINATED"')
  await must('orchestrator', 'import', '--start')
  expect(await must('conflicts')).toBe('No conflict is open.\n')
  writeFiles(place.root, { 'stray.txt': 'new' })
  const found = await run(['conflicts'])
  expect(found).toMatchObject({ code: 3, stdout: expect.stringContaining('changed stray.txt without') })
  expect(found.stdout).toContain('to settle it: amphi resolve c1 --action allow')
  await must('resolve', 'c1', '--action', 'allow')
  expect((await run(['conflicts'])).code).toBe(0)
})

test('orchestrator.json goes out and comes in again; who is there by name stays', async () => {
  await must(
    'agent',
    'register',
    '--name',
    'Database',
    '--files',
    'alembic/**',
    '--uses',
    'database_schema',
    '--priority',
    '1',
  )
  writeFiles(place.root, {
    'deps.json': '{ "dependencies": ["agent-1-database"], "wait_for_completion": true }',
  })
  await must(
    'agent',
    'register',
    '--name',
    'API',
    '--files',
    HOPS,
    'docs/api.md',
    '--dependencies',
    'deps.json',
    '--no-wait',
  )
  await must('orchestrator', 'export', 'orchestrator.json')
  const file = JSON.parse(readFileSync(join(place.root, 'orchestrator.json'), 'utf8'))
  expect(file).toMatchObject({
    version: '1.0.0',
    agents: [
      { id: 'agent-1', name: 'Database', state: 'RUNNING', priority: 1 },
      { id: 'agent-2', name: 'API', state: 'WAITING', dependencies: ['agent-1'] },
    ],
    locks: [
      { agent: 'agent-1', on: 'alembic/**' },
      { agent: 'agent-1', on: 'database_schema' },
    ],
    dependencies: { 'agent-2': ['agent-1'] },
  })
  await must('reset', '--yes')
  const other = {
    ...file,
    agents: [...file.agents, { name: 'Tests', files: ['tests/**'], priority: 4, dependencies: ['API'] }],
  }
  writeFiles(place.root, { 'orchestrator.json': JSON.stringify(other) })
  await must('orchestrator', 'import', '--start')
  expect(await states()).toMatchObject({ 'agent-3': 'RUNNING', 'agent-4': 'WAITING', 'agent-5': 'WAITING' })
  expect(await must('orchestrator', 'import')).toBe(
    'agent-3 was there: Database\nagent-4 was there: API\nagent-5 was there: Tests\n',
  )
  expect(await must('deps')).toMatch(/agent-5 \(Tests\): WAITING after agent-4/)
  writeFiles(place.root, {
    'after.json': '{"agents": [{"name": "x", "dependencies": ["nobody"]}]}',
    'circle.json': '{"agents": [{"name": "a", "dependencies": ["b"]}, {"name": "b", "dependencies": ["a"]}]}',
    'twice.json': '{"agents": [{"name": "x"}, {"name": "x"}]}',
  })
  expect(await run(['orchestrator', 'import', 'after.json'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('x comes after "nobody", which is neither there nor in the project'),
  })
  expect(await run(['orchestrator', 'import', 'circle.json'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('in a circle (rule: NO cross-agent cyclic dependencies'),
  })
  expect(await run(['orchestrator', 'import', 'twice.json'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"x" is there twice'),
  })
  expect(await run(['orchestrator', 'export', 'docs'])).toMatchObject({ code: 2 })
  expect(readdirSync(place.root).filter((name) => name.endsWith('.new'))).toEqual([])
  writeFiles(place.root, { 'bad.json': '{"agents": [{"name": "x", "files": ["../y"]}]}' })
  expect(await run(['orchestrator', 'import', 'bad.json'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('agents[0].files[0]'),
  })
})
