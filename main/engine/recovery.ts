import { attemptId } from '../domain/ids.ts'
import type { Attempt, Run, State } from '../domain/state.ts'
import type { AgentObservation } from './ports/runner.ts'
import { sleep } from './scheduling.ts'
import { runnerOf, type World } from './world.ts'

/** What became of the agents that were under way when the last engine stopped. */
export interface Recovery {
  /** Run on, and are watched again. */
  readonly running: number
  /** Ended, were lost, or had not begun: what was found out about them is on disk. */
  readonly settled: number
}

const RETRY_MS = 200

/**
 * Resolves when every agent that `before` has under way is accounted for: seen to run by its runner, or over on
 * record. While a runner is out of reach nothing is known, and this waits. Looks on only; watchers and reactor act.
 */
export async function accountForAgents(
  world: World,
  before: State,
  changed: (condition: (state: State) => boolean) => Promise<void>,
): Promise<Recovery> {
  const open = [...before.runs.values()].flatMap((run) => underWay(run).map((task) => ({ run, task })))
  if (open.length === 0) return { running: 0, settled: 0 }
  const living = new Set<string>()
  for (const kind of new Set(open.map(({ run }) => run.runner))) {
    const some = open.find(({ run }) => run.runner === kind)!.run
    for (const { attempt, status } of await listed(world, some)) if (status !== 'exited') living.add(attempt)
  }
  const unseen = open.filter(({ run, task }) => !living.has(idOf(run, task)))
  await changed((state) => unseen.every(({ run, task }) => isSettled(state, run, task)))
  return { running: open.length - unseen.length, settled: unseen.length }
}

async function listed(world: World, run: Run): Promise<readonly AgentObservation[]> {
  for (;;) {
    try {
      return await runnerOf(world, run).list()
    } catch {
      await sleep(world.scheduling, RETRY_MS)
    }
  }
}

/** Indices of tasks whose attempt may have a process outside. */
function underWay(run: Run): readonly number[] {
  return run.plan.tasks.map((_, i) => i).filter((i) => mayLive(run.tasks.get(i)!.current))
}

function mayLive(attempt: Attempt | null): boolean {
  return attempt !== null && (hasBegun(attempt) || attempt.effects.includes('agent.start'))
}

function hasBegun({ state }: Attempt): boolean {
  return state === 'RUNNING' || state === 'TIMEOUT'
}

function idOf(run: Run, task: number): string {
  return attemptId(run.id, run.plan.tasks[task]!.id, run.tasks.get(task)!.current!.n)
}

/** Is the attempt that `run` has current over, or (where it had not begun) under way after all? */
function isSettled(state: State, run: Run, task: number): boolean {
  const was = run.tasks.get(task)!.current!
  const is = state.runs.get(run.id)?.tasks.get(task)?.current ?? null
  if (is?.n !== was.n || !mayLive(is)) return true
  return !hasBegun(was) && hasBegun(is)
}
