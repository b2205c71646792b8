import type { GateSpec } from '../../../main/domain/gates/gate.ts'
import type { Lock } from '../../../main/domain/locks/lock.ts'
import type { Plan } from '../../../main/domain/plan.ts'
import { approval, COMMAND, gate, withGates } from '../../../main/domain/testing/gates.ts'
import { type TaskOptions, plan as terse } from '../../../main/domain/testing/plan.ts'
import shipPlan from './ship.json'

/** Plans to look at and to measure with. `ship` is the sample's; the others are made up in size and shape only. */

export const ship = shipPlan as unknown as Plan

const ROLES = [
  'BuildMaster',
  'TestGuardian',
  'DatabaseArchitect',
  'DeployCommander',
  'MonitoringSentinel',
  'BackupKeeper',
]

/** Waves of agents: `sizes[i]` tasks in phase i, each after two of the wave before. */
export function waves(sizes: readonly number[], maxAgents = 30): Plan {
  const lines = sizes.map((size, wave) =>
    Array.from({ length: size }, (_, n) => {
      const before = sizes[wave - 1]
      if (before === undefined) return `w${wave + 1}-${n + 1}`
      return `w${wave + 1}-${n + 1}: w${wave}-${(n % before) + 1} w${wave}-${((n * 7 + 3) % before) + 1}`.replace(
        /(\S+) \1$/,
        '$1',
      )
    }),
  )
  const roles = Object.fromEntries(ROLES.map((name) => [name, {}]))
  const made = terse(lines, { roles, limits: { maxConcurrentAgents: maxAgents } })
  return {
    ...made,
    epic: 'waves',
    title: `${made.tasks.length} agents in ${sizes.length} waves`,
    phases: sizes.map((_, i) => ({
      name: ['Unit', 'Service', 'Integration', 'End to end', 'Gates'][i] ?? `Wave ${i + 1}`,
      mode: 'tasks',
    })),
    tasks: made.tasks.map((task, i) => ({
      ...task,
      role: ROLES[i % ROLES.length] as NonNullable<typeof task.role>,
    })),
  }
}

/** A registry in tiers: who depends on whom, and a coordinator who may message all. */
const REGISTRY: readonly (readonly [name: string, tier: number, dependencies: string])[] = [
  ['context_manager', 1, ''],
  ['infrastructure_architect', 2, 'context_manager'],
  ['security_specialist', 2, 'context_manager infrastructure_architect'],
  ['network_engineer', 2, 'infrastructure_architect'],
  ['backstage_developer', 3, 'api_developer infrastructure_architect'],
  ['api_developer', 3, 'infrastructure_architect'],
  ['kubernetes_specialist', 3, 'infrastructure_architect network_engineer'],
  ['observability_engineer', 4, 'infrastructure_architect kubernetes_specialist'],
  ['cicd_engineer', 4, 'infrastructure_architect'],
  ['cost_optimizer', 4, 'observability_engineer'],
  ['testing_engineer', 5, 'api_developer backstage_developer kubernetes_specialist'],
  ['dx_optimizer', 5, 'backstage_developer api_developer'],
  ['compliance_auditor', 5, 'security_specialist'],
]

/** Names as long as anybody may write them, with and without places to break. */
function long(): Plan {
  const made = waves([4, 5, 3], 4)
  const words = 'Rehearse the pending migrations of the production database against last night’s snapshot '
  const path = `services/${'a-rather-long-folder-name/'.repeat(7)}index.ts`
  return {
    ...made,
    title: words.repeat(3).slice(0, 200),
    phases: made.phases.map((phase) => ({ ...phase, name: `${phase.name} ${words}`.slice(0, 90) })),
    tasks: made.tasks.map((task, i) => ({
      ...task,
      title: i % 2 === 0 ? words.repeat(3).slice(0, 200) : `${task.id}_${'x'.repeat(190)}`,
      writes: [path as never, 'docs/**' as never],
      reads: [path as never],
    })),
  }
}

