import type { RoleName } from '../../../../main/domain/ids.ts'
import type { Role } from '../../../../main/domain/project.ts'
import { isSettled, type Run, type TaskRecord } from '../../../../main/domain/state.ts'
import { type Mark, taskStatus, type Why } from '../../../../main/domain/status.ts'
import { isAsking } from '../../state/asking.ts'

/** What a role does now, over all its agents. */
export type Activity =
  /** So many attempts are at work. */
  | { readonly kind: 'busy'; readonly agents: number }
  /** At work on a check, by a role that is there to watch. */
  | { readonly kind: 'monitoring' }
  /** Nothing runs; the first of its tasks waits for this. Null where there is no word for it. */
  | { readonly kind: 'waiting'; readonly why: Why | null; readonly needsPerson: boolean }
  /** All there is to do begins at a time that is set, engine time, ms. */
  | { readonly kind: 'scheduled'; readonly at: number }
  | { readonly kind: 'idle' }

export interface RoleStatus {
  /** Null: tasks that go to whoever has the skill, before anyone has taken them. */
  readonly role: RoleName | null
  readonly activity: Activity
  readonly mark: Mark
  /** Indices in the plan, those at work or that need somebody first, then waiting, then ended. */
  readonly tasks: readonly number[]
  readonly done: number
  /** What it worked on last, or works on; undefined before its first. */
  readonly last: number | undefined
}

const known = new WeakMap<Run, readonly RoleStatus[]>()

/** The roles of a run, those that need somebody first, then at work, waiting, idle; worked out once for each state. */
export function roleStatuses(run: Run): readonly RoleStatus[] {
  const before = known.get(run)
  if (before !== undefined) return before
  const tasks = new Map<RoleName | null, number[]>(run.plan.roles.map((role) => [role.name, []]))
  for (let index = 0; index < run.tasks.length; index++) {
    const role = roleOf(run, index)
    const list = tasks.get(role)
    if (list === undefined) tasks.set(role, [index])
    else list.push(index)
  }
  const all = [...tasks].map(([role, indices]) => statusOf(run, role, indices))
  const made = all.sort((a, b) => urgency(a) - urgency(b))
  known.set(run, made)
  return made
}

/** Who has the task: the agent at it, else the last one, else the one the plan names. */
export function roleOf(run: Run, index: number): RoleName | null {
  const task = run.tasks.get(index)!
  return task.current?.role ?? task.past.at(-1)?.role ?? run.plan.tasks[index]!.role
}

export const GROUPS = ['needs-you', 'work', 'waiting', 'ended'] as const
export type Group = (typeof GROUPS)[number]

export function groupOf(run: Run, index: number): Group {
  const task = run.tasks.get(index)!
  if (asked(run).has(index)) return 'needs-you'
  if (isSettled(task)) return 'ended'
  if (task.current === null) return task.state === 'BLOCKED' ? 'needs-you' : 'waiting'
  const { mark } = taskStatus(run, index, 0)
  return mark === 'needs-you' || mark === 'conflict' ? 'needs-you' : 'work'
}

const askedIn = new WeakMap<Run['attention'], ReadonlySet<number | null>>()

/** Tasks with a question that waits for a person; a failed one may still be tried again. */
function asked({ attention }: Run): ReadonlySet<number | null> {
  const before = askedIn.get(attention)
  if (before !== undefined) return before
  const made = new Set(attention.filter(isAsking).map((item) => item.task))
  askedIn.set(attention, made)
  return made
}

/** In the order of the groups; in each: longest at work, next in the plan, ended last. */
export function inOrder(run: Run, tasks: readonly number[]): readonly number[] {
  const keyed = tasks.map((index) => {
    const task = run.tasks.get(index)!
    const group = groupOf(run, index)
    return { index, rank: GROUPS.indexOf(group), at: timeOf(task, group) }
  })
  return keyed.sort((a, b) => a.rank - b.rank || a.at - b.at || a.index - b.index).map(({ index }) => index)
}

