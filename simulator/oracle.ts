import { evolve } from '../main/domain/evolve.ts'
import { type AttemptId, attemptId, parseAttemptId } from '../main/domain/ids.ts'
import { type Lock, sameLock } from '../main/domain/locks/lock.ts'
import { setsConflict } from '../main/domain/locks/meet.ts'
import { locksOfTask } from '../main/domain/locks/taskLocks.ts'
import { planIndex } from '../main/domain/plan.ts'
import { stateToJson } from '../main/domain/serialise.ts'
import { EMPTY_STATE, isMet, isSettled, type Run, type State } from '../main/domain/state.ts'
import { runRow, taskRow } from '../main/engine/history.ts'
import { RUN } from './plans.ts'
import type { Simulation } from './simulation.ts'
import { mayWrite } from './straying.ts'
import { talkFaults } from './talkOracle.ts'
import { namedCommit } from './world.ts'

/** Everything wrong with how a simulation ended, in words; empty when all promises were kept. */
export function faultsFound(simulation: Simulation): readonly string[] {
  const { world } = simulation
  const state = world.disk.events.reduce(evolve, EMPTY_STATE)
  const run = state.runs.get(RUN)!
  return [
    ...logFaults(simulation, state),
    ...worldFaults(simulation, run),
    ...orderFaults(simulation, run),
    ...lockFaults(simulation, run, state),
    ...strayFaults(simulation, run),
    ...workFaults(simulation, run),
    ...branchFaults(simulation, run),
    ...tableFaults(simulation, run),
    ...talkFaults(simulation, run),
  ]
}

function logFaults({ world, acknowledged, state: live }: Simulation, state: State): readonly string[] {
  const { events } = world.disk
  const found: string[] = []
  events.forEach((event, i) => {
    if (event.seq !== i + 1) found.push(`event ${i + 1} has number ${event.seq}`)
    if (i > 0 && event.time < events[i - 1]!.time) found.push(`time goes back at event ${event.seq}`)
  })
  for (const { id, seq } of acknowledged) {
    if (seq > events.length) found.push(`${id} was acknowledged at ${seq}, the log ends at ${events.length}`)
  }
  if (live !== undefined && JSON.stringify(stateToJson(live)) !== JSON.stringify(stateToJson(state))) {
    found.push('the live state is not the fold of the log')
  }
  return found
}

function worldFaults({ world }: Simulation, run: Run): readonly string[] {
  const found: string[] = []
  for (const [attempt, times] of world.begins) if (times > 1) found.push(`${attempt} began ${times} times`)
  for (const { attempt } of world.containers.values()) found.push(`the container of ${attempt} is left over`)
  for (const network of world.networks) found.push(`the network of ${network} is left over`)
  for (const [key, times] of [...world.commits, ...world.merges, ...world.deliveries]) {
    if (times > 1) found.push(`${key} was done ${times} times`)
  }
  if (world.mostRunning > run.plan.limits.maxConcurrentAgents) {
    found.push(`${world.mostRunning} agents ran at once, the limit is ${run.plan.limits.maxConcurrentAgents}`)
  }
  for (const clone of world.clones) if (!mayKeep(run, clone)) found.push(`the clone of ${clone} is left over`)
  return found
}

/** Whatever happened, no two were ever at work on what only one of them may hold; and in the end nobody holds anything. */
function lockFaults({ world }: Simulation, run: Run, state: State): readonly string[] {
  const found: string[] = []
  const locksOf = (attempt: AttemptId): readonly Lock[] =>
    locksOfTask(run.plan.tasks[planIndex(run.plan).byId.get(parseAttemptId(attempt)!.task)!]!)
  // Locks can be taken from an agent at once; it is being stopped then, and nothing of it is merged.
  const takings = world.disk.events.flatMap(({ data }) =>
    data.type === 'locks.released' && data.why === 'person' ? [data] : [],
  )
  const taken = new Set(takings.map(({ holder }) => holder))
  const isTaken = (holder: string, lock: Lock): boolean =>
    takings.some((one) => one.holder === holder && (one.locks?.some((of) => sameLock(of, lock)) ?? true))
  for (const [attempt, others] of world.together)
    for (const other of others)
      if (
        setsConflict(
          locksOf(attempt),
          locksOf(other).filter((lock) => !isTaken(other, lock)),
        )
      )
        found.push(`${attempt} began while ${other} ran`)
  for (const holder of taken)
    if (world.merges.has(namedCommit(`work ${holder}`))) found.push(`${holder} lost its locks and was merged`)
  const { grants, waiters } = state.projects.get(run.project)!.locks
  for (const { holder } of [...grants, ...waiters])
    found.push(`${holder} is over and is still in the lock table`)
  return found
}