function registry(): Plan {
  const names = REGISTRY.map(([name]) => name)
  const made = waves([6, 10, 8, 6], 8)
  const roles = REGISTRY.map(([name, tier, dependencies], i) => ({
    ...made.roles[0]!,
    name: name as (typeof made.roles)[number]['name'],
    title: name.replaceAll('_', ' '),
    tier,
    capacity: 2,
    dependencies: dependencies.split(' ').filter((of) => of !== '') as never,
    communication: (i === 0 ? names.slice(1) : []) as never,
  }))
  const tasks = made.tasks.map((task, i) => ({ ...task, role: roles[(i * 5) % roles.length]!.name }))
  return { ...made, title: 'Platform', roles, tasks }
}

/** A team that has much to say to each other. */
function team(): Plan {
  const names = ['schema', 'migration', 'api', 'web', 'security', 'tests', 'docs', 'deploy']
  const roles = Object.fromEntries(ROLES.map((name) => [name, {}]))
  const limits = { maxConcurrentAgents: 10, maxRuntimeMs: 6 * 3_600_000 }
  const made = terse([names, ['release: deploy']], { roles, limits })
  const tasks = made.tasks.map((task, i) => ({
    ...task,
    role: ROLES[i % ROLES.length] as NonNullable<typeof task.role>,
    run: './work.sh',
  }))
  const phases = [
    { name: 'Build', mode: 'tasks' as const },
    { name: 'Release', mode: 'tasks' as const },
  ]
  return { ...made, epic: 'checkout', title: 'A new checkout', phases, tasks }
}

/** Many on few files: what is held, shared, waited for and asked for at work. */
function contested(): Plan {
  const files = (...writes: string[]): TaskOptions => ({ workspace: 'repo', writes })
  const uses = (on: string, mode: Lock['mode'] = 'exclusive') => ({ kind: 'resource' as const, on, mode })
  const wishes: Readonly<Record<string, TaskOptions>> = {
    'compile-api': files('src/api/**', 'package.json'),
    'compile-web': files('src/web/**'),
    'plan-migration': { ...files('db/migrations/**'), uses: [uses('database_schema')] },
    'read-schema': { workspace: 'repo', reads: ['db/schema.sql'], uses: [uses('env:staging', 'shared')] },
    'check-schema': { workspace: 'repo', reads: ['db/schema.sql'], uses: [uses('env:staging', 'shared')] },
    'serve-preview': { uses: [uses('port:5432'), uses('cache:npm', 'shared')] },
    'update-docs': files('docs/**/*.md', 'README.md'),
    'api-tests': { ...files('src/api/**/*.test.ts', 'package.json'), priority: 1 },
    'api-client': files('src/{api,web}/client/*.ts'),
    'rename-fields': { ...files('src/**/*.ts', 'db/schema.sql'), priority: 4 },
    'apply-migration': { ...files('db/schema.sql'), uses: [uses('database_schema'), uses('env:staging')] },
    'load-test': { uses: [uses('port:5432'), uses('env:staging')], priority: 2 },
    changelog: files('README.md', 'CHANGELOG.md'),
  }
  const roles = Object.fromEntries(ROLES.map((name) => [name, {}]))
  const limits = { maxConcurrentAgents: 20, maxRuntimeMs: 6 * 3_600_000 }
  const made = terse([Object.keys(wishes)], { roles, limits, with: wishes })
  const tasks = made.tasks.map((task, i) => ({
    ...task,
    title: task.id.replaceAll('-', ' '),
    role: ROLES[i % ROLES.length] as NonNullable<typeof task.role>,
  }))
  return {
    ...made,
    epic: 'checkout',
    title: 'A new checkout',
    phases: [{ name: 'Build', mode: 'tasks' }],
    tasks,
  }
}

