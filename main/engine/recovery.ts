import { attemptId } from '../domain/ids.ts'
import { type Attempt, isBegun, type Run, type State } from '../domain/state.ts'
import { sleep } from './scheduling.ts'
import { runnerKind, runnerNamed, type World } from './world.ts'

/** What became of the agents that were under way when the last engine stopped. */
export interface Recovery {
  /** Run on, and are watched again. */
  readonly running: number
  /** Ended, were lost, or had not begun: what was found out about them is on disk. */
  readonly settled: number
}

const RETRY_MS = 200

export interface Accounting {
  /** Resolves when each runner concerned has been asked once, whatever it answered. Never rejects. */
  readonly asked: Promise<unknown>
  /**
   * Resolves when every agent under way is accounted for: seen to run by its runner, or over on record. While a runner
   * is out of reach nothing is known, and this waits; it never settles once the signal is aborted.
   */
  readonly recovered: Promise<Recovery>
}

/** Looks on while watchers and reactor take up what `before` has under way. */
export function accountForAgents(
  world: World,
  before: State,
  changed: (condition: (state: State) => boolean) => Promise<void>,
  signal: AbortSignal,
): Accounting {
  const open = [...before.runs.values()].flatMap((run) => underWay(run).map((task) => ({ run, task })))
  const kinds = [...new Set(open.map(({ run, task }) => runnerKind(run, run.plan.tasks[task]!)))]
  const first = kinds.map((kind) => livingOf(world, kind))
  const recovered = async (): Promise<Recovery> => {
    const living = new Set<string>()
    for (const [i, kind] of kinds.entries()) {
      for (const attempt of await untilAnswered(world, kind, first[i]!, signal)) living.add(attempt)
    }
    const unseen = open.filter(({ run, task }) => !living.has(idOf(run, task)))
    await changed((state) => unseen.every(({ run, task }) => isSettled(state, run, task)))
    return { running: open.length - unseen.length, settled: unseen.length }
  }
  return { asked: Promise.allSettled(first), recovered: recovered() }
}

/** Attempts that run, as a runner sees it. */
async function livingOf(world: World, kind: string): Promise<readonly string[]> {
  const seen = await runnerNamed(world, kind).list()
  return seen.filter(({ status }) => status !== 'exited').map(({ attempt }) => attempt)
}

async function untilAnswered(
  world: World,
  kind: string,
  first: Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (let asked = first; !signal.aborted; asked = livingOf(world, kind)) {
    try {
      return await asked
    } catch {
      await sleep(world.scheduling, RETRY_MS)
    }
  }
  return new Promise(() => undefined)
}

/** Indices of tasks whose attempt may have a process outside. */
function underWay(run: Run): readonly number[] {
  return run.plan.tasks.map((_, i) => i).filter((i) => mayLive(run.tasks.get(i)!.current))
}

function mayLive(attempt: Attempt | null): boolean {
  return attempt !== null && (isBegun(attempt) || attempt.effects.includes('agent.start'))
}

function idOf(run: Run, task: number): string {
  return attemptId(run.id, run.plan.tasks[task]!.id, run.tasks.get(task)!.current!.n)
}

/** Is the attempt that `run` has current over, or (where it had not begun) under way after all? */
function isSettled(state: State, run: Run, task: number): boolean {
  const was = run.tasks.get(task)!.current!
  const is = state.runs.get(run.id)?.tasks.get(task)?.current ?? null
  if (is?.n !== was.n || !mayLive(is)) return true
  return !isBegun(was) && isBegun(is)
}
