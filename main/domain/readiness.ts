import { isPersonal, planQueues } from './delegation.ts'
import { isHeldByGates, letsPass } from './gates/places.ts'
import { type Heap, heapEntries, popHeap, pushHeap } from './heap.ts'
import { type Plan, planIndex } from './plan.ts'
import { isMet, isSettled, type Run, type TaskRecord } from './state.ts'
import { Vec } from './vec.ts'

/**
 * Which tasks may start. A task is ready when its phase is open, its needs are met, and it is CREATED or due for
 * another attempt. A phase opens when the one before has settled and nothing in it failed that was not allowed to.
 */

export function withTask(run: Run, index: number, change: Partial<TaskRecord>): Run {
  return { ...run, tasks: run.tasks.set(index, { ...run.tasks.get(index)!, ...change }) }
}

export function enqueue(run: Run, index: number, time: number): Run {
  const task = run.tasks.get(index)!
  const queue = queueOf(run, index, task)
  const epoch = task.epoch + 1
  const entry = { priority: run.plan.tasks[index]!.priority, order: run.readyOrder, task: index, epoch }
  const ready = run.ready.slice()
  ready[queue] = pushHeap(ready[queue] ?? null, entry)
  return {
    ...run,
    ready,
    readyOrder: run.readyOrder + 1,
    counts: { ...run.counts, ready: run.counts.ready + 1 },
    tasks: run.tasks.set(index, { ...task, epoch, ready: true, readyAt: time }),
  }
}

/** Takes a task out of the ready queue; its entry goes stale and is dropped when it comes to the top. */
export function dequeue(run: Run, index: number): Run {
  const task = run.tasks.get(index)!
  if (!task.ready) return run
  const queue = queueOf(run, index, task)
  const inTurn = task.postponed === undefined ? task : takingItsTurn(task)
  const tasks = run.tasks.set(index, { ...inTurn, epoch: task.epoch + 1, ready: false })
  const ready = run.ready.slice()
  ready[queue] = dropStale({ ...run, tasks }, ready[queue] ?? null)
  return { ...run, ready, tasks, counts: { ...run.counts, ready: run.counts.ready - 1 } }
}

function takingItsTurn({ postponed: _, ...task }: TaskRecord): TaskRecord {
  return task
}

export function dropStale(run: Run, heap: Heap): Heap {
  let top = heap
  while (top !== null && run.tasks.get(top.entry.task)!.epoch !== top.entry.epoch) top = popHeap(top)
  return top
}

/** One empty queue for each of the plan's; without holes, which JSON does not keep. */
export function emptyQueues(plan: Plan): readonly Heap[] {
  return new Array<Heap>(planQueues(plan).own + 1).fill(null)
}

function queueOf(run: Run, index: number, task: TaskRecord): number {
  const queues = planQueues(run.plan)
  return isPersonal(run.plan, index, task) ? queues.own : queues.of[index]!
}

/** After a task got its outcome: frees its dependents and, when it was the last of its phase, opens the next. */
export function settle(run: Run, index: number, time: number): Run {
  let next = run
  if (isMet(run, index)) {
    for (const dependent of planIndex(run.plan).dependents[index]!) {
      const task = next.tasks.get(dependent)!
      const pendingNeeds = task.pendingNeeds - 1
      next = withTask(next, dependent, { pendingNeeds })
      if (canQueue(next, dependent)) next = enqueue(next, dependent, time)
    }
  }
  if (run.plan.tasks[index]!.phase !== run.phase) return next
  const phaseFailed = next.phaseFailed || !isMet(next, index)
  return advance({ ...next, phaseLeft: next.phaseLeft - 1, phaseFailed }, time)
}

function canQueue(run: Run, index: number): boolean {
  const task = run.tasks.get(index)!
  if (task.ready || task.pendingNeeds > 0 || run.plan.tasks[index]!.phase > run.phase) return false
  return task.state === 'CREATED' && !isHeldByGates(run, index)
}

/** All of a phase has settled well, and its gates let pass. */
function isThrough(run: Run, phase: number, state: Pick<Run, 'phaseLeft' | 'phaseFailed'>): boolean {
  return state.phaseLeft === 0 && !state.phaseFailed && letsPass(run, { kind: 'phase', phase })
}

/** A deployment whose gates are asked is not ready until they let it pass. */
export function heldBack(run: Run, index: number): Run {
  const { ready, state } = run.tasks.get(index)!
  if (!ready) return run
  const held = dequeue(run, index)
  const retrying = held.counts.retrying + (state === 'FAILED' ? 1 : 0)
  return { ...held, counts: { ...held.counts, retrying } }
}

