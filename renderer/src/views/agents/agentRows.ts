import type { Run } from '../../../../main/domain/state.ts'
import { GROUPS, type Group, groupOf, inOrder, type RoleStatus, roleOf, roleStatuses } from './roleStatus.ts'

/** A line of the list. Agents are tasks: each has at most one agent at a time. */
export type Row =
  | {
      readonly kind: 'group'
      readonly id: string
      readonly group: Group
      readonly count: number
      readonly folded: boolean
    }
  | { readonly kind: 'role'; readonly id: string; readonly status: RoleStatus; readonly folded: boolean }
  | { readonly kind: 'agent'; readonly id: string; readonly index: number }

export type Grouping = 'state' | 'role'

/** What the list shows, top to bottom. Folded heads keep their line; a filter unfolds everything. */
export function agentRows(
  run: Run,
  grouping: Grouping,
  filter: string,
  folded: ReadonlySet<string>,
): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = (index: number): boolean => {
    const { id, title } = run.plan.tasks[index]!
    const text = `${roleOf(run, index) ?? ''} ${id} ${title}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const filtered = words.length > 0
  const shut = filtered ? NONE : folded
  return grouping === 'state' ? byState(run, fits, shut) : byRole(run, fits, shut, filtered)
}

const NONE: ReadonlySet<string> = new Set()

/** Roles of a run with many tasks are folded at first: who is at work stays in sight. */
const MANY = 30

export function foldedAtFirst(run: Run): ReadonlySet<string> {
  if (run.plan.tasks.length <= MANY) return NONE
  return new Set(roleStatuses(run).map(({ role }) => roleId(role)))
}

function roleId(role: string | null): string {
  return `role ${role ?? ''}`
}

function byState(run: Run, fits: (index: number) => boolean, folded: ReadonlySet<string>): readonly Row[] {
  const all = run.plan.tasks.map((_, index) => index).filter(fits)
  const groups = Map.groupBy(inOrder(run, all), (index) => groupOf(run, index))
  return GROUPS.flatMap((group): Row[] => {
    const tasks = groups.get(group) ?? []
    if (tasks.length === 0) return []
    const id = `group ${group}`
    const head: Row = { kind: 'group', id, group, count: tasks.length, folded: folded.has(id) }
    return head.folded ? [head] : [head, ...tasks.map((index) => agentRow(run, index))]
  })
}

function byRole(
  run: Run,
  fits: (index: number) => boolean,
  folded: ReadonlySet<string>,
  filtered: boolean,
): readonly Row[] {
  return roleStatuses(run).flatMap((status): Row[] => {
    const tasks = status.tasks.filter(fits)
    // Roles without a task are idle, and shown unless something is looked for.
    if (tasks.length === 0 && (filtered || status.role === null)) return []
    const id = roleId(status.role)
    const head: Row = { kind: 'role', id, status, folded: folded.has(id) }
    const shown = head.folded ? tasks.filter((index) => isLive(run, index)) : tasks
    return [head, ...shown.map((index) => agentRow(run, index))]
  })
}

/** What a folded role still shows: agents at work, or that need somebody. */
function isLive(run: Run, index: number): boolean {
  const group = groupOf(run, index)
  return group === 'work' || group === 'needs-you'
}

function agentRow(run: Run, index: number): Row {
  return { kind: 'agent', id: run.plan.tasks[index]!.id, index }
}
