import { roleName, taskId } from '../domain/ids.ts'
import type { Lock } from '../domain/locks/lock.ts'
import type { LockRule } from '../domain/locks/rules.ts'
import {
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type Epic,
  type Need,
  PHASE_MODES,
  type Phase,
  type Resources,
  type RetryPolicy,
  type TaskSpec,
} from '../domain/project.ts'
import { usesUnder } from './lockPolicies.ts'
import { PORT, portName } from './ports.ts'
import type { Path } from './problems.ts'
import type { EpicInput, NeedInput, TaskInput } from './schema/tasks.ts'
import { actionOf, buildServices, lockOfTarget, needsCode } from './targets.ts'
import type { Source } from './yaml.ts'

/** Epics as the engine wants them: defaults filled in, `count` expanded, sequential lists turned into needs. */

interface Placed {
  readonly task: TaskInput
  readonly path: Path
  readonly phase: number
  /** The task before it in a sequential list. */
  readonly previous: string | undefined
}

/** What tasks are built with. */
export interface Around {
  readonly source: Source
  readonly policies: readonly LockRule[]
}

/** Expects an epic that has passed every check. */
export function buildEpic(id: string, input: EpicInput, around: Around): Epic {
  const placed = input.phases.flatMap((phase, i): readonly Placed[] => {
    const mode = modeOf(phase)
    const tasks = phase[mode] ?? []
    return tasks.map((task, n) => ({
      task,
      path: ['epics', id, 'phases', i, mode, n],
      phase: i,
      previous: mode === 'sequential' ? tasks[n - 1]?.id : undefined,
    }))
  })
  const counts = new Map(placed.map(({ task }) => [task.id, task.count] as const))
  return {
    id,
    title: input.title ?? id,
    phases: input.phases.map(buildPhase),
    tasks: placed.flatMap((one) => buildTasks(one, counts, around)),
  }
}

/** A task that stands by itself, as an epic of that name. */
export function buildLoneTask(id: string, task: TaskInput, path: Path, around: Around): Epic {
  const counts = new Map([[task.id, task.count]])
  return {
    id,
    title: task.title ?? id,
    phases: [{ name: id, mode: 'tasks' }],
    tasks: buildTasks({ task, path, phase: 0, previous: undefined }, counts, around),
  }
}

function buildPhase(phase: EpicInput['phases'][number]): Phase {
  const { name, gates = [] } = phase
  return { name, mode: modeOf(phase), ...(gates.length === 0 ? {} : { gates: [...new Set(gates)] }) }
}

function modeOf(phase: EpicInput['phases'][number]): Phase['mode'] {
  return PHASE_MODES.find((mode) => phase[mode] !== undefined) ?? 'tasks'
}

function buildTasks(
  placed: Placed,
  counts: ReadonlyMap<string, number | undefined>,
  around: Around,
): readonly TaskSpec[] {
  const { task, previous } = placed
  const before: readonly NeedInput[] = previous === undefined ? [] : [previous]
  const needs = expandNeeds([...(task.needs ?? []), ...before], counts)
  const spec = buildTask(placed, needs, expandNeeds(task.needs_soft ?? [], counts), around)
  const { count } = task
  if (count === undefined) return [spec]
  return Array.from({ length: count }, (_, i) => ({
    ...spec,
    id: taskId(`${task.id}-${i + 1}`),
    title: `${spec.title} (${i + 1} of ${count})`,
    env: { ...spec.env, AMPHITHEATRE_INDEX: String(i + 1), AMPHITHEATRE_COUNT: String(count) },
  }))
}

/** A need on a task with `count` is a need on each. The first mention of a task counts. */
function expandNeeds(
  needs: readonly NeedInput[],
  counts: ReadonlyMap<string, number | undefined>,
): readonly Need[] {
  const expanded = new Map<string, Need>()
  for (const need of needs) {
    const { task, timeout } = typeof need === 'string' ? { task: need } : need
    const count = counts.get(task)
    const ids = count === undefined ? [task] : Array.from({ length: count }, (_, i) => `${task}-${i + 1}`)
    for (const id of ids) {
      if (!expanded.has(id)) expanded.set(id, { task: taskId(id), timeoutMs: timeout ?? null })
    }
  }
  return [...expanded.values()]
}

