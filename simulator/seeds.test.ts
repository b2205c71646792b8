import { expect, test } from 'vitest'
import { DEFAULT_HEALTH } from '../main/domain/health/policy.ts'
import type { Plan } from '../main/domain/plan.ts'
import { STRAY_POLICIES } from '../main/domain/strays/stray.ts'
import { checkSimulation, seeds } from './check.ts'
import { CALM } from './faults.ts'
import { checkedPlan, randomClashes, randomPlan } from './plans.ts'
import { Random } from './random.ts'
import type { SimulationOptions } from './simulation.ts'

const TROUBLE = { maxMs: 3_000, failing: 0.15, vanishing: 0.03, conflicting: 0.05, hanging: 0.03 }
const NO_TROUBLE = { maxMs: 3_000, failing: 0, vanishing: 0, conflicting: 0, hanging: 0 }

function options(seed: number, change: Partial<SimulationOptions> = {}): SimulationOptions {
  const plan = randomPlan(new Random(seed * 7_919))
  return { seed, plan, behaviour: TROUBLE, rates: CALM, chaosMs: 30_000, meddling: 0, ...change }
}

/** Nobody waits for locks, so that many work side by side. */
function foreseeable(plan: Plan): Plan {
  const tasks = plan.tasks.map((one) => ({
    ...one,
    workspace: 'repo' as const,
    writes: [`${one.id}/**`],
    reads: [],
    uses: [],
  }))
  return { ...plan, tasks, limits: { ...plan.limits, maxConcurrentAgents: 16 } }
}

test('without trouble every task completes at its first attempt', async () => {
  for (const seed of seeds(100, 1_000)) {
    const { world } = await checkSimulation(options(seed, { behaviour: NO_TROUBLE }))
    const settled = world.disk.events.find(({ type }) => type === 'run.settled')!
    const late = world.disk.events.some(({ type }) => type === 'agent.timed-out')
    if (!late) expect(settled.data).toMatchObject({ status: 'completed' })
  }
})

test('R2: every call may fail, or take place and be reported as failed', async () => {
  for (const seed of seeds(250, 10_000)) {
    await checkSimulation(options(seed, { rates: { fail: 0.05, lie: 0.05, crash: 0 } }))
  }
})

test('R1: the engine dies at random calls, with faults and a meddling person', async () => {
  for (const seed of seeds(250, 10_000)) {
    await checkSimulation(options(seed, { rates: { fail: 0.02, lie: 0.02, crash: 0.01 }, meddling: 0.01 }))
  }
})

test('R8: the wall clock jumps by up to a year at every restart, and machines reboot', async () => {
  for (const seed of seeds(100, 2_000)) {
    const clockJumpMs = [3_600_000, 365 * 86_400_000][seed % 2]!
    const rates = { fail: 0, lie: 0, crash: 0.01 }
    await checkSimulation(options(seed, { rates, clockJumpMs, reboots: 0.3 }))
  }
})

test('agents that talk: nothing acknowledged is lost, everything is handled once and in order, wherever the engine dies', async () => {
  let kept = 0
  for (const seed of seeds(150, 5_000)) {
    const crash = [0, 0.01, 0.03][seed % 3]!
    const rates = { fail: 0.02, lie: 0.02, crash }
    const { talkers } = await checkSimulation(options(seed, { rates, meddling: 0.02, talking: true }))
    kept += talkers!.kept.length
  }
  expect(kept).toBeGreaterThan(1_000)
})

test('resources short now and then: fewer agents, never none, and every run comes to its end wherever the engine dies', async () => {
  const seen = { fewer: 0, more: 0 }
  for (const seed of seeds(100, 5_000)) {
    const base = options(seed, { pressure: true, meddling: [0, 0.01][seed % 2]!, chaosMs: 60_000 })
    const health = { ...DEFAULT_HEALTH, intervalMs: 500 }
    const behaviour = { ...TROUBLE, maxMs: 10_000 }
    const rates = { fail: 0.02, lie: 0.02, crash: [0, 0.01][seed % 2]! }
    const { world } = await checkSimulation({ ...base, plan: { ...base.plan, health }, behaviour, rates })
    for (const { data } of world.disk.events) {
      if (data.type !== 'health.slots') continue
      const { agents, was } = data
      expect(agents === null || (agents >= 1 && agents <= base.plan.limits.maxConcurrentAgents)).toBe(true)
      // One step at a time.
      if (agents !== null && was !== null) expect(Math.abs(agents - was)).toBe(1)
      if (agents === null || (was !== null && agents > was)) seen.more++
      else seen.fewer++
    }
  }
  expect(seen.fewer).toBeGreaterThan(20)
  expect(seen.more).toBeGreaterThan(20)
})

