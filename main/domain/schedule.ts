import { resolve } from './attention.ts'
import { raiseContested } from './conflicts/contesting.ts'
import { Reordering, type Rival } from './conflicts/reordering.ts'
import { type Busy, freeRole, nextCandidates, planQueues } from './delegation.ts'
import type { Draft } from './draft.ts'
import type { ASSIGN_REASONS } from './events.ts'
import { failForGood } from './failure.ts'
import { askGates, serveGates } from './gates/asking.ts'
import { hasOpenGates, isHeldByGates, letsPass, phaseToAsk } from './gates/places.ts'
import { slotsOf } from './health/slots.ts'
import { before, type HeapEntry, heapEntries, popHeap } from './heap.ts'
import { type ProjectId, parseAttemptId, type RoleName } from './ids.ts'
import { ask } from './locks/asking.ts'
import type { LockTable, Request } from './locks/changes.ts'
import { grantMore } from './locks/decideAgentLocks.ts'
import { choosePorts } from './locks/ports.ts'
import { placing, servable } from './locks/table.ts'
import { declaredBy, holderOf, isOfRun } from './locks/taskLocks.ts'
import { serveQueues } from './merging/decideQueue.ts'
import { planIndex } from './plan.ts'
import { dropStale } from './readiness.ts'
import { scheduleRegistered } from './registered/scheduleRegistered.ts'
import { heldByRule } from './rules/beforeStart.ts'
import { settleRun } from './settle.ts'
import { warnOfFailedNeeds } from './softNeeds.ts'
import type { Run, State, TaskRecord } from './state.ts'

/**
 * Gives ready tasks to roles with room until nothing more can start, then closes the runs in which nothing more
 * can happen. Part of every batch, so a task that frees another starts it in the same commit.
 */
export function schedule(draft: Draft): void {
  // Who is taken out of a merge queue gives back its locks: first, so that others have them at once.
  serveQueues(draft)
  serveBegun(draft)
  scheduleRegistered(draft, awakeLocks)
  const order = new Reordering()
  for (const project of activeProjects(draft.state)) {
    for (
      let pick = nextPick(draft.state, project, order);
      pick !== undefined;
      pick = nextPick(draft.state, project, order)
    ) {
      if ('attempt' in pick) unblock(draft, pick)
      else assign(draft, pick)
    }
  }
  order.record(draft)
  serveGates(draft)
  for (const run of draft.state.runs.values()) if (isIdle(draft.state, run)) settleRun(draft, run.id)
}

/** Agents at work that waited for more locks have them as soon as they are free: they need no slot for it. */
function serveBegun(draft: Draft): void {
  for (const project of draft.state.projects.keys()) {
    const next = (): Request | undefined =>
      servable(draft.state.projects.get(project)!.locks).find(({ begun }) => begun)
    for (let request = next(); request !== undefined; request = next()) grantMore(draft, { project }, request)
  }
}

/** Gives a task to a role. Where others hold what it declares, it waits for that in line and without a slot. */
function assign(draft: Draft, { run, task, role }: ReadyPick): void {
  const place = { kind: 'deploy', task } as const
  if (!letsPass(run, place)) {
    askGates(draft, run.id, place)
    if (isHeldByGates(draft.run(run.id), task)) return
    const detail = 'its gates did not let it pass'
    failForGood(draft, run.id, task, { cause: 'failed', detail, code: null })
    return
  }
  const held = heldByRule(run, task)
  if (held !== undefined) {
    failForGood(draft, run.id, task, { cause: 'failed', detail: held.reason, code: null })
    return
  }
  const record = run.tasks.get(task)!
  const reason = assignReason(record)
  const attempt = record.attempts + 1
  const count = run.plan.tasks[task]!.ports?.length ?? 0
  const ports = [...choosePorts(locksOf(draft.state, run), run.plan.ports, count)]
  const leased = ports.length === 0 ? {} : { ports }
  draft.emitRun(run.id, { type: 'task.assigned', task, attempt, role, reason, ...leased })
  const request = declaredBy(draft.run(run.id), task, attempt, draft.now)
  if (request.locks.length > 0) {
    const answer = ask(awakeLocks(draft.state, run.project), request)
    if (answer.type === 'free') grantMore(draft, run, request)
    else {
      const { holder, locks, priority, begun } = request
      const behind = answer.type === 'waits' ? [...answer.behind] : []
      const { place, overtakes } = placing(locksOf(draft.state, run), request)
      draft.emit(ofProject(run), {
        type: 'locks.asked',
        holder,
        locks: [...locks],
        priority,
        begun,
        place,
        overtakes: [...overtakes],
      })
      draft.emitRun(run.id, { type: 'agent.blocked', task, attempt, behind })
      raiseContested(draft, run, request)
    }
  }
  for (const item of run.attention)
    if (item.task === task && item.kind === 'need-late') resolve(draft, run.id, item.id, 'over')
  warnOfFailedNeeds(draft, run.id, task)
}