/** Agents that get into each other's way. */
function clashing(): Plan {
  const files = (...writes: string[]): TaskOptions => ({ workspace: 'repo', writes })
  const wishes: Readonly<Record<string, TaskOptions>> = {
    'agent-1': { ...files('src/hops.py'), priority: 1 },
    'agent-5': { ...files('src/routes/**'), priority: 3 },
    'billing-api': files('src/billing/**'),
    'billing-tests': files('tests/billing/**'),
    'retry-queue': files('src/queue/**'),
    'retry-policy': files('src/retry.py'),
    docs: files('docs/**'),
    'docs-again': files('README.md'),
    release: { workspace: 'repo', writes: ['CHANGELOG.md'] },
  }
  const roles = Object.fromEntries(ROLES.map((name) => [name, {}]))
  const limits = { maxConcurrentAgents: 20, maxRuntimeMs: 6 * 3_600_000 }
  const lines = Object.keys(wishes).map((id) => (id === 'release' ? 'release: agent-1 agent-5' : id))
  const made = terse([lines], { roles, limits, with: wishes })
  const tasks = made.tasks.map((task, i) => ({
    ...task,
    role: ROLES[i % ROLES.length] as NonNullable<typeof task.role>,
  }))
  return { ...made, epic: 'hops', title: 'Fewer hops', phases: [{ name: 'Build', mode: 'tasks' }], tasks }
}

/** A thousand locks, and a hundred agents that wait for some of them. */
function manyLocks(): Plan {
  const ids = Array.from({ length: 400 }, (_, i) => `part-${i + 1}`)
  const last = ids.map((_, i) => i).filter((i) => i >= 300)
  const wishes = Object.fromEntries(
    ids.map((id, i): [string, TaskOptions] => [
      id,
      last.includes(i)
        ? { workspace: 'repo', writes: [`services/s${i % 40}/**`] }
        : {
            workspace: 'repo',
            writes: [1, 2, 3].map((n) => `services/s${i % 40}/part${i}/module${n}/**`),
            uses: [{ kind: 'resource', on: `port:${5_000 + i}`, mode: 'exclusive' }],
          },
    ]),
  )
  const limits = { maxConcurrentAgents: 400, maxRuntimeMs: 6 * 3_600_000 }
  const made = terse([ids], { limits, with: wishes })
  return { ...made, epic: 'parts', title: 'Many parts' }
}

/** A release with gates behind a task, at the end of phases and before the deployment. */
function gated(): Plan {
  const reports = { title: '', reports: ['reports/**/*.xml'] }
  const made = terse(
    [
      ['compile', 'unit-tests', 'package: compile'],
      ['scan', 'notes'],
      ['ship', 'announce: ship'],
    ],
    {
      with: { ship: { kind: 'deploy' }, compile: { workspace: 'repo' } },
      all: { workspace: 'repo' },
    },
  )
  const specs: readonly GateSpec[] = [
    gate('compiles', [{ ...COMMAND, title: 'The types hold' }], { title: 'Compiles' }),
    gate(
      'tests',
      [
        { ...COMMAND, title: 'All tests pass' },
        { ...COMMAND, title: 'Coverage of lines is kept' },
      ],
      {
        title: 'Tests pass',
      },
    ),
    gate('notes', [approval()], { title: 'Documentation complete' }),
    gate('safe', [{ kind: 'sarif', ...reports, failOn: 'high' }, COMMAND], {
      title: 'Nothing dangerous in it',
    }),
    gate('release', [COMMAND, approval(null, 2)], {
      title: 'Fit for release',
      maySkip: { authority: 'CTO', people: null },
    }),
  ]
  const placed = {
    phases: { 0: ['tests'], 1: ['notes'] },
    tasks: { compile: ['compiles'], ship: ['release', 'safe'] },
  }
  const phases = [{ name: 'Build' }, { name: 'Check' }, { name: 'Ship' }].map((one) => ({
    ...one,
    mode: 'tasks' as const,
  }))
  const tasks = made.tasks.map((task, i) => ({
    ...task,
    role: ROLES[i % ROLES.length] as NonNullable<typeof task.role>,
  }))
  const roles = ship.roles
  return withGates({ ...made, roles, epic: 'release', title: 'Release 2.1', phases, tasks }, specs, placed)
}

