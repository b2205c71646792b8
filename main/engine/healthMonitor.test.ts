import { expect, test } from 'vitest'
import { alarmKey } from '../domain/health/health.ts'
import { commandId, runId } from '../domain/ids.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import type { SeriesPoint } from './ports/series.ts'
import type { Store } from './ports/store.ts'
import { Clock, eventsOf, NEVER_PREPARED, PROJECT, register } from './schedules/testing/house.ts'
import { type RunningEngine, startEngine } from './startEngine.ts'
import { type HostReading, NOTHING_KNOWN } from './vitals.ts'

const ROUND = 30_000

class Machine {
  host: HostReading = { ...NOTHING_KNOWN, memoryUsed: 0.5, reachable: { docker: true } }
  readonly points: SeriesPoint[] = []
  readonly store: Store = openMemoryStore()
  readonly clock = new Clock(1_000_000)
  #starts = 0

  async start(): Promise<RunningEngine> {
    const engine = await startEngine({
      store: this.store,
      scheduling: this.clock,
      runners: new Map(),
      workspaces: { prepareRun: () => new Promise(() => undefined), list: async () => [] } as never,
      files: {} as never,
      wall: this.clock.wall,
      freeBytes: async () => null,
      log: () => undefined,
      onSample: () => undefined,
      readHost: async () => this.host,
      onFigures: (points) => this.points.push(...points),
      boot: 'b',
      pid: 1,
      version: '0',
      idPrefix: `h${++this.#starts}`,
    })
    if (this.#starts > 1) return engine
    await register(engine)
    const run = {
      type: 'run.start',
      project: PROJECT,
      run: runId('r1'),
      runner: 'docker',
      plan: NEVER_PREPARED,
    } as const
    await engine.dispatch(run, 'person:ann', commandId('start'))
    return engine
  }
}

test('every interval the machine is looked at; what is short twice in a row is on record, and outlives the engine', async () => {
  const machine = new Machine()
  let engine = await machine.start()
  expect(engine.vitals()).toMatchObject({ at: 1_000_000, host: { memoryUsed: 0.5 } })
  await machine.clock.advance(ROUND)
  expect(engine.vitals()).toMatchObject({ at: 1_000_000 + ROUND, host: { memoryUsed: 0.5 } })
  expect(machine.points).toContainEqual({
    at: 1_000_000 + ROUND,
    project: null,
    measure: 'host_memory_used',
    role: null,
    value: 0.5,
  })
  machine.host = { ...machine.host, memoryUsed: 0.99 }
  await machine.clock.advance(ROUND)
  expect(await eventsOf(machine.store, 'health.crossed')).toEqual([])
  await machine.clock.advance(ROUND)
  expect(await eventsOf(machine.store, 'health.crossed')).toMatchObject([
    { data: { measure: 'host_memory_used', bad: true } },
  ])
  expect(engine.vitals().projects).toMatchObject([{ alarms: [{ value: 0.99 }], slots: { agents: 1 } }])
  await engine.close()
  engine = await machine.start()
  expect(engine.vitals().projects).toMatchObject([{ slots: { agents: 1, reason: 'memory is 99 % full' } }])
  machine.host = { ...machine.host, memoryUsed: 0.5 }
  await machine.clock.advance(4 * ROUND)
  expect(engine.vitals().projects[0]!.alarms).toEqual([])
  await machine.clock.advance(12 * ROUND)
  expect(engine.vitals().projects[0]!.slots).toBeNull()
  await engine.close()
})

test('a runner that does not answer is an incident; what cannot be told is none', async () => {
  const machine = new Machine()
  const engine = await machine.start()
  machine.host = { ...NOTHING_KNOWN, reachable: { process: false } }
  await machine.clock.advance(3 * ROUND)
  const project = () => engine.state.projects.get(PROJECT)!
  expect(project().health.alarms).toEqual({})
  machine.host = { ...NOTHING_KNOWN, reachable: { docker: false } }
  await machine.clock.advance(2 * ROUND)
  expect(Object.keys(project().health.alarms)).toEqual([alarmKey('host_runner_reachable', null)])
  expect(project().incidents).toMatchObject([
    { severity: 'P1', title: 'What runs agents does not answer', sources: [{ kind: 'health' }] },
  ])
  await engine.close()
})