/** A gate has let pass what stood before it: the next phase, or a deployment. */
export function letThrough(run: Run, id: string, time: number): Run {
  const { at } = run.gates!.records.find((record) => record.id === id)!
  if (at.kind === 'phase') return at.phase === run.phase ? advance(run, time) : run
  if (at.kind !== 'deploy') return run
  if (canQueue(run, at.task)) return enqueue(run, at.task, time)
  return isDue(run, at.task, time) ? enqueueRetry(run, at.task, time) : run
}

/** Opens phases while the one that is open has settled well. */
function advance(run: Run, time: number): Run {
  let next = run
  while (next.phase < next.plan.phases.length && isThrough(next, next.phase, next)) {
    next = openPhase(next, next.phase + 1, time)
  }
  return next
}

function openPhase(run: Run, phase: number, time: number): Run {
  const members = planIndex(run.plan).byPhase[phase] ?? []
  let next: Run = { ...run, phase, phaseOpenedAt: time, ...phaseState(run, phase) }
  for (const i of members) if (canQueue(next, i)) next = enqueue(next, i, time)
  return next
}

/** Opens the first phase of a run; of one made ready again, those after it that have settled well. */
export function openFirstPhase(run: Run, time: number): Run {
  return advance(openPhase(run, 0, time), time)
}

/**
 * Works readiness out anew from the task records: for what people do to a graph (retry, skip, re-run), where
 * tasks that had settled do so no longer. Those that were ready keep their turn. Costs the size of the run.
 */
export function rebuildReadiness(run: Run, time: number): Run {
  const { needs } = planIndex(run.plan)
  const records = [...run.tasks].map((task, i) => ({
    ...task,
    epoch: task.epoch + 1,
    ready: false,
    pendingNeeds: needs[i]!.filter((n) => !isMet(run, n)).length,
  }))
  const waiting = records.filter((task) => task.state === 'FAILED' && task.next !== null)
  const blocked = records.filter((task) => task.state === 'BLOCKED')
  const counts = { ...run.counts, ready: 0, retrying: waiting.length, blocked: blocked.length }
  let next: Run = { ...run, tasks: Vec.from(records), ready: emptyQueues(run.plan), counts }
  next = { ...next, ...openedPhase(next, time) }
  for (const i of inTurn(run)) {
    const task = records[i]!
    if (canQueue(next, i)) next = enqueue(next, i, time)
    else if (isDue(next, i, time)) next = enqueueRetry(next, i, time)
    else continue
    if (run.tasks.get(i)!.ready) next = withTask(next, i, { readyAt: task.readyAt })
  }
  return next
}

function isDue(run: Run, index: number, time: number): boolean {
  const { state, next, ready } = run.tasks.get(index)!
  return state === 'FAILED' && next !== null && next.at <= time && !ready && !isHeldByGates(run, index)
}

/** Every task: first the ready ones in the order they became so, then the others as the plan has them. */
function inTurn(run: Run): readonly number[] {
  const turn = new Map<number, number>()
  for (const heap of run.ready)
    for (const { task, epoch, order } of heapEntries(heap))
      if (run.tasks.get(task)!.epoch === epoch) turn.set(task, order)
  const last = run.readyOrder
  return run.plan.tasks
    .map((_, i) => i)
    .sort((a, b) => (turn.get(a) ?? last) - (turn.get(b) ?? last) || a - b)
}

type PhaseState = Pick<Run, 'phase' | 'phaseOpenedAt' | 'phaseLeft' | 'phaseFailed'>

/** The first phase that has not settled well. One that was open already keeps the time it was opened at. */
function openedPhase(run: Run, time: number): PhaseState {
  for (let phase = 0; ; phase++) {
    const state = phaseState(run, phase)
    if (phase < run.plan.phases.length && isThrough(run, phase, state)) continue
    return { ...state, phase, phaseOpenedAt: phase === run.phase ? run.phaseOpenedAt : time }
  }
}

function phaseState(run: Run, phase: number): Pick<Run, 'phaseLeft' | 'phaseFailed'> {
  const members = planIndex(run.plan).byPhase[phase] ?? []
  const settled = members.filter((i) => isSettled(run.tasks.get(i)!))
  return {
    phaseLeft: members.length - settled.length,
    phaseFailed: settled.some((i) => !isMet(run, i)),
  }
}

/** Puts a FAILED task whose next attempt is due into the ready queue. */
export function enqueueRetry(run: Run, index: number, time: number): Run {
  const counts = { ...run.counts, retrying: run.counts.retrying - 1 }
  return enqueue({ ...run, counts }, index, time)
}
