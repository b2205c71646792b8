import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { afterEach, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadProject, planFor } from '../main/config/index.ts'
import type { DomainEvent, EventOf, EventType } from '../main/domain/events.ts'
import { projectId, runId } from '../main/domain/ids.ts'
import { type Host, openHost } from '../main/headless.ts'
import { ensureTestImage } from '../main/runners/docker/testImage.ts'
import { leftovers, removeLeftovers } from './support/leftovers.ts'
import { git, type Playground, playground } from './support/repository.ts'

/** Agents in containers that write what they did not declare, seen and held while they run. */
const RUN = runId('strays')
const PROJECT = projectId('e2e')

let place: Playground | undefined
let host: Host | undefined
afterEach(async () => {
  await host?.close()
  host = undefined
  if (place === undefined) return
  await removeLeftovers(place.data)
  place.remove()
  place = undefined
})

interface Task {
  readonly id: string
  readonly writes: readonly string[]
  readonly reads?: readonly string[]
  readonly run: string
}

/** Waits in the container for a git-ignored file, which writing never counts. */
const until = (file: string): string => `until test -f tmp/${file}; do sleep 0.02; done`

async function begin(tasks: readonly Task[], more: object = {}): Promise<void> {
  await ensureTestImage(new Docker())
  const file = stringify({
    version: 1,
    name: 'strays',
    image: 'amphitheatre/test-busybox',
    extends: 'amphitheatre-devops',
    ...more,
    epics: {
      go: {
        title: 'Go',
        phases: [{ name: 'all', tasks: tasks.map((one) => ({ agent: 'BuildMaster', ...one })) }],
      },
    },
  })
  place = playground({
    'amphitheatre.yaml': file,
    '.gitignore': 'tmp/\n',
    'notes.txt': 'start\n',
    'docs/a.md': 'a\n',
  })
  await open()
  const { root } = place
  await send({ type: 'project.register', project: PROJECT, root, name: 'e2e' })
  const loaded = loadProject(`${root}/amphitheatre.yaml`, { env: {}, root })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const plan = planFor(loaded.project, 'go')!
  await send({ type: 'run.start', project: PROJECT, run: RUN, runner: 'docker', plan })
}

async function open(): Promise<void> {
  const opened = await openHost({ dataDir: place!.data, log: () => undefined })
  if (!opened.ok) throw new Error('another host has the data folder')
  host = opened.host
}

type Command = Parameters<Host['center']['dispatch']>[0]['command']

async function send(command: Command): Promise<void> {
  const outcome = await host!.center.dispatch({ command })
  if (!outcome.ok) throw new Error(`${command.type}: ${outcome.reason}`)
}

/** The first event of a type that fits, from the beginning of the log. */
async function event<T extends EventType>(
  type: T,
  fits: (data: EventOf<T>) => boolean = () => true,
): Promise<EventOf<T>> {
  const signal = AbortSignal.timeout(60_000)
  for await (const { data } of host!.center.events(0, signal) as AsyncIterable<{ data: DomainEvent }>) {
    if (data.type === type && fits(data as EventOf<T>)) return data as EventOf<T>
  }
  const { runs } = await host!.center.snapshot()
  throw new Error(
    `no ${type}: ${JSON.stringify(runs.map(({ tasks }) => tasks.map(({ current }) => current)))}`,
  )
}

async function clone(task: number): Promise<string> {
  return (await event('workspace.cut', (data) => data.task === task)).path
}

function release(path: string, file: string): void {
  execFileSync('mkdir', ['-p', join(path, 'tmp')])
  writeFileSync(join(path, 'tmp', file), '')
}

/** Files at the run's tip, with their content. */
function atTip(path: string): string | undefined {
  const hub = join(place!.data, 'projects/e2e/hub.git')
  const ref = `refs/amphitheatre/runs/${RUN}/tip`
  const names = git('/', '--git-dir', hub, 'ls-tree', '-r', '--name-only', ref).split('\n')
  return names.includes(path) ? git('/', '--git-dir', hub, 'show', `${ref}:${path}`).trim() : undefined
}

const WRITER: Task = {
  id: 'web',
  writes: ['web.txt'],
  run: [until('go'), 'echo mine > web.txt', 'echo x > extra.txt', 'echo b >> docs/a.md', until('end')].join(
    '; ',
  ),
}

/** Nothing is under way any more: clean-ups have come to their end. */
const idle = (): Promise<void> => host!.idle()

const resolve = (action: 'allow' | 'discard' | 'terminate'): Promise<void> =>
  send({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action })