export interface Scenario {
  readonly plans: readonly Plan[]
  /** Chance that an agent fails. */
  readonly fail: number
  /** Ms an agent works, from and to. */
  readonly work: readonly [number, number]
  /** Bytes of output a second from each agent, in place of words. */
  readonly flood?: number
  /** Agents of the first run talk, hand over, vote and ask. */
  readonly talk?: boolean
  /** Agents at work ask for more locks than their tasks declared. */
  readonly asks?: boolean
  /** Agents of the first run are in each other's way. */
  readonly clashes?: boolean
  /** A target whose second release is bad, its points and incidents. */
  readonly incidents?: boolean
  /** Targets with releases and points, health that is not well, schedules. */
  readonly releases?: boolean
  /** Messages a second between agents at work. */
  readonly chatter?: number
  /** Runs that were over before: so many, the plans in turn. */
  readonly past?: { readonly runs: number; readonly plans: readonly Plan[] }
}

export const SCENARIOS: Readonly<Record<string, () => Scenario>> = {
  empty: () => ({ plans: [], fail: 0, work: [0, 0] }),
  ship: () => ({ plans: [ship], fail: 0, work: [3_000, 20_000] }),
  trouble: () => ({ plans: [waves([6, 8, 4], 8)], fail: 0.35, work: [2_000, 12_000] }),
  flood: () => ({ plans: [waves([4, 2], 4)], fail: 0, work: [60_000, 90_000], flood: 10e6 }),
  hundred: () => ({ plans: [waves([20, 30, 26, 14, 10])], fail: 0.02, work: [4_000, 30_000] }),
  threeHundred: () => ({ plans: [waves([60, 80, 70, 50, 40], 60)], fail: 0.01, work: [4_000, 30_000] }),
  fiveHundred: () => ({ plans: [waves([100, 150, 125, 75, 50], 50)], fail: 0, work: [500, 1_500] }),
  thousand: () => ({ plans: [waves([200, 300, 250, 150, 100], 50)], fail: 0, work: [500, 1_500] }),
  fiveThousand: () => ({ plans: [waves([1_000, 1_500, 1_250, 750, 500], 50)], fail: 0, work: [500, 1_500] }),
  long: () => ({ plans: [long()], fail: 0.3, work: [3_000, 20_000] }),
  registry: () => ({ plans: [registry()], fail: 0.02, work: [3_000, 12_000] }),
  releases: () => ({ plans: [waves([4, 2], 4)], fail: 0, work: [600_000, 900_000], releases: true }),
  gates: () => ({ plans: [gated()], fail: 0, work: [1_000, 3_000] }),
  talk: () => ({ plans: [team()], fail: 0, work: [3_600_000, 7_200_000], talk: true }),
  chatter: () => ({
    plans: [waves([100], 100)],
    fail: 0,
    work: [3_600_000, 7_200_000],
    chatter: 50,
  }),
  locks: () => ({ plans: [contested()], fail: 0, work: [3_600_000, 7_200_000], asks: true }),
  locksMoving: () => ({ plans: [contested()], fail: 0.1, work: [4_000, 20_000], asks: true }),
  conflicts: () => ({ plans: [clashing()], fail: 0, work: [3_600_000, 7_200_000], clashes: true }),
  incidents: () => ({ plans: [], fail: 0, work: [2_000, 6_000], incidents: true }),
  rollbackFails: () => ({ plans: [], fail: 1, work: [2_000, 6_000], incidents: true }),
  manyLocks: () => ({ plans: [manyLocks()], fail: 0, work: [3_600_000, 7_200_000] }),
  several: () => ({
    plans: [ship, waves([4, 6, 3], 4), ship],
    fail: 0.08,
    work: [2_000, 15_000],
    past: { runs: 6, plans: [ship, waves([4, 6, 3], 4)] },
  }),
  history: () => ({
    plans: [ship],
    fail: 0.04,
    work: [3_000, 20_000],
    past: { runs: 40, plans: [ship, ship, waves([4, 6, 3], 4)] },
  }),
}
