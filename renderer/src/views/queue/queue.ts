import { nextCandidates } from '../../../../main/domain/delegation.ts'
import type { RoleName, RunId } from '../../../../main/domain/ids.ts'
import { isSettled, type Run } from '../../../../main/domain/state.ts'
import { type Mark, type Status, taskStatus } from '../../../../main/domain/status.ts'
import { isAsking } from '../../state/asking.ts'

/** A task that is not settled, or failed with its question still open. */
export interface QueueRow {
  readonly key: string
  readonly run: Run
  readonly index: number
  readonly status: Status
  /** Who does it: one role, or those one of whom will. */
  readonly roles: readonly RoleName[]
  /** Since when it is where it is, engine ms. */
  readonly since: number
  /** Place in the whole queue, from 1; null for what is under way. */
  readonly place: number | null
}

/**
 * Tasks not settled: what is under way, then what a person is asked about, then what is ready as the scheduler takes it,
 * then the rest as it will likely come. `orders` has the likely order of each run (see the forecast).
 */
export function queueOf(
  runs: readonly Run[],
  orders: ReadonlyMap<RunId, readonly number[]>,
  now: number,
): readonly QueueRow[] {
  const underWay: QueueRow[] = []
  const asked: QueueRow[] = []
  const ready: QueueRow[] = []
  const lanes: QueueRow[][] = []
  for (const run of runs) {
    if (run.endedAt !== null) continue
    const lane: QueueRow[] = []
    for (const index of inOrder(run, orders.get(run.id) ?? [])) {
      const row = rowOf(run, index, now)
      const task = run.tasks.get(index)!
      if (task.current !== null) underWay.push(row)
      else if (row.status.mark === 'needs-you' || isSettled(task)) asked.push(row)
      else if (task.ready && !run.paused) ready.push(row)
      else lane.push(row)
    }
    lanes.push(lane)
  }
  const priority = ({ run, index }: QueueRow): number => run.plan.tasks[index]!.priority
  ready.sort((a, b) => priority(a) - priority(b))
  const waiting = [...ready, ...interleaved(lanes)].map((row, i) => ({ ...row, place: i + 1 }))
  return [...underWay.sort((a, b) => a.since - b.since), ...asked, ...waiting]
}

function inOrder(run: Run, order: readonly number[]): readonly number[] {
  const asked = new Set(run.attention.filter(isAsking).map(({ task }) => task))
  const open = run.plan.tasks.map((_, i) => i).filter((i) => !isSettled(run.tasks.get(i)!) || asked.has(i))
  const rank = new Map(order.map((index, i) => [index, i] as const))
  return open.sort((a, b) => (rank.get(a) ?? order.length) - (rank.get(b) ?? order.length) || a - b)
}

function interleaved<T>(lanes: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lanes.map((lane) => lane.length))
  return Array.from({ length: longest }, (_, i) => lanes.flatMap((lane) => lane[i] ?? [])).flat()
}

function rowOf(run: Run, index: number, now: number): QueueRow {
  const task = run.tasks.get(index)!
  const roles = task.current === null ? nextCandidates(run.plan, index, task) : [task.current.role]
  return {
    key: `${run.id}/${run.plan.tasks[index]!.id}`,
    run,
    index,
    status: taskStatus(run, index, now),
    roles,
    since: sinceWhen(run, index),
    place: null,
  }
}

function sinceWhen(run: Run, index: number): number {
  const task = run.tasks.get(index)!
  if (task.current !== null) return task.current.startedAt ?? task.current.assignedAt
  const asked = run.attention.find((item) => item.task === index)
  if ((task.state === 'BLOCKED' || isSettled(task)) && asked !== undefined) return asked.since
  if (task.ready && task.readyAt !== null) return task.readyAt
  return task.past.at(-1)?.endedAt ?? run.startedAt
}

export interface QueueFilter {
  readonly text: string
  readonly marks: ReadonlySet<Mark>
  readonly role: string
}

export function matches(row: QueueRow, { text, marks, role }: QueueFilter): boolean {
  if (marks.size > 0 && !marks.has(row.status.mark)) return false
  if (role !== '' && !row.roles.includes(role as RoleName)) return false
  if (text === '') return true
  const spec = row.run.plan.tasks[row.index]!
  const words = [spec.id, spec.title, ...row.roles, row.run.plan.title].join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.includes(part))
}

export function countRows(rows: readonly QueueRow[]): ReadonlyMap<Mark, number> {
  const counts = new Map<Mark, number>()
  for (const { status } of rows) counts.set(status.mark, (counts.get(status.mark) ?? 0) + 1)
  return counts
}

export function rolesOf(rows: readonly QueueRow[]): readonly RoleName[] {
  return [...new Set(rows.flatMap((row) => row.roles))].sort()
}