/** Locks are the project's: one run's events alone are not enough to know them. */
function ofProject(run: Run): { readonly project: ProjectId; readonly run: null } {
  return { project: run.project, run: null }
}

function locksOf(state: State, run: Run): LockTable {
  return state.projects.get(run.project)!.locks
}

function unblock(draft: Draft, { run, task, attempt }: BlockedPick): void {
  grantMore(draft, run, declaredBy(run, task, attempt, draft.now))
  draft.emitRun(run.id, { type: 'agent.unblocked', task, attempt })
}

function activeProjects(state: State): Set<ProjectId> {
  const projects = new Set<ProjectId>()
  for (const run of state.runs.values())
    if (run.status === 'running' && run.counts.ready > 0) projects.add(run.project)
  for (const { id, locks } of state.projects.values())
    if (locks.waiters.some(({ begun }) => !begun)) projects.add(id)
  return projects
}

/** Entries of one queue that are looked at for one that clashes with nobody. */
const MOST_LOOKED = 32

interface ReadyPick {
  readonly run: Run
  readonly task: number
  readonly role: RoleName
  readonly entry: HeapEntry
  /** Who it probably clashes with; undefined for one that takes its turn. */
  readonly rival: Rival | undefined
}

/** One that was assigned and waited for its locks, which are free now. */
interface BlockedPick {
  readonly run: Run
  readonly task: number
  readonly attempt: number
  readonly priority: number
}

/** The most urgent of a project that can go on; of equally urgent ones the one that waits for locks, then the earlier. */
function nextPick(state: State, project: ProjectId, order: Reordering): ReadyPick | BlockedPick | undefined {
  const runs = [...state.runs.values()].filter((run) => run.project === project)
  const active = runs.reduce((sum, run) => sum + run.counts.active, 0)
  const behind: ReadyPick[] = []
  let best: ReadyPick | undefined
  for (const run of runs) {
    if (run.status !== 'running' || run.paused || run.counts.ready === 0) continue
    if (active >= slotsOf(state, run)) continue
    const rivalOf = (task: number): Rival | undefined => order.rival(state, run, task)
    const pick = bestOf(run, busyFor(run, runs), rivalOf, behind)
    if (pick !== undefined && (best === undefined || goesFirst(pick, best))) best = pick
  }
  const blocked = bestBlocked(state, project, runs, active)
  if (blocked !== undefined && blocked.priority <= (best?.entry.priority ?? Number.POSITIVE_INFINITY))
    return blocked
  // Whose turn it was, had it not been for its rival.
  for (const { run, entry, rival } of behind)
    if (best !== undefined && best.rival === undefined && isBefore(runs, { run, entry }, best))
      order.pass(run, entry, rival!)
  // In a moment it begins with the other's work.
  return best?.rival?.isEnding === true ? undefined : best
}

/** The more urgent; of equally urgent ones who probably clashes with nobody; then the earlier, within one run. */
function goesFirst(one: ReadyPick, other: ReadyPick): boolean {
  if (one.entry.priority !== other.entry.priority) return one.entry.priority < other.entry.priority
  if ((one.rival === undefined) !== (other.rival === undefined)) return one.rival === undefined
  return one.run === other.run && one.entry.order < other.entry.order
}

/** By priority, run and turn alone. */
function isBefore(runs: readonly Run[], one: Pick<ReadyPick, 'run' | 'entry'>, other: ReadyPick): boolean {
  if (one.entry.priority !== other.entry.priority || one.run === other.run)
    return before(one.entry, other.entry)
  return runs.indexOf(one.run) < runs.indexOf(other.run)
}

function bestBlocked(
  state: State,
  project: ProjectId,
  runs: readonly Run[],
  active: number,
): BlockedPick | undefined {
  let best: BlockedPick | undefined
  for (const { holder, priority } of servable(awakeLocks(state, project))) {
    if (best !== undefined && priority >= best.priority) continue
    const run = runs.find(({ id }) => isOfRun(holder, id))
    if (run === undefined || run.status !== 'running') continue
    if (active >= slotsOf(state, run)) continue
    const waiting = blockedAttempt(run, holder)
    if (waiting === undefined) continue
    if (freeRole(run.plan, busyFor(run, runs), [waiting.role]) === undefined) continue
    best = { run, task: waiting.task, attempt: waiting.attempt, priority }
  }
  return best
}

