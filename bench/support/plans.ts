import { roleName, taskId } from '../../main/domain/ids.ts'
import type { Plan } from '../../main/domain/plan.ts'
import { DEFAULT_LIMITS, DEFAULT_RESOURCES, DEFAULT_RETRY, type TaskSpec } from '../../main/domain/project.ts'

const ROLE = roleName('Bench')

/** What a benchmark says of a task; everything else is the default. */
export interface BenchTask {
  readonly id: string
  readonly needs?: readonly string[]
  readonly run?: string
  readonly workspace?: 'repo' | 'none'
}

export function benchPlan(
  tasks: readonly BenchTask[],
  options: { readonly slots: number; readonly image?: string },
): Plan {
  return {
    epic: 'bench',
    title: 'Benchmark',
    image: { ref: options.image ?? 'none' },
    limits: { ...DEFAULT_LIMITS, maxConcurrentAgents: options.slots },
    roles: [
      {
        name: ROLE,
        id: null,
        title: 'Benchmark',
        responsibilities: [],
        skills: [],
        tier: null,
        authority: null,
        ownership: [],
        dependencies: [],
        communication: [],
        capacity: null,
        image: null,
      },
    ],
    phases: [{ name: 'All', mode: 'tasks' }],
    tasks: tasks.map(taskSpec),
  }
}

function taskSpec({ id, needs = [], run = 'true', workspace = 'none' }: BenchTask): TaskSpec {
  return {
    id: taskId(id),
    title: id,
    phase: 0,
    kind: 'work',
    role: ROLE,
    skills: [],
    run,
    env: {},
    image: null,
    network: 'none',
    workspace,
    needs: needs.map((need) => ({ task: taskId(need), timeoutMs: null })),
    needsSoft: [],
    reads: [],
    writes: [],
    uses: [],
    priority: 3,
    points: null,
    dueMs: null,
    timeoutMs: null,
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'ask',
    resources: DEFAULT_RESOURCES,
  }
}

export const SHAPES = ['wide', 'layered', 'chain'] as const
export type Shape = (typeof SHAPES)[number]

/**
 * `wide`: nobody waits for anybody. `layered`: layers of 50, each task needs three of the layer before. `chain`: each
 * needs the one before.
 */
export function graph(shape: Shape, size: number): readonly BenchTask[] {
  return Array.from({ length: size }, (_, i) => ({
    id: `t${i}`,
    needs: needsOf(shape, i).map((n) => `t${n}`),
  }))
}

const LAYER = 50

function needsOf(shape: Shape, i: number): readonly number[] {
  switch (shape) {
    case 'wide':
      return []
    case 'chain':
      return i === 0 ? [] : [i - 1]
    case 'layered': {
      const start = (Math.floor(i / LAYER) - 1) * LAYER
      return start < 0 ? [] : [0, 17, 34].map((step) => start + ((i + step) % LAYER))
    }
  }
}
