import { type AttemptId, attemptId, roleName, runId, type TaskId, taskId } from '../main/domain/ids.ts'
import type { Lock } from '../main/domain/locks/lock.ts'
import type { Plan } from '../main/domain/plan.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  ON_LOST,
  type Role,
  type TaskSpec,
} from '../main/domain/project.ts'
import type { Clash } from './branch.ts'
import type { Random } from './random.ts'

const ROLES: readonly Role[] = ['Builder', 'Tester', 'Deployer'].map((name, i) => ({
  name: roleName(name),
  id: null,
  title: name,
  responsibilities: [],
  skills: ['ts', ['build', 'test', 'deploy'][i]!],
  tier: null,
  authority: null,
  ownership: [],
  dependencies: [],
  communication: [],
  capacity: null,
  image: null,
}))

export const RUN = runId('run1')

export function task(id: string, change: Partial<TaskSpec> = {}): TaskSpec {
  return {
    id: taskId(id),
    title: id,
    phase: 0,
    kind: 'work',
    role: ROLES[0]!.name,
    skills: [],
    run: 'true',
    env: {},
    image: null,
    network: 'run',
    workspace: 'repo',
    needs: [],
    needsSoft: [],
    reads: [],
    writes: ['**'],
    uses: [],
    priority: 3,
    points: null,
    dueMs: null,
    timeoutMs: null,
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'ask',
    resources: DEFAULT_RESOURCES,
    ...change,
  }
}

export function planOf(tasks: readonly TaskSpec[], concurrency = 4): Plan {
  const phases = Math.max(...tasks.map(({ phase }) => phase)) + 1
  return {
    epic: 'sim',
    title: 'Simulated',
    image: { ref: 'image' },
    limits: { ...DEFAULT_LIMITS, maxConcurrentAgents: concurrency },
    roles: ROLES,
    phases: Array.from({ length: phases }, (_, i) => ({ name: `phase ${i}`, mode: 'tasks' as const })),
    tasks,
  }
}

/** A random epic: phases, needs hard and soft, skills, retries, time limits, with and without a workspace. */
export function randomPlan(random: Random): Plan {
  const tasks: TaskSpec[] = []
  const phases = random.int(1, 3)
  for (let phase = 0; phase < phases; phase++) {
    for (let i = random.int(1, 5); i > 0; i--) tasks.push(randomTask(random, phase, tasks))
  }
  const plan = planOf(tasks, random.pick([1, 2, 4, 8, 64]))
  const capacity = random.chance(0.3) ? random.int(1, 2) : null
  return { ...plan, roles: plan.roles.map((role, i) => (i === 0 ? { ...role, capacity } : role)) }
}

/** Its committed work is checked before it is merged, a few tasks at a time. */
export function checkedPlan(random: Random): Plan {
  const plan = randomPlan(random)
  const tasks = plan.tasks.map((spec) =>
    spec.workspace === 'repo' && spec.writes.length === 0 ? { ...spec, writes: [`${spec.id}/**`] } : spec,
  )
  const check = { run: 'test', image: null, network: 'run', timeoutMs: 60_000 } as const
  return { ...plan, tasks, merge: { check, batch: random.pick([1, 2, 3, 8]) } }
}

/** First attempts that do not pass the check: each with one other, or alone. Later attempts have learnt. */
export function randomClashes(random: Random, plan: Plan): readonly Clash[] {
  const one = (): AttemptId => attemptId(RUN, random.pick(plan.tasks).id, 1)
  return Array.from({ length: random.int(0, 3) }, () => (random.chance(0.3) ? [one()] : [one(), one()]))
}

const GLOBS = ['**', 'src/**', 'src/*.ts', 'docs/**', '{src,docs}/*.md']
const USES: readonly Lock[] = [
  { kind: 'resource', on: 'database_schema', mode: 'exclusive', fifo: true },
  { kind: 'resource', on: 'env:staging', mode: 'shared' },
  { kind: 'resource', on: 'env:staging', mode: 'exclusive' },
]

function randomTask(random: Random, phase: number, before: readonly TaskSpec[]): TaskSpec {
  const some = (share: number): TaskSpec[] => before.filter(() => random.chance(share))
  const need = ({ id }: { readonly id: TaskId }): TaskSpec['needs'][number] => ({
    task: id,
    timeoutMs: random.chance(0.2) ? random.int(10, 5_000) : null,
  })
  const bySkill = random.chance(0.3)
  const repo = random.chance(0.7)
  return task(`t${before.length}`, {
    phase,
    role: bySkill ? null : random.pick(ROLES).name,
    skills: bySkill ? [random.pick(['ts', 'build', 'test'])] : [],
    workspace: repo ? 'repo' : 'none',
    reads: repo && random.chance(0.2) ? [random.pick(GLOBS)] : [],
    writes: repo && random.chance(0.6) ? [random.pick([...GLOBS, `t${before.length}/**`])] : [],
    uses: random.chance(0.2) ? [random.pick(USES)] : [],
    needs: some(0.2).map(need),
    needsSoft: some(0.1).map(need),
    priority: random.int(0, 5),
    dueMs: random.chance(0.1) ? random.int(10, 5_000) : null,
    timeoutMs: random.chance(0.3) ? random.int(2_000, 20_000) : null,
    retry: { retries: random.int(0, 2), delayMs: random.int(0, 1_000), maxDelayMs: 2_000, jitter: 0.3 },
    allowFailure: random.chance(0.15),
    onLost: random.pick(ON_LOST),
  })
}