function blockedAttempt(
  run: Run,
  holder: string,
): { readonly task: number; readonly attempt: number; readonly role: RoleName } | undefined {
  const task = planIndex(run.plan).byId.get(parseAttemptId(holder)!.task)
  const attempt = task === undefined ? null : run.tasks.get(task)!.current
  if (attempt?.state !== 'BLOCKED' || holderOf(run, task!, attempt.n) !== holder) return undefined
  return { task: task!, attempt: attempt.n, role: attempt.role }
}

/** Without those that wait in a run that is held up: who holds nothing is in nobody's way. */
function awakeLocks(state: State, project: ProjectId): LockTable {
  const { locks } = state.projects.get(project)!
  const asleep = [...state.runs.values()].filter(
    (run) => run.project === project && (run.paused || run.status !== 'running'),
  )
  const isAwake = ({ holder, begun }: LockTable['waiters'][number]): boolean =>
    begun || !asleep.some(({ id }) => isOfRun(holder, id))
  return locks.waiters.every(isAwake) ? locks : { ...locks, waiters: locks.waiters.filter(isAwake) }
}

/** Those it puts behind others are added to `behind`. */
function bestOf(
  run: Run,
  busy: Busy,
  rivalOf: (task: number) => Rival | undefined,
  behind: ReadyPick[],
): ReadyPick | undefined {
  const { candidates, own } = planQueues(run.plan)
  let best: ReadyPick | undefined
  const consider = (entry: HeapEntry, role: RoleName): boolean => {
    const pick = { run, task: entry.task, role, entry, rival: rivalOf(entry.task) }
    if (pick.rival !== undefined) behind.push(pick)
    if (best === undefined || goesFirst(pick, best)) best = pick
    return pick.rival !== undefined
  }
  for (let queue = 0; queue < own; queue++) {
    let top = dropStale(run, run.ready[queue] ?? null)
    const role = top === null ? undefined : freeRole(run.plan, busy, candidates[queue]!)
    if (role === undefined) continue
    const { priority } = top!.entry
    for (let looked = 0; looked < MOST_LOOKED && top?.entry.priority === priority; looked++)
      top = consider(top.entry, role) ? dropStale(run, popHeap(top)) : null
  }
  // Each of these has candidates of its own, so the first must not hold up the rest. They are few.
  for (const entry of heapEntries(run.ready[own] ?? null)) {
    const task = run.tasks.get(entry.task)!
    if (task.epoch !== entry.epoch) continue
    const role = freeRole(run.plan, busy, nextCandidates(run.plan, entry.task, task))
    if (role !== undefined) consider(entry, role)
  }
  return best
}

/** What a project's roles are busy with in all its live runs, as `run` numbers them: capacity is the role's, not the run's. */
function busyFor(run: Run, runs: readonly Run[]): Busy {
  const others = runs.filter((other) => other !== run && other.counts.active > 0)
  if (others.length === 0) return run.busy
  return run.plan.roles.map(({ name }, i) => {
    const elsewhere = others.map((other) => other.busy[planIndex(other.plan).roleIndex.get(name) ?? -1] ?? 0)
    return elsewhere.reduce((sum, count) => sum + count, run.busy[i]!)
  })
}

function assignReason(task: TaskRecord): (typeof ASSIGN_REASONS)[number] {
  if (task.next?.by === 'other') return 'other-agent'
  if (task.next === null) return task.onTip ? 'person' : 'first'
  return task.tries === 0 ? 'person' : 'retry'
}

/** Nothing of the run is under way, due or waiting for locks or a person. */
function isIdle(state: State, run: Run): boolean {
  const { ready, active, retrying, blocked } = run.counts
  if (run.mergeQueue !== undefined && run.mergeQueue.entries.length > 0) return false
  if (hasOpenGates(run)) return false
  if (run.status === 'stopping') return active === 0
  if (run.status !== 'running') return false
  if (ready + active + retrying + blocked > 0 || phaseToAsk(run) !== undefined) return false
  return !state.projects.get(run.project)!.locks.waiters.some(({ holder }) => isOfRun(holder, run.id))
}