/** Nobody commits what it may not write: it declared it, or was allowed it and holds it. */
function strayFaults({ world }: Simulation, run: Run): readonly string[] {
  const allowed = new Set<string>()
  for (const { data } of world.disk.events)
    if (data.type === 'stray.ruled' && data.verdict === 'allow')
      allowed.add(attemptId(run.id, run.plan.tasks[data.task]!.id, data.attempt))
  return [...world.strayed.keys()].flatMap((attempt) => {
    const spec = run.plan.tasks[planIndex(run.plan).byId.get(parseAttemptId(attempt)!.task)!]!
    if (mayWrite(spec.writes) || allowed.has(attempt)) return []
    return [`${attempt} committed what it may not write`]
  })
}

/** The last clone of a failed task is kept until the run is delivered. */
function mayKeep(run: Run, clone: AttemptId): boolean {
  return run.plan.tasks.some((spec, i) => {
    const task = run.tasks.get(i)!
    return task.state === 'FAILED' && clone === attemptId(run.id, spec.id, task.attempts)
  })
}

/** What completed did really run, to a good end, after what it needs. */
function orderFaults({ world }: Simulation, run: Run): readonly string[] {
  const found: string[] = []
  // What a person skipped, or what was allowed to fail, may be tried again after its dependents went on without it.
  const triedLater = new Set(
    world.disk.events.flatMap(({ data }) =>
      data.type === 'task.skipped' || data.type === 'task.retry-asked' ? [data.task] : [],
    ),
  )
  const began = new Map(world.order.map((attempt, i) => [attempt, i] as const))
  run.plan.tasks.forEach((spec, i) => {
    const task = run.tasks.get(i)!
    if (!isSettled(task)) found.push(`${spec.id} is not settled: ${task.state}`)
    if (task.state !== 'COMPLETED') return
    const attempt = attemptId(run.id, spec.id, task.attempts)
    if (world.exited.get(attempt) !== 0)
      found.push(`${attempt} completed, its command ended with ${world.exited.get(attempt)}`)
    for (const need of planIndex(run.plan).needs[i]!) {
      const needed = run.tasks.get(need)!
      if (!isMet(run, need) && !triedLater.has(need))
        found.push(`${spec.id} completed without ${run.plan.tasks[need]!.id}`)
      if (triedLater.has(need) || needed.state !== 'COMPLETED' || needed.onTip || task.onTip) continue
      const before = began.get(attemptId(run.id, run.plan.tasks[need]!.id, needed.attempts))!
      if (before > began.get(attempt)!) found.push(`${spec.id} began before ${run.plan.tasks[need]!.id}`)
    }
  })
  return found
}

function workFaults({ world }: Simulation, run: Run): readonly string[] {
  const found: string[] = []
  run.plan.tasks.forEach((spec, i) => {
    const task = run.tasks.get(i)!
    if (task.state !== 'COMPLETED' || spec.writes.length === 0 || spec.workspace === 'none') return
    const attempt = attemptId(run.id, spec.id, task.attempts)
    if (world.commits.get(attempt) !== 1) found.push(`${attempt} completed, its work was not committed`)
    if (world.merges.get(task.result!) !== 1) found.push(`${attempt} completed, its work was not merged`)
  })
  return found
}

/**
 * The branch has passed the check wherever it stood, and who was taken out is exactly who does not go with what was
 * there: without it the check passes, with it it fails.
 */
function branchFaults({ world }: Simulation, run: Run): readonly string[] {
  const { branch } = world
  const found = branch.moves
    .filter((contents) => !branch.verdict(contents))
    .map((contents) => `the branch held ${contents.join(', ')}, which does not pass`)
  const merged: AttemptId[] = []
  for (const { data } of world.disk.events) {
    if (data.type !== 'work.merged' && data.type !== 'work.rejected') continue
    const attempt = attemptId(run.id, run.plan.tasks[data.task]!.id, data.attempt)
    if (data.type === 'work.merged') merged.push(attempt)
    else if (!branch.verdict(merged)) found.push(`${attempt} was blamed for ${merged.join(', ')}`)
    else if (branch.verdict([...merged, attempt]))
      found.push(`${attempt} was taken out, but goes with the rest`)
  }
  if (run.plan.merge !== undefined && merged.join() !== branch.tip.join())
    found.push(`the branch holds ${branch.tip.join()}, on record are ${merged.join()}`)
  return found
}

/** The history tables say what the log says. */
function tableFaults({ world }: Simulation, run: Run): readonly string[] {
  const found: string[] = []
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
  if (!same(world.disk.runs.get(RUN), runRow(run)))
    found.push('the row of the run is not the fold of the log')
  run.plan.tasks.forEach((spec, i) => {
    if (!same(world.disk.tasks.get(RUN)?.get(spec.id), taskRow(run, i))) {
      found.push(`the row of ${spec.id} is not the fold of the log`)
    }
  })
  return found
}
