import { expect, test } from 'vitest'
import { commandId, projectId, runId, type TaskId } from '../domain/ids.ts'
import { DEFAULT_LIMITS } from '../domain/project.ts'
import { messageDraftSchema } from '../domain/talk/message.ts'
import { find } from '../domain/talk/messageLog.ts'
import { tasks } from '../domain/testing/plan.ts'
import type { AgentFiles } from '../engine/ports/agentFiles.ts'
import type { DoorEngine, Doors } from '../engine/ports/doors.ts'
import type { AgentObservation, Runner } from '../engine/ports/runner.ts'
import type { Workspaces } from '../engine/ports/workspaces.ts'
import { startEngine } from '../engine/startEngine.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { openBusDatabase } from './busDatabase.ts'
import { connectBus } from './connectBus.ts'
import { createEmbeddedBus } from './embedded.ts'
import { collector } from './testing/busContract.ts'

const RUN = runId('r1')

/** Agents that work for ever. */
const runner: Partial<Runner> = {
  kind: 'simulated',
  isolated: true,
  prepareRun: async () => undefined,
  resolveImage: async () => 'none',
  start: async ({ attempt }): Promise<AgentObservation> => ({
    attempt,
    handle: 'h',
    status: 'running',
    startedAt: 0,
    exit: null,
  }),
  list: async () => [],
  wait: () => new Promise(() => undefined),
  output: async function* () {},
  usage: async () => undefined,
  onReconnect: () => () => undefined,
}

async function openEngine() {
  let inside: DoorEngine | undefined
  const doors: Partial<Doors> = {
    open: async () => ({ folder: '', context: '', env: {} }),
    detach: async () => undefined,
  }
  const store = openMemoryStore()
  let now = 1_000
  const engine = await startEngine({
    store,
    scheduling: { now: () => ++now, immediate: setImmediate, after: () => () => undefined },
    runners: new Map([['simulated', runner as Runner]]),
    workspaces: { list: async () => [] } as Partial<Workspaces> as Workspaces,
    files: {
      prepareExchange: async () => '/x',
      output: () => ({ size: async () => 0, close: async () => undefined }),
    } as unknown as AgentFiles,
    doors: (engine) => {
      inside = engine
      return doors as Doors
    },
    wall: Date.now,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: 'b',
    pid: 1,
    version: '0',
    idPrefix: 'e',
  })
  return { engine, store, inside: inside! }
}

test('what is said on a topic goes out, and what comes in reaches the agents that listen, once', async () => {
  const { engine, store, inside } = await openEngine()
  const { db } = openBusDatabase(':memory:')
  const bus = createEmbeddedBus(db)
  const log: string[] = []
  const connected = await connectBus({
    bus,
    db,
    engine,
    store,
    origin: 'here',
    log: (line) => log.push(line),
  })
  const outside = collector()
  await bus.subscribe({ topic: 'team.news', group: 'outside' }, outside.handler)

  const person = (command: Parameters<typeof engine.dispatch>[0]) =>
    engine.dispatch(command, 'person:ann', commandId(crypto.randomUUID()))
  const plan = { ...tasks(['a', 'b']), limits: { ...DEFAULT_LIMITS } }
  await person({ type: 'project.register', project: projectId('p'), root: '/p', name: 'p' })
  await person({ type: 'run.start', project: projectId('p'), run: RUN, runner: 'simulated', plan })
  await engine.whenState((state) =>
    [...state.runs.get(RUN)!.tasks].every(({ current }) => current?.state === 'RUNNING'),
  )
  const agent = { run: RUN, task: 1, attempt: 1 } as const
  await inside.dispatch({ type: 'agent.join', channel: 'team.news', ...agent }, 'agent:b', 'j1')
  const said = messageDraftSchema.parse({ to: 'team.news', type: 'UPDATE', content: 'begun' })
  await inside.dispatch({ type: 'agent.send', message: said, run: RUN, task: 0, attempt: 1 }, 'agent:a', 's1')
  await outside.when(1)
  expect(JSON.parse(outside.records[0]!.body)).toMatchObject({
    origin: 'here',
    from: 'a',
    message: { content: 'begun' },
  })

  const body = JSON.stringify({ from: 'lint-7', message: { type: 'UPDATE', content: 'lint passed' } })
  const foreign = { id: 'x-1', topic: 'team.news', key: 'lint-7', n: null, time: 1, body }
  await bus.publish([{ ...foreign, id: 'x-0', body: 'no JSON' }, foreign])
  await engine.whenState((state) => state.runs.get(RUN)!.talk.messages.count === 2)
  const run = engine.state.runs.get(RUN)!
  expect(find(run.talk.messages, 2)).toMatchObject({
    from: { kind: 'outside', name: 'lint-7' },
    recipients: [1],
  })
  expect(run.tasks.get(1)!.inbox).toEqual([1, 2])
  expect(run.plan.tasks[1]!.id).toBe('b' as TaskId)
  await connected.close()
  expect(connected.trouble()).toBeNull()
  expect(log).toEqual(['record x-0 on team.news is not understood and was passed over'])
  await engine.close()
  db.close()
})
