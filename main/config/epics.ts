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
import type { Source } from './yaml.ts'

/** Epics as the engine wants them: defaults filled in, `count` expanded, sequential lists turned into needs. */

interface Placed {
  readonly task: TaskInput
  readonly path: Path
  readonly phase: number
  /** The task before it in a sequential list. */
  readonly previous: string | undefined
}

/** Expects an epic that has passed every check. */
export function buildEpic(id: string, input: EpicInput, source: Source, policies: readonly LockRule[]): Epic {
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
    phases: input.phases.map((phase): Phase => ({ name: phase.name, mode: modeOf(phase) })),
    tasks: placed.flatMap((one) => buildTasks(one, counts, source, policies)),
  }
}

function modeOf(phase: EpicInput['phases'][number]): Phase['mode'] {
  return PHASE_MODES.find((mode) => phase[mode] !== undefined) ?? 'tasks'
}

function buildTasks(
  placed: Placed,
  counts: ReadonlyMap<string, number | undefined>,
  source: Source,
  policies: readonly LockRule[],
): readonly TaskSpec[] {
  const { task, previous } = placed
  const before: readonly NeedInput[] = previous === undefined ? [] : [previous]
  const needs = expandNeeds([...(task.needs ?? []), ...before], counts)
  const spec = buildTask(placed, needs, expandNeeds(task.needs_soft ?? [], counts), source, policies)
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
  source: Source,
  policies: readonly LockRule[],
): TaskSpec {
  const { kind = 'work', reads = [], writes = [] } = task
  const ports = (task.uses ?? []).flatMap((use) => portName(use) ?? [])
  return {
    id: taskId(task.id),
    title: task.title ?? task.id,
    phase,
    kind,
    role: task.agent === undefined ? null : roleName(task.agent),
    skills: task.skills ?? [],
    run: task.run,
    env: buildEnv(task.env ?? {}, [...path, 'env'], source),
    image: task.image ?? null,
    network: task.network ?? 'run',
    workspace: task.workspace ?? 'repo',
    needs,
    needsSoft,
    reads,
    writes,
    uses: usesUnder(policies, { kind, reads, writes, uses: buildUses(task.uses ?? []) }),
    ...(ports.length === 0 ? {} : { ports }),
    priority: task.priority ?? 3,
    points: task.points ?? null,
    dueMs: task.due ?? null,
    timeoutMs: task.timeout ?? null,
    retry: buildRetry(task.retry),
    allowFailure: task.allow_failure ?? false,
    onLost: task.on_lost ?? 'ask',
    resources: buildResources(task.resources),
  }
}

/** Numbers as they are written: `VERSION: 1.10` is `1.10`, not `1.1`. */
function buildEnv(
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
