import { heapEntries } from '../heap.ts'
import { planIndex, usesRepo } from '../plan.ts'
import { rebuildReadiness } from '../readiness.ts'
import { holdsSlot, isMet, isSettled, type Run, type State, type TaskRecord } from '../state.ts'
import { AGENT_ARROWS, TASK_ARROWS } from '../states.ts'
import type { Observer } from './driver.ts'
import { checkGates } from './gateInvariants.ts'
import { checkFencing, checkLocks } from './lockInvariants.ts'

/** What has to hold after every event of every history; each throws with what is wrong. */

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== should) throw new Error(`${what} is ${is}, counted anew ${should}`)
}

/** Everything the run counts along, counted from scratch. */
export function checkCounts(run: Run): void {
  const records = [...run.tasks]
  const count = (test: (task: TaskRecord) => boolean): number => records.filter(test).length
  const counts = {
    ready: count((task) => task.ready),
    active: count((task) => holdsSlot(task.current)),
    retrying: count((task) => task.state === 'FAILED' && task.next !== null && !task.ready),
    blocked: count((task) => task.state === 'BLOCKED'),
  }
  const { ready, active, retrying, blocked } = run.counts
  expectEqual({ ready, active, retrying, blocked }, counts, `counts of ${run.id}`)
  const busy = run.plan.roles.map(({ name }) =>
    count((t) => holdsSlot(t.current) && t.current?.role === name),
  )
  expectEqual(run.busy, busy, 'busy roles')
  const { needs, byPhase } = planIndex(run.plan)
  expectEqual(
    records.map((task) => task.pendingNeeds),
    records.map((_, i) => needs[i]!.filter((need) => !isMet(run, need)).length),
    'pending needs',
  )
  expectEqual(
    turns(run).toSorted((a, b) => a - b),
    records.flatMap((task, i) => (task.ready ? [i] : [])),
    'ready queues',
  )
  const members = byPhase[run.phase] ?? []
  expectEqual(run.phaseLeft, members.filter((i) => !isSettled(records[i]!)).length, 'tasks left in the phase')
  expectEqual(
    run.phaseFailed,
    members.some((i) => isSettled(records[i]!) && !isMet(run, i)),
    'phase failed',
  )
}

/** Ready tasks in the order they would be taken at equal priority. */
export function turns(run: Run): readonly number[] {
  return run.ready
    .flatMap((heap) => heapEntries(heap))
    .filter(({ task, epoch }) => run.tasks.get(task)!.epoch === epoch)
    .sort((a, b) => a.order - b.order)
    .map(({ task }) => task)
}

/** Readiness worked out anew is what was kept along. */
function checkRebuild(run: Run, now: number): void {
  // A run that never got its code has not opened its first phase.
  if (usesRepo(run.plan) && run.tip === null) return
  const due = [...run.tasks].some((task) => task.next !== null && !task.ready && task.next.at <= now)
  if (!due) expectEqual(readiness(run), readiness(rebuildReadiness(run, now)), 'readiness')
}

function readiness(run: Run): unknown {
  const { phase, phaseOpenedAt, phaseLeft, phaseFailed, counts, busy } = run
  const tasks = [...run.tasks].map((task) => ({ ...task, epoch: 0 }))
  const { ready, active, retrying, blocked } = counts
  return [
    phase,
    phaseOpenedAt,
    phaseLeft,
    phaseFailed,
    ready,
    active,
    retrying,
    blocked,
    busy,
    turns(run),
    tasks,
  ]
}

/** Never more agents than the project and its roles allow, over all its runs. */
function checkLimits(state: State): void {
  const runs = [...state.runs.values()]
  const active = runs.reduce((sum, run) => sum + run.counts.active, 0)
  const most = Math.max(0, ...runs.map((run) => run.plan.limits.maxConcurrentAgents))
  if (active > most) throw new Error(`${active} agents are at work, ${most} may be`)
  const busy = new Map<string, number>()
  for (const run of runs)
    run.plan.roles.forEach(({ name, capacity }, i) => {
      const sum = (busy.get(name) ?? 0) + run.busy[i]!
      busy.set(name, sum)
      if (capacity !== null && sum > capacity)
        throw new Error(`${name} does ${sum} tasks, ${capacity} at most`)
    })
}

/** A run that is over has nothing under way and asks nothing that cannot be answered any more. */
function checkOver(run: Run): void {
  if (run.endedAt === null) return
  for (const task of run.tasks) {
    if (!isSettled(task) || task.current !== null) throw new Error(`${run.id} is over, a task is not`)
  }
  const open = run.attention.filter(
    ({ kind, about }) =>
      // What is asked about a conversation is taken back after this (talkInvariants.ts).
      about === null && !['task-failed', 'prepare-failed', 'apply-refused'].includes(kind),
  )
  if (open.length > 0) throw new Error(`${run.id} is over and still asks ${open[0]!.id}`)
  if (run.status === 'completed' && run.attention.some(({ kind }) => kind === 'task-failed'))
    throw new Error(`${run.id} is completed and asks about a failure`)
}

/** Only the arrows of the tables, for tasks and agents. `seen` collects the arrows taken. */
export function arrowObserver(seen: Set<string> = new Set()): Observer {
  return (before, event, after) => {
    const [was, is] = [before.runs.get(event.run!), after.runs.get(event.run!)]
    if (was === undefined || is === undefined || was === is) return
    for (let i = 0; i < is.tasks.length; i++) {
      const [from, to] = [was.tasks.get(i)!, is.tasks.get(i)!]
      if (from === to) continue
      taskArrow(from, to, event.type, seen)
      agentArrow(from, to, seen)
    }
  }
}

function taskArrow(from: TaskRecord, to: TaskRecord, event: string, seen: Set<string>): void {
  if (event === 'task.reopened') {
    // Made anew: another record in its place, and only of what was terminal.
    if (to.state !== from.state && (to.state !== 'CREATED' || !['COMPLETED', 'FAILED'].includes(from.state)))
      throw new Error(`${from.state} was made anew as ${to.state}`)
  } else if (from.state !== to.state) {
    if (!TASK_ARROWS[from.state].includes(to.state))
      throw new Error(`${event}: task ${from.state} → ${to.state}`)
    seen.add(`task ${from.state} → ${to.state}`)
  }
}

function agentArrow(from: TaskRecord, to: TaskRecord, seen: Set<string>): void {
  const was = from.current?.state ?? 'REGISTERED'
  const is = to.current?.state ?? (from.current === null ? was : to.past.at(-1)!.state)
  if (was === is) return
  if (!AGENT_ARROWS[was].includes(is)) throw new Error(`agent ${was} → ${is}`)
  seen.add(`agent ${was} → ${is}`)
}

/** All of the above, after each event; the costly comparisons every few events. */
export function everyInvariant(seen: Set<string> = new Set()): Observer {
  const arrows = arrowObserver(seen)
  return (before, event, after) => {
    arrows(before, event, after)
    checkGates(before, event, after)
    checkLocks(after, event)
    const run = after.runs.get(event.run!)
    if (run === undefined) return
    checkCounts(run)
    if (event.type === 'run.settled') checkOver(run)
    if (event.type === 'task.assigned' || event.type === 'agent.unblocked') checkLimits(after)
    checkFencing(after, event)
    if (event.seq % 5 === 0) checkRebuild(run, event.time)
  }
}
