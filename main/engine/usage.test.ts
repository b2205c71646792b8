import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type AttemptId, attemptId, runId, taskId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import type { AgentUsage, Runner } from './ports/runner.ts'
import { UsageMeter } from './usage.ts'

const RUN = runId('r1')
const attempt = (task: string): AttemptId => attemptId(RUN, taskId(task), 1)

/** As much of a state as the meter reads: `tasks` run in one run. */
function stateWith(runner: string, tasks: readonly string[]): State {
  const plan = { tasks: tasks.map((id) => ({ id: taskId(id) })) }
  const current = { state: 'RUNNING', n: 1 }
  const run = {
    id: RUN,
    runner,
    counts: { active: tasks.length },
    plan,
    tasks: tasks.map(() => ({ current })),
  }
  return { runs: new Map([[RUN, run]]) } as unknown as State
}

function runnerOf(usage: (id: AttemptId) => Promise<AgentUsage | undefined>): Runner {
  return { usage } as Runner
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('the share of the CPU is that since the last reading', async () => {
  let cpuMs = 1_000
  const runner = runnerOf(async () => ({ cpuMs, memoryBytes: 7 }))
  const meter = new UsageMeter(() => stateWith('process', ['a']), new Map([['process', runner]]))
  expect(await meter.read()).toEqual([{ attempt: attempt('a'), cores: null, memoryBytes: 7 }])
  await vi.advanceTimersByTimeAsync(2_000)
  cpuMs += 1_000
  expect(await meter.read()).toEqual([{ attempt: attempt('a'), cores: 0.5, memoryBytes: 7 }])
})

test('a runner that hangs keeps nobody waiting, and is not asked over and over', async () => {
  const asked: AttemptId[] = []
  let answer: (usage: AgentUsage) => void = () => undefined
  const runner = runnerOf((id) => {
    asked.push(id)
    if (id === attempt('fine')) return Promise.resolve({ cpuMs: 0, memoryBytes: 1 })
    return new Promise((resolve) => {
      answer = resolve
    })
  })
  const meter = new UsageMeter(() => stateWith('docker', ['hung', 'fine']), new Map([['docker', runner]]))
  for (let i = 0; i < 3; i++) {
    const reading = meter.read()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await reading).toMatchObject([{ attempt: attempt('fine') }])
  }
  expect(asked.filter((id) => id === attempt('hung'))).toHaveLength(1)
  // Once it has told, it is asked again.
  answer({ cpuMs: 0, memoryBytes: 2 })
  await vi.advanceTimersByTimeAsync(2_000)
  const reading = meter.read()
  await vi.advanceTimersByTimeAsync(5_000)
  await reading
  expect(asked.filter((id) => id === attempt('hung'))).toHaveLength(2)
})

test('a runner that fails or is not there is left out', async () => {
  const failing = runnerOf(() => Promise.reject(new Error('gone')))
  const failed = new UsageMeter(() => stateWith('docker', ['a']), new Map([['docker', failing]]))
  expect(await failed.read()).toEqual([])
  const none = new UsageMeter(() => stateWith('other', ['a']), new Map())
  expect(await none.read()).toEqual([])
})