test('conflicts foreseen, right or wrong, hold nobody for ever, wherever the engine dies', async () => {
  const seen = { raised: 0, held: 0, offered: 0 }
  for (const seed of seeds(150, 5_000)) {
    const base = options(seed, { foreseeing: true, meddling: [0, 0.01][seed % 2]! })
    const action = (['warn', 'hold', 'take-in', 'hold'] as const)[seed % 4]!
    const plan = foreseeable({ ...base.plan, prediction: { action } })
    const rates = { fail: 0.02, lie: 0.02, crash: [0, 0.01][seed % 2]! }
    const behaviour = { ...TROUBLE, maxMs: 20_000 }
    const { world } = await checkSimulation({ ...base, plan, rates, behaviour, chaosMs: 60_000 })
    for (const { type } of world.disk.events) {
      if (type === 'conflict.raised') seen.raised++
      if (type === 'agent.conflicted') seen.held++
      if (type === 'agent.published') seen.offered++
    }
  }
  expect(Math.min(seen.raised, seen.held, seen.offered)).toBeGreaterThan(20)
})

test('checks before merges: the branch always passes, exactly who breaks it is taken out, nobody waits for ever', async () => {
  let rejected = 0
  let held = 0
  for (const seed of seeds(250, 10_000)) {
    const random = new Random(seed * 104_729)
    const plan = checkedPlan(random)
    const crash = [0, 0.005, 0.02][seed % 3]!
    const { world } = await checkSimulation(
      options(seed, {
        plan,
        clashes: randomClashes(random, plan),
        broken: seed % 10 === 0,
        rates: { fail: 0.02, lie: 0.02, crash },
        meddling: [0, 0.01][seed % 2]!,
        reboots: 0.2,
      }),
    )
    rejected += world.disk.events.filter(({ type }) => type === 'work.rejected').length
    held += world.disk.events.filter(({ type }) => type === 'merge.held').length
  }
  if (process.env.AMPHITHEATRE_SEED === undefined) expect(Math.min(rejected, held)).toBeGreaterThan(10)
}, 300_000)

test('agents that write what they may not: nothing of it is committed unless allowed, wherever the engine dies', async () => {
  let ruled = 0
  for (const seed of seeds(150, 5_000)) {
    const crash = [0, 0.01, 0.03][seed % 3]!
    const rates = { fail: 0.02, lie: 0.02, crash }
    const plan = { ...randomPlan(new Random(seed * 7_919)), strays: STRAY_POLICIES[seed % 5] ?? 'hold' }
    const behaviour = { ...TROUBLE, minMs: 500, straying: 0.9 }
    const change = { plan, rates, behaviour, meddling: 0.01, chaosMs: 10_000 }
    const { world } = await checkSimulation(options(seed, change))
    ruled += world.disk.events.filter(({ type }) => type === 'stray.ruled').length
  }
  expect(ruled).toBeGreaterThan(20)
})

test('R12: the same seed gives the same log, byte for byte', async () => {
  for (const seed of seeds(100, 10_000)) {
    const rates = { fail: 0.03, lie: 0.03, crash: 0.01 }
    const random = new Random(seed)
    const plan = seed % 3 === 0 ? checkedPlan(random) : randomPlan(random)
    const clashes = seed % 3 === 0 ? randomClashes(random, plan) : []
    const change = { plan, clashes, rates, meddling: 0.01, talking: seed % 2 === 0 }
    const first = await checkSimulation(options(seed, change))
    const second = await checkSimulation(options(seed, change))
    expect(JSON.stringify(second.world.disk.events), `seed ${seed}`).toBe(
      JSON.stringify(first.world.disk.events),
    )
  }
})
