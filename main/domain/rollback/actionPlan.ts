import { roleName, type TaskId, taskId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type Role,
  type TaskKind,
  type TaskSpec,
} from '../project.ts'
import type { TargetSpec, TaskAction } from '../targets/target.ts'
import type { RollbackOrder } from './order.ts'

/** Plans of runs in which nothing but the engine's own hands is at work: no agent, no container, no code. */
const HANDS: Role = {
  name: roleName('Amphitheatre'),
  id: null,
  title: 'The program itself',
  responsibilities: [],
  skills: [],
  tier: null,
  authority: null,
  ownership: [],
  dependencies: [],
  communication: [],
  capacity: null,
  image: null,
}

/** A database may be large: an action has its own time limits on every call it makes. */
const LONG_MS = 12 * 3_600_000

export function actionPlan(
  epic: string,
  title: string,
  content: {
    readonly tasks: readonly TaskSpec[]
    readonly targets: readonly TargetSpec[]
    readonly rollback?: RollbackOrder
  },
): Plan {
  return {
    epic,
    title,
    image: { ref: 'none' },
    limits: { ...DEFAULT_LIMITS, maxRuntimeMs: LONG_MS, stuckAfterMs: LONG_MS },
    roles: [HANDS],
    phases: [{ name: title, mode: 'tasks' }],
    ...content,
  }
}

const KINDS: Readonly<Partial<Record<TaskAction['do'], TaskKind>>> = {
  point: 'backup',
  'test-point': 'check',
  verify: 'check',
}

/** The work of a target's own: after a crash it goes on from its journal, so that lost ones may be tried again. */
export function actionTask(
  id: string,
  title: string,
  action: TaskAction,
  target: string | null,
  needs: readonly TaskId[] = [],
): TaskSpec {
  return {
    id: taskId(id),
    title,
    phase: 0,
    kind: KINDS[action.do] ?? 'work',
    role: HANDS.name,
    skills: [],
    run: '',
    env: {},
    image: null,
    network: 'none',
    workspace: 'none',
    needs: needs.map((task) => ({ task, timeoutMs: null })),
    needsSoft: [],
    reads: [],
    writes: [],
    ...(target === null
      ? {}
      : {
          target,
          uses: [{ kind: 'resource' as const, on: `target:${target}`, mode: 'exclusive' as const }],
        }),
    action,
    priority: 0,
    points: null,
    dueMs: null,
    timeoutMs: LONG_MS,
    retry: DEFAULT_RETRY,
    allowFailure: false,
    onLost: 'retry',
    resources: DEFAULT_RESOURCES,
  }
}
