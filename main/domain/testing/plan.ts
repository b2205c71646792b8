import { type RoleName, roleName, type TaskId, taskId } from '../ids.ts'
import type { MergePolicy } from '../merging/mergePolicy.ts'
import type { Plan } from '../plan.ts'
import {
  DEFAULT_LIMITS,
  DEFAULT_RESOURCES,
  DEFAULT_RETRY,
  type Limits,
  type Need,
  type RetryPolicy,
  type Role,
  type TaskSpec,
} from '../project.ts'

/** What a test says about a task beyond its needs. `retry` is a number of retries or a part of a policy. */
export type TaskOptions = Partial<Omit<TaskSpec, 'id' | 'role' | 'needsSoft' | 'retry'>> & {
  readonly role?: string | null
  readonly retry?: number | Partial<RetryPolicy>
  /** Soft needs: ids, or ids with a time-out in ms. */
  readonly soft?: Readonly<Record<string, number | null>>
  /** Time-outs of blocking needs, ms, by the id of the need. */
  readonly needTimeouts?: Readonly<Record<string, number>>
}

export type RoleOptions = Partial<Omit<Role, 'name'>>

export interface PlanOptions {
  readonly limits?: Partial<Limits>
  /** `{Builder: {skills: ['ts']}}`; default one role `Worker`, which does every task that names no other. */
  readonly roles?: Readonly<Record<string, RoleOptions>>
  readonly with?: Readonly<Record<string, TaskOptions>>
  /** For all tasks; what `with` says of one wins. */
  readonly all?: TaskOptions
}

const WORKER = roleName('Worker')

/**
 * A plan from a terse description: `plan([['a', 'b: a'], ['c: a b']])` has two phases; `b` needs `a`, `c` needs both.
 * Tasks need no workspace unless `workspace: 'repo'` is said.
 */
export function plan(phases: readonly (readonly string[])[], options: PlanOptions = {}): Plan {
  const roles = Object.entries(options.roles ?? { [WORKER]: {} }).map(([name, role]) => makeRole(name, role))
  const first = roles[0]!.name
  const tasks = phases.flatMap((lines, phase) =>
    lines.map((line) => makeTask(line, phase, first, { ...options.all, ...optionsOf(line, options) })),
  )
  return {
    epic: 'test',
    title: 'Test',
    image: { ref: 'image' },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    roles,
    phases: phases.map((_, i) => ({ name: `P${i}`, mode: 'tasks' as const })),
    tasks,
  }
}

/** One phase with these tasks. */
export function tasks(lines: readonly string[], options: PlanOptions = {}): Plan {
  return plan([lines], options)
}

/** Committed work is checked before it is merged. */
export function mergePolicy(batch: number): MergePolicy {
  return { check: { run: 'test', image: null, network: 'run', timeoutMs: 60_000 }, batch }
}

function optionsOf(line: string, options: PlanOptions): TaskOptions {
  return options.with?.[line.split(':')[0]!.trim()] ?? {}
}

function makeRole(name: string, options: RoleOptions): Role {
  return {
    name: roleName(name),
    id: null,
    title: name,
    responsibilities: [],
    skills: [],
    tier: null,
    authority: null,
    ownership: [],
    dependencies: [],
    communication: [],
    capacity: null,
    image: null,
    ...options,
  }
}

function makeTask(line: string, phase: number, first: RoleName, options: TaskOptions): TaskSpec {
  const [id, needs = ''] = line.split(':').map((part) => part.trim())
  const { soft = {}, needTimeouts = {}, retry = 0, role, ...rest } = options
  const names = needs.split(/\s+/).filter((name) => name !== '')
  return {
    id: taskId(id!),
    title: id!,
    phase,
    kind: 'work',
    role: role === undefined ? first : (role as RoleName | null),
    skills: [],
    run: 'true',
    env: {},
    image: null,
    network: 'run',
    workspace: 'none',
    needs: names.map((name): Need => ({ task: taskId(name), timeoutMs: needTimeouts[name] ?? null })),
    needsSoft: Object.entries(soft).map(([name, timeoutMs]) => ({ task: name as TaskId, timeoutMs })),
    reads: [],
    writes: [],
    uses: [],
    priority: 3,
    points: null,
    dueMs: null,
    timeoutMs: null,
    retry: { ...DEFAULT_RETRY, ...(typeof retry === 'number' ? { retries: retry } : retry) },
    allowFailure: false,
    onLost: 'ask',
    resources: DEFAULT_RESOURCES,
    ...rest,
  }
}
