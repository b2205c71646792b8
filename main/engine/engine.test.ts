import { expect, test } from 'vitest'
import type { CommandEnvelope } from '../domain/commands.ts'
import { commandId, projectId, runId } from '../domain/ids.ts'
import { EMPTY_STATE } from '../domain/state.ts'
import { tasks } from '../domain/testing/plan.ts'
import { committed, cut, exited, merged, prepared, started } from '../domain/testing/steps.ts'
import { type Fault, type FaultyCall, faultyStore } from '../store/faultyStore.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { Engine } from './engine.ts'
import { EventFeed } from './feed.ts'
import { type Store, StoreError } from './ports/store.ts'
import type { Scheduling } from './scheduling.ts'

/** Turns and timers that come when the test says so. */
function manual(): Scheduling & { turn(): Promise<void> } {
  let queue: (() => void)[] = []
  const add = (run: () => void): (() => void) => {
    queue.push(run)
    return () => {
      queue = queue.filter((other) => other !== run)
    }
  }
  return {
    now: () => 1_000,
    immediate: (run) => void add(run),
    after: (_, run) => add(run),
    turn: async () => {
      for (const run of queue.splice(0)) run()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

function register(id: string, project = 'p'): CommandEnvelope {
  const command = {
    type: 'project.register',
    project: projectId(project),
    root: '/r',
    name: project,
  } as const
  return { id: commandId(id), correlation: commandId(id), actor: 'test', command }
}

function failing(store: Store, faults: Partial<Record<FaultyCall, Fault[]>>): Store {
  return faultyStore(store, { next: (call) => faults[call]?.shift() ?? 'none' })
}

test('commands that wait together share one commit, and are answered after it', async () => {
  const turns = manual()
  const store = openMemoryStore()
  let commits = 0
  const counting: Store = Object.assign(Object.create(store) as Store, {
    append: (batch: Parameters<Store['append']>[0]) => {
      commits++
      return store.append(batch)
    },
    outcome: (id: Parameters<Store['outcome']>[0]) => store.outcome(id),
  })
  const engine = new Engine(counting, turns, EMPTY_STATE, 'e')
  const answers = ['a', 'b', 'c'].map((name) => engine.dispatch(register(name, name)))
  await turns.turn()
  await turns.turn()
  expect(await Promise.all(answers)).toEqual([1, 2, 3].map((seq) => ({ ok: true, seq })))
  expect(commits).toBe(1)
})

test('the same command id takes effect once, together and one after the other', async () => {
  const turns = manual()
  const engine = new Engine(openMemoryStore(), turns, EMPTY_STATE, 'e')
  const together = [engine.dispatch(register('x')), engine.dispatch(register('x'))]
  await turns.turn()
  await turns.turn()
  expect(await Promise.all(together)).toEqual([
    { ok: true, seq: 1 },
    { ok: true, seq: 1 },
  ])
  expect(await engine.dispatch(register('x', 'other'))).toEqual({ ok: true, seq: 1 })
  expect(engine.state.seq).toBe(1)
})

test('a disk that refuses stalls the engine; it goes on by itself and loses nothing', async () => {
  const turns = manual()
  const store = failing(openMemoryStore(), { append: ['failBefore', 'failBefore'] })
  const engine = new Engine(store, turns, EMPTY_STATE, 'e')
  const answer = engine.dispatch(register('x'))
  await turns.turn()
  await turns.turn()
  expect(engine.status).toMatchObject({
    status: 'stalled',
    reason: expect.any(String),
    remedy: expect.any(String),
  })
  expect(engine.state.seq).toBe(0)
  await turns.turn()
  await turns.turn()
  expect(await answer).toEqual({ ok: true, seq: 1 })
  expect(engine.status).toEqual({ status: 'running' })
})

test.each<[string, Fault]>([
  ['took place and was reported as failed', 'failAfter'],
  ['did not take place, and nobody can say', 'unknownBefore'],
])('a commit that %s is looked up, and counts once', async (_, fault) => {
  const turns = manual()
  const memory = openMemoryStore()
  const engine = new Engine(
    failing(memory, { append: [fault], lastSeq: ['failBefore'] }),
    turns,
    EMPTY_STATE,
    'e',
  )
  const published: number[] = []
  engine.onPublish((events) => published.push(...events.map(({ seq }) => seq)))
  const answer = engine.dispatch(register('x'))
  for (let i = 0; i < 6; i++) await turns.turn()
  expect(await answer).toEqual({ ok: true, seq: 1 })
  expect(published).toEqual([1])
  expect(await memory.lastSeq()).toBe(1)
})

test('one that closes writes what it was writing; what comes later is left alone', async () => {
  const turns = manual()
  const store = openMemoryStore()
  const engine = new Engine(store, turns, EMPTY_STATE, 'e')
  const first = engine.report(register('a', 'a').command)
  const writing = turns.turn()
  await engine.close()
  await writing
  expect(await first).toEqual({ ok: true, seq: 1 })
  await store.close()
  let answered = false
  void engine.report(register('b', 'b').command).then(() => {
    answered = true
  })
  for (let i = 0; i < 5; i++) await turns.turn()
  expect(answered).toBe(false)
})

test('what follows from starting what is ready is concluded in the same commit', async () => {
  const turns = manual()
  const engine = new Engine(openMemoryStore(), turns, EMPTY_STATE, 'e')
  const say = async (command: CommandEnvelope['command']): Promise<void> => {
    const said = engine.report(command)
    await turns.turn()
    expect(await said).toMatchObject({ ok: true })
  }
  const uses = [{ kind: 'resource', on: 'env:staging', mode: 'exclusive' }] as const
  const plan = tasks(['a', 'b: c', 'c'], { with: { a: { uses }, b: { uses, priority: 0 } } })
  const [project, run] = [projectId('p'), runId('r1')]
  await say(register('x').command)
  await say({ type: 'run.start', project, run, runner: 'process', plan })
  for (const task of [0, 2]) await say(started({ run, task, attempt: 1 }))
  await say(exited({ run, task: 2, attempt: 1 }))
  expect(engine.state.projects.get(project)!.conflicts).toMatchObject([{ cause: 'priority', level: 2 }])
  expect(engine.state.runs.get(run)!.attention).toMatchObject([{ about: 'c1' }])
})

test('who was allowed a file and waited for it goes on in the commit that frees it', async () => {
  const turns = manual()
  const engine = new Engine(openMemoryStore(), turns, EMPTY_STATE, 'e')
  const say = async (command: CommandEnvelope['command']): Promise<void> => {
    const said = engine.report(command)
    await turns.turn()
    expect(await said).toMatchObject({ ok: true })
  }
  const [project, run] = [projectId('p'), runId('r1')]
  const writes = { a: { writes: ['src/**'] }, b: { writes: ['docs/**'] } }
  const plan = { ...tasks(['a', 'b'], { all: { workspace: 'repo' }, with: writes }), strays: 'hold' } as const
  const [a, b] = [0, 1].map((task) => ({ run, task, attempt: 1 }))
  await say(register('x').command)
  await say({ type: 'run.start', project, run, runner: 'docker', plan })
  await say(prepared(run))
  for (const one of [a!, b!]) {
    await say(cut(one))
    await say(started(one))
  }
  await say({ type: 'report.strayed', ...a!, paths: ['docs/x.md'], isolated: true })
  await say({ type: 'report.effect-done', effect: 'agent.pause', ...a! })
  const [commit, patch] = ['a'.repeat(40), 'b'.repeat(64)]
  await say({ type: 'report.set-aside', ...a!, count: 1, commit, patch, paths: ['docs/x.md'], left: [] })
  await say({ type: 'conflict.resolve', project, conflict: 'c1', action: 'allow' })
  await say(exited(b!))
  await say(committed(b!))
  const attempt = () => engine.state.runs.get(run)!.tasks.get(0)!.current!
  expect([attempt().state, attempt().effects]).toEqual(['CONFLICT', []])
  await say(merged(b!))
  expect([attempt().state, attempt().effects]).toEqual(['CONFLICT', ['work.put-back']])
})

test('a corrupt database ends the engine: what waits and what comes is refused', async () => {
  const turns = manual()
  const store: Store = Object.assign(Object.create(openMemoryStore()) as Store, {
    append: () => Promise.reject(new StoreError('corrupt', 'The database is damaged.', 'Restore it.')),
    outcome: async () => undefined,
  })
  const engine = new Engine(store, turns, EMPTY_STATE, 'e')
  const answer = engine.dispatch(register('x'))
  answer.catch(() => undefined)
  await turns.turn()
  await turns.turn()
  await expect(answer).rejects.toThrow('damaged')
  await expect(engine.dispatch(register('y'))).rejects.toThrow('damaged')
  expect(engine.status).toMatchObject({ status: 'failed', remedy: 'Restore it.' })
})

test('a reader gets stored events, then live ones, without a gap, however slow it is', async () => {
  const turns = manual()
  const store = openMemoryStore()
  const engine = new Engine(store, turns, EMPTY_STATE, 'e')
  const feed = new EventFeed(store)
  engine.onPublish((events) => feed.publish(events))
  const abort = new AbortController()
  const seen: number[] = []
  const reading = (async () => {
    for await (const { seq } of feed.from(0, abort.signal)) {
      seen.push(seq)
      // A slow reader: the live buffer overflows, and it is sent back to the store.
      if (seq === 1) for (let i = 0; i < 3; i++) await turns.turn()
      if (seq === 2_500) return
    }
  })()
  for (let i = 0; i < 2_500; i++) void engine.dispatch(register(`c${i}`, `p${i}`))
  for (let i = 0; i < 40; i++) await turns.turn()
  await reading
  abort.abort()
  expect(seen).toEqual(Array.from({ length: 2_500 }, (_, i) => i + 1))
})