function timeOf(task: TaskRecord, group: Group): number {
  if (group === 'ended') return -(task.past.at(-1)?.endedAt ?? 0)
  if (group === 'work') return task.current?.startedAt ?? Number.MAX_SAFE_INTEGER
  return 0
}

function statusOf(run: Run, role: RoleName | null, indices: readonly number[]): RoleStatus {
  const tasks = inOrder(run, indices)
  const activity = activityOf(run, role, tasks)
  return {
    role,
    activity,
    mark: markOf(run, activity, tasks),
    tasks,
    done: tasks.filter((index) => isSettled(run.tasks.get(index)!)).length,
    last: lastOf(run, tasks),
  }
}

function activityOf(run: Run, role: RoleName | null, tasks: readonly number[]): Activity {
  const running = tasks.filter((index) => isAtWork(run.tasks.get(index)!))
  if (running.length > 0) {
    const watches = isMonitoring(run.plan.roles.find((one) => one.name === role))
    const checks = running.every((index) => run.plan.tasks[index]!.kind === 'check')
    return watches && checks ? { kind: 'monitoring' } : { kind: 'busy', agents: running.length }
  }
  const open = tasks.filter((index) => !isSettled(run.tasks.get(index)!))
  if (open.length === 0 || run.endedAt !== null) return { kind: 'idle' }
  const times = open.map((index) => {
    const { why } = taskStatus(run, index, 0)
    return why?.kind === 'retry' ? why.at : undefined
  })
  if (times.every((at) => at !== undefined)) return { kind: 'scheduled', at: Math.min(...times) }
  const first = firstToGo(run, open)
  const { why, mark } = taskStatus(run, first, 0)
  return { kind: 'waiting', why, needsPerson: mark === 'needs-you' }
}

/** What holds the role up: a question to a person, else what its next task in the plan waits for. */
function firstToGo(run: Run, open: readonly number[]): number {
  const asked = open.find((index) => taskStatus(run, index, 0).mark === 'needs-you')
  const phase = (index: number): number => run.plan.tasks[index]!.phase
  return asked ?? [...open].sort((a, b) => phase(a) - phase(b) || a - b)[0]!
}

function isAtWork({ current }: TaskRecord): boolean {
  return current?.state === 'RUNNING' || current?.state === 'COMPLETING' || current?.state === 'TIMEOUT'
}

/** Says so in its name, its title or its skills. */
export function isMonitoring(role: Pick<Role, 'name' | 'title' | 'skills'> | undefined): boolean {
  if (role === undefined) return false
  return /monitor|observab|alert|prometheus|grafana|telemetry/i.test(
    [role.name, role.title, ...role.skills].join(' '),
  )
}

function markOf(run: Run, activity: Activity, tasks: readonly number[]): Mark {
  if (tasks.some((index) => groupOf(run, index) === 'needs-you')) return 'needs-you'
  if (activity.kind === 'busy' || activity.kind === 'monitoring') return 'running'
  if (activity.kind !== 'idle') return 'waiting'
  if (tasks.some((index) => taskStatus(run, index, 0).mark === 'failed')) return 'failed'
  return tasks.length > 0 && run.tasks.get(tasks[0]!)!.outcome !== null ? 'done' : 'waiting'
}

function lastOf(run: Run, tasks: readonly number[]): number | undefined {
  let last: { readonly index: number; readonly at: number } | undefined
  for (const index of tasks) {
    const { current, past } = run.tasks.get(index)!
    const at = current?.startedAt ?? past.at(-1)?.startedAt ?? undefined
    if (at !== undefined && (last === undefined || at > last.at)) last = { index, at }
  }
  return last?.index
}

function urgency({ mark, activity }: RoleStatus): number {
  if (mark === 'needs-you') return 0
  return { busy: 1, monitoring: 2, waiting: 3, scheduled: 4, idle: 5 }[activity.kind]
}