test('an undeclared write is caught while the agent still runs; discarded, it goes on without', async () => {
  await begin([WRITER])
  const work = await clone(0)
  await event('agent.started')
  const began = performance.now()
  release(work, 'go')
  await event('agent.conflicted')
  const seen = performance.now() - began
  await event('effect.done', ({ effect }) => effect === 'agent.pause')
  console.log(
    `from write to CONFLICT ${Math.round(seen)} ms, to held ${Math.round(performance.now() - began)} ms`,
  )
  const aside = await event('stray.set-aside')
  expect(aside).toMatchObject({ paths: ['docs/a.md', 'extra.txt'], left: [] })
  expect(existsSync(join(work, 'extra.txt'))).toBe(false)
  expect(readFileSync(join(work, 'docs/a.md'), 'utf8')).toBe('a\n')
  const { projects, runs } = await host!.center.snapshot()
  expect(runs[0]!.tasks[0]!.current).toMatchObject({ state: 'CONFLICT', paused: true, exitedAt: null })
  expect(projects[0]!.conflicts).toMatchObject([
    { cause: 'undeclared-write', parties: ['strays/web#1'], recommendation: { action: 'allow' } },
  ])
  const patch = readFileSync(join(place!.data, 'projects/e2e/artifacts', aside.patch!), 'utf8')
  expect(patch).toContain('+++ b/extra.txt')
  release(work, 'end')
  await resolve('discard')
  expect(await event('run.settled')).toMatchObject({ status: 'completed' })
  expect([atTip('web.txt'), atTip('extra.txt'), atTip('docs/a.md')]).toEqual(['mine', undefined, 'a'])
  await idle()
  expect(await leftovers(place!.data)).toEqual([])
})

test('held over a restart of the engine, and allowed: its files come back and are committed', async () => {
  await begin([WRITER])
  const work = await clone(0)
  release(work, 'go')
  await event('stray.set-aside')
  await host!.close()
  await open()
  expect((await host!.center.snapshot()).runs[0]!.tasks[0]!.current).toMatchObject({ state: 'CONFLICT' })
  await resolve('allow')
  await event('agent.reconciled')
  release(work, 'end')
  expect(await event('run.settled')).toMatchObject({ status: 'completed' })
  expect([atTip('web.txt'), atTip('extra.txt'), atTip('docs/a.md')]).toEqual(['mine', 'x', 'a\nb'])
  expect(await event('work.committed')).toMatchObject({ undeclared: [] })
  await idle()
})

test('two agents on one file never both commit', async () => {
  const owner = {
    id: 'owner',
    writes: ['notes.txt'],
    run: [until('go'), 'echo owner >> notes.txt'].join('; '),
  }
  const other = {
    id: 'other',
    writes: ['other.txt'],
    run: ['echo other > other.txt', 'echo other >> notes.txt', until('end')].join('; '),
  }
  await begin([owner, other])
  await event('stray.set-aside')
  const { projects } = await host!.center.snapshot()
  expect(projects[0]!.conflicts).toMatchObject([
    {
      parties: ['strays/owner#1', 'strays/other#1'],
      files: ['notes.txt'],
      recommendation: { action: 'discard', keep: 'strays/owner#1' },
    },
  ])
  await resolve('discard')
  release(await clone(1), 'end')
  release(await clone(0), 'go')
  expect(await event('run.settled')).toMatchObject({ status: 'completed' })
  expect([atTip('notes.txt'), atTip('other.txt')]).toEqual(['start\nowner', 'other'])
  await idle()
})

test('where the project says so, it is stopped, and what it wrote is on record', async () => {
  await begin([WRITER], { locks: { on_undeclared_write: 'stop' } })
  release(await clone(0), 'go')
  expect(await event('agent.terminated')).toMatchObject({ cause: 'conflict' })
  expect(await event('conflict.resolved')).toMatchObject({ action: 'terminate', by: 'engine' })
  expect(await event('run.settled')).toMatchObject({ status: 'failed' })
  expect([atTip('web.txt'), atTip('extra.txt')]).toEqual([undefined, undefined])
  await idle()
})

test('what it only reads cannot be written at all', async () => {
  const reader = {
    id: 'reader',
    reads: ['docs', 'notes.txt'],
    writes: ['out.txt'],
    run: 'echo 1 > docs/a.md || echo 1 > notes.txt || rm -f notes.txt || echo kept > out.txt',
  }
  await begin([reader])
  expect(await event('run.settled')).toMatchObject({ status: 'completed' })
  expect([atTip('out.txt'), atTip('notes.txt')]).toEqual(['kept', 'start'])
  await idle()
})