function buildTask(
  { task, path, phase }: Placed,
  needs: readonly Need[],
  needsSoft: readonly Need[],
  { source, policies }: Around,
): TaskSpec {
  const { kind = 'work', reads = [], writes = [], gates = [], target } = task
  const action = actionOf(task)
  const code = action === undefined || needsCode(action)
  const held = target === undefined ? [] : [lockOfTarget(target, action)]
  const uses = [...buildUses(task.uses ?? []), ...held]
  const ports = (task.uses ?? []).flatMap((use) => portName(use) ?? [])
  return {
    id: taskId(task.id),
    title: task.title ?? task.id,
    phase,
    kind,
    role: task.agent === undefined ? null : roleName(task.agent),
    skills: task.skills ?? [],
    run: task.run ?? '',
    env: buildEnv(task.env ?? {}, [...path, 'env'], source),
    image: action?.do === 'deploy' ? null : (task.image ?? null),
    network: task.network ?? 'run',
    workspace: task.workspace ?? (code ? 'repo' : 'none'),
    needs,
    needsSoft,
    reads,
    writes,
    uses: usesUnder(policies, { kind, reads, writes, uses }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(target === undefined ? {} : { target }),
    ...(action === undefined ? {} : { action }),
    ...besideOf(task, path, source),
    ...(gates.length === 0 ? {} : { gates: [...new Set(gates)] }),
    priority: task.priority ?? 3,
    points: task.points ?? null,
    dueMs: task.due ?? null,
    timeoutMs: task.timeout ?? null,
    retry: buildRetry(task.retry),
    allowFailure: task.allow_failure ?? false,
    ...(task.irreversible === undefined ? {} : { irreversible: task.irreversible }),
    onLost: task.on_lost ?? 'ask',
    resources: buildResources(task.resources),
  }
}

function besideOf({ services }: TaskInput, path: Path, source: Source): Pick<TaskSpec, 'services'> {
  if (services === undefined) return {}
  return { services: buildServices(services, (env, at) => buildEnv(env, at, source), path) }
}

/** Numbers as they are written: `VERSION: 1.10` is `1.10`, not `1.1`. */
export function buildEnv(
  env: Readonly<Record<string, string | number | boolean>>,
  path: Path,
  source: Source,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === 'number' ? (source.written([...path, name]) ?? String(value)) : String(value),
    ]),
  )
}

function buildUses(uses: NonNullable<TaskInput['uses']>): readonly Lock[] {
  return uses.flatMap((use): readonly Lock[] => {
    const { resource, shared = false } = typeof use === 'string' ? { resource: use } : use
    if (resource === PORT) return []
    return [{ kind: 'resource', on: resource, mode: shared ? 'shared' : 'exclusive' }]
  })
}

function buildRetry(retry: TaskInput['retry']): RetryPolicy {
  if (retry === undefined) return DEFAULT_RETRY
  if (typeof retry === 'number') return { ...DEFAULT_RETRY, retries: retry }
  const delayMs = retry.delay ?? DEFAULT_RETRY.delayMs
  return {
    retries: retry.retries,
    delayMs,
    maxDelayMs: retry.max_delay ?? Math.max(delayMs, DEFAULT_RETRY.maxDelayMs),
    jitter: retry.jitter ?? DEFAULT_RETRY.jitter,
  }
}

function buildResources(resources: TaskInput['resources']): Resources {
  if (resources === undefined) return DEFAULT_RESOURCES
  return {
    cpus: resources.cpus ?? null,
    memoryBytes: resources.memory ?? null,
    pids: resources.pids ?? null,
  }
}
