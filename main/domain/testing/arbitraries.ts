import * as fc from 'fast-check'
import type { Lock } from '../locks/lock.ts'
import type { Plan } from '../plan.ts'
import { approval, COMMAND, gate, withGates } from './gates.ts'
import { mergePolicy, plan, type TaskOptions } from './plan.ts'

const glob = fc.constantFrom('**', 'src/**', 'src/api/*.ts', 'docs/*', '**/*.md', 'src/{api,web}/**')
const lock: fc.Arbitrary<Lock> = fc.record({
  kind: fc.constant('resource' as const),
  on: fc.constantFrom('database_schema', 'port:5432'),
  mode: fc.constantFrom('exclusive' as const, 'shared' as const),
  fifo: fc.boolean(),
})
const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 2, size: 'small' })

const SKILLS = ['ts', 'sql', 'ops']

const GATES = [
  gate('tests', [COMMAND]),
  gate('signed', [approval()]),
  gate('both', [COMMAND, approval()], { maySkip: { authority: 'any', people: null } }),
]
/** Most plans have few of them, many have none. */
const someGates = fc.option(fc.subarray(GATES.map(({ name }) => name)), { freq: 1, nil: [] as string[] })

/** A task's place, needs and options, as raw numbers; `planFrom` makes them fit. */
const rawTask = fc.record({
  phase: fc.nat(2),
  needs: fc.array(fc.nat(30), { maxLength: 3 }),
  soft: fc.option(fc.record({ need: fc.nat(30), timeoutMs: fc.option(fc.nat(100_000)) }), { freq: 4 }),
  needTimeout: fc.option(fc.nat(100_000), { freq: 4 }),
  priority: fc.nat(5),
  retry: fc.nat(2),
  delayMs: fc.constantFrom(0, 0, 1_000),
  allowFailure: fc.boolean(),
  onLost: fc.constantFrom('ask', 'retry', 'fail'),
  role: fc.constantFrom('A', 'B', 'C', null),
  skill: fc.nat(2),
  workspace: fc.constantFrom('repo', 'none'),
  reads: few(glob),
  writes: few(glob),
  uses: few(lock),
  timeoutMs: fc.option(fc.nat(1_000_000)),
  dueMs: fc.option(fc.nat(1_000_000), { freq: 4 }),
  kind: fc.constantFrom('work', 'work', 'work', 'deploy'),
  gates: someGates,
} as const)

const rawPlan = fc.record({
  tasks: fc.array(rawTask, { minLength: 1, maxLength: 14 }),
  batch: fc.option(fc.integer({ min: 1, max: 5 })),
  gated: fc.boolean(),
  phaseGates: fc.tuple(someGates, someGates, someGates),
  concurrency: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 64 })),
  capacities: fc.tuple(
    fc.option(fc.integer({ min: 1, max: 3 })),
    fc.option(fc.integer({ min: 1, max: 3 })),
    fc.option(fc.integer({ min: 1, max: 3 })),
  ),
})

type Raw = typeof rawPlan extends fc.Arbitrary<infer T> ? T : never

/** Any plan without loops: needs go to earlier tasks of the same or an earlier phase. */
export const anyPlan: fc.Arbitrary<Plan> = rawPlan.map(planFrom)

function planFrom({ tasks, batch, concurrency, capacities, gated, phaseGates }: Raw): Plan {
  const sorted = tasks.toSorted((a, b) => a.phase - b.phase)
  const lines: string[][] = [[], [], []]
  const options: Record<string, TaskOptions> = {}
  sorted.forEach((raw, i) => {
    const needs = i === 0 ? [] : [...new Set(raw.needs.map((n) => `t${n % i}`))]
    lines[raw.phase]!.push(`t${i}: ${needs.join(' ')}`)
    const { priority, retry, delayMs, allowFailure, onLost, role, workspace, timeoutMs, dueMs } = raw
    const { reads, writes, uses, kind } = raw
    const soft = raw.soft === null ? {} : { [`t${raw.soft.need % sorted.length}`]: raw.soft.timeoutMs }
    const needTimeouts =
      raw.needTimeout === null ? {} : Object.fromEntries(needs.map((need) => [need, raw.needTimeout!]))
    const rest = {
      priority,
      allowFailure,
      onLost,
      role,
      workspace,
      timeoutMs,
      dueMs,
      soft,
      needTimeouts,
      reads,
      writes,
      uses,
      ...(gated ? { kind } : {}),
    }
    options[`t${i}`] = { ...rest, skills: [SKILLS[raw.skill]!], retry: { retries: retry, delayMs } }
  })
  const roles = {
    A: { skills: ['ts', 'sql'], capacity: capacities[0] },
    B: { skills: ['sql', 'ops'], capacity: capacities[1] },
    C: { skills: ['ts', 'ops'], capacity: capacities[2] },
  }
  const made = plan(lines, { roles, with: options, limits: { maxConcurrentAgents: concurrency } })
  const merged = batch === null ? made : { ...made, merge: mergePolicy(batch) }
  if (!gated) return merged
  const ofTasks = Object.fromEntries(sorted.map((raw, i) => [`t${i}`, raw.gates] as const))
  return withGates(merged, GATES, { tasks: ofTasks, phases: phaseGates })
}

export const anySeed: fc.Arbitrary<number> = fc.nat(0x7fffffff)
