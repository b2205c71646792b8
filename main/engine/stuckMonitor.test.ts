import { expect, test } from 'vitest'
import { attemptId } from '../domain/ids.ts'
import { Driver, RUN } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { start } from '../domain/testing/steps.ts'
import { SignsOfLife } from './signsOfLife.ts'
import { StuckMonitor } from './stuckMonitor.ts'
import type { World } from './world.ts'

const MINUTE = 60_000
const ID = attemptId(RUN, 'a' as never, 1)

/** A monitor over one agent that does what `usage` says, and the reports it makes. */
function watch(leaseMs: number | null) {
  const plan = tasks(['a'], { all: { uses: [{ kind: 'resource', on: 'port:1', mode: 'exclusive' }] } })
  const rule = {
    kind: 'resource',
    on: 'port:1',
    fifo: false,
    sharedReads: true,
    leaseMs,
    notify: [],
  } as const
  const driver = Driver.running({ ...plan, lockRules: [rule] })
  start(driver, 'a')
  let now = 0
  let round: (() => void) | undefined
  const reports: unknown[] = []
  const usage = { cpuMs: 0, memoryBytes: 0 }
  const signs = new SignsOfLife(() => now)
  const world = {
    engine: {
      state: driver.state,
      report: async (report: { type: string; quietMs: number }) =>
        reports.push([report.type, report.quietMs]),
    },
    scheduling: {
      now: () => now,
      after: (_: number, then: () => void) => {
        round = then
        return () => undefined
      },
    },
    runners: new Map([[driver.run().runner, { usage: async () => usage }]]),
    files: { output: () => ({ size: async () => 0 }) },
    signs,
  } as unknown as World
  const monitor = new StuckMonitor(world, () => undefined)
  const pass = async (ms: number): Promise<void> => {
    now += ms
    const was = round
    was!()
    while (round === was) await new Promise((resolve) => setImmediate(resolve))
  }
  return { monitor, signs, usage, reports, pass }
}

test('an agent without a sign of life loses its lease, then counts as stuck', async () => {
  const { monitor, reports, pass } = watch(MINUTE)
  await pass(0)
  await pass(MINUTE - 1)
  expect(reports).toEqual([])
  await pass(1)
  expect(reports).toEqual([['report.lease-expired', MINUTE]])
  await pass(4 * MINUTE)
  expect(reports.slice(1)).toEqual([
    ['report.lease-expired', 5 * MINUTE],
    ['report.stuck', 5 * MINUTE],
  ])
  monitor.close()
})

test('CPU and calls through the door are signs of life', async () => {
  const { monitor, signs, usage, reports, pass } = watch(MINUTE)
  await pass(0)
  for (let i = 0; i < 10; i++) {
    if (i % 2 === 0) usage.cpuMs += 50
    else signs.seen(ID)
    await pass(MINUTE - 1)
  }
  expect(reports).toEqual([])
  monitor.close()
})
