import { roleName, type TaskId, taskId } from '../../domain/ids.ts'
import type { Plan } from '../../domain/plan.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type Limits,
  type Need,
  type Role,
  type TaskSpec,
} from '../../domain/project.ts'
import type { Random } from './random.ts'

const SKILLS = ['ts', 'sql', 'ops'] as const

/** Any epic that a project file could hold: needs go to earlier tasks of the same or an earlier phase. */
export function randomEpic(random: Random, mostTasks = 12): Plan {
  const phases = random.int(1, 3)
  const count = random.int(1, mostTasks)
  const placed = Array.from({ length: count }, () => random.int(0, phases - 1)).sort((a, b) => a - b)
  const tasks: TaskSpec[] = []
  for (const phase of placed) tasks.push(randomTask(random, tasks, phase))
  for (const [i, task] of tasks.entries()) {
    if (!random.chance(0.15)) continue
    const soft = { task: random.pick(tasks).id, timeoutMs: random.chance(0.5) ? random.int(0, 60_000) : null }
    if (soft.task !== task.id) tasks[i] = { ...task, needsSoft: [soft] }
  }
  return {
    epic: 'any',
    title: 'Any',
    image: { ref: 'image' },
    limits: randomLimits(random),
    roles: ['A', 'B', 'C'].map((name, i) => randomRole(random, name, i)),
    phases: Array.from({ length: phases }, (_, i) => ({ name: `P${i}`, mode: 'tasks' as const })),
    tasks,
  }
}

function randomLimits(random: Random): Limits {
  return {
    ...DEFAULT_LIMITS,
    maxConcurrentAgents: random.chance(0.6) ? random.int(1, 4) : random.int(1, 64),
    maxRuntimeMs: random.pick([30_000, 120_000, 600_000]),
    stuckAfterMs: random.pick([45_000, 300_000]),
    p0EscalateMs: random.pick([10_000, 900_000]),
    stopGraceMs: random.pick([0, 1_000, 10_000]),
  }
}

function randomRole(random: Random, name: string, i: number): Role {
  return {
    name: roleName(name),
    id: null,
    title: name,
    responsibilities: [],
    skills: SKILLS.filter((_, skill) => skill !== i),
    tier: null,
    authority: null,
    ownership: [],
    dependencies: [],
    communication: [],
    capacity: random.chance(0.4) ? random.int(1, 3) : null,
    image: null,
  }
}

function randomTask(random: Random, earlier: readonly TaskSpec[], phase: number): TaskSpec {
  const id = taskId(`t${earlier.length}`)
  const needs = randomNeeds(random, earlier)
  const asksOutputs = needs.length > 0 && random.chance(0.1)
  return {
    id,
    title: id,
    phase,
    kind: random.pick(['work', 'work', 'deploy', 'check']),
    role: random.chance(0.7) ? roleName(random.pick(['A', 'B', 'C'])) : null,
    skills: [random.pick(SKILLS)],
    run: asksOutputs ? `echo \${tasks.${needs[0]!.task}.outputs.made}` : 'true',
    env: {},
    image: null,
    network: random.pick(['none', 'run']),
    workspace: random.chance(0.6) ? 'repo' : 'none',
    needs,
    needsSoft: [],
    reads: [],
    writes: ['**'],
    priority: random.int(0, 5),
    points: null,
    dueMs: random.chance(0.2) ? random.int(0, 300_000) : null,
    timeoutMs: random.chance(0.3) ? random.int(1_000, 90_000) : null,
    retry: { ...DEFAULT_RETRY, retries: random.int(0, 2), delayMs: random.pick([0, 0, 2_000]) },
    allowFailure: random.chance(0.15),
    onLost: random.pick(['ask', 'retry', 'fail']),
    resources: DEFAULT_RESOURCES,
  }
}

function randomNeeds(random: Random, earlier: readonly TaskSpec[]): readonly Need[] {
  const names = new Set<TaskId>()
  if (earlier.length > 0) for (let n = random.int(0, 3); n > 0; n--) names.add(random.pick(earlier).id)
  return [...names].map((task) => ({ task, timeoutMs: random.chance(0.15) ? random.int(0, 60_000) : null }))
}
