import { expect, test } from 'vitest'
import type { ClientCommand, Outcome } from '../domain/commands.ts'
import { KEPT_RUNS } from '../domain/decideRun.ts'
import { commandId, projectId, runId } from '../domain/ids.ts'
import { tasks } from '../domain/testing/plan.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import type { AgentFiles } from './ports/agentFiles.ts'
import type { Workspaces } from './ports/workspaces.ts'
import { type RunningEngine, startEngine } from './startEngine.ts'

const PROJECT = projectId('p')

/** An engine whose runs are never prepared; nothing else of the outside is needed. */
function open(): Promise<RunningEngine> {
  const workspaces: Partial<Workspaces> = {
    prepareRun: () => new Promise(() => undefined),
    list: async () => [],
  }
  return startEngine({
    store: openMemoryStore(),
    scheduling: { now: () => 1, immediate: setImmediate, after: () => () => undefined },
    runners: new Map(),
    workspaces: workspaces as Workspaces,
    files: {} as AgentFiles,
    wall: () => 1,
    freeBytes: async () => null,
    log: () => undefined,
    onSample: () => undefined,
    boot: 'b',
    pid: 1,
    version: '0',
    idPrefix: 'e',
  })
}

test('a run that leaves live state while a command on it waits is brought back for it', async () => {
  const engine = await open()
  let ids = 0
  const send = (command: ClientCommand): Promise<Outcome> =>
    engine.dispatch(command, 'test', commandId(`c${++ids}`))
  const plan = tasks(['a'], { all: { workspace: 'repo' } })
  const startRun = (n: number): Promise<Outcome> =>
    send({ type: 'run.start', project: PROJECT, run: runId(`r${n}`), runner: 'docker', plan })
  await send({ type: 'project.register', project: PROJECT, root: '/p', name: 'p' })
  for (let n = 1; n <= KEPT_RUNS; n++) {
    await startRun(n)
    await send({ type: 'run.stop', run: runId(`r${n}`), force: true })
  }
  const [started, retried] = await Promise.all([
    startRun(KEPT_RUNS + 1),
    send({ type: 'task.retry', run: runId('r1'), task: 'a' }),
  ])
  expect([started, retried]).toMatchObject([{ ok: true }, { ok: true }])
  expect(engine.state.runs.get(runId('r1'))).toMatchObject({ status: 'preparing', endedAt: null })
  expect(await send({ type: 'run.pause', run: runId('none') })).toMatchObject({ rejected: 'unknown' })
  await engine.close()
})
