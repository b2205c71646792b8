import { type Effect, effectAttemptId } from '../domain/effects.ts'
import type { TargetTrend } from '../domain/health/targetLoad.ts'
import { type AttemptId, type ProjectId, parseAttemptId, type TaskId } from '../domain/ids.ts'
import { planIndex } from '../domain/plan.ts'
import type { TaskSpec } from '../domain/project.ts'
import type { Attempt, Run, State } from '../domain/state.ts'
import type { Engine } from './engine.ts'
import type { AgentFiles } from './ports/agentFiles.ts'
import type { DoorOf, Doors } from './ports/doors.ts'
import type { GateReader } from './ports/gateReader.ts'
import { type Runner, RunnerError } from './ports/runner.ts'
import type { TargetAccess } from './ports/targets.ts'
import type { Workspaces } from './ports/workspaces.ts'
import type { Scheduling } from './scheduling.ts'
import type { SignsOfLife } from './signsOfLife.ts'

/** The outside, as effects reach it. */
export interface World {
  readonly engine: Engine
  readonly scheduling: Scheduling
  readonly runners: ReadonlyMap<string, Runner>
  readonly workspaces: Workspaces
  readonly files: AgentFiles
  /** Null where agents have no way to talk back (a simulation). */
  readonly doors: Doors | null
  /** Null where nothing can read reports; then no condition about one passes. */
  readonly gates: GateReader | null
  /** Missing where there are none (a simulation). */
  readonly targets?: TargetAccess
  /** How what is released at a target did lately, as far as this engine looked. */
  readonly trendOf?: (project: ProjectId, target: string) => TargetTrend | undefined
  /** Wall clock, ms since 1970, to be compared with the runners' own times only. */
  readonly wall: () => number
  /** Free space where the data folder lies; null if unknown. */
  readonly freeBytes: () => Promise<number | null>
  readonly log: (line: string) => void
  readonly signs: SignsOfLife
  /** Resolves when all of an attempt's output is on disk, or will never be, or takes too long. */
  readonly outputStored: (run: Run, attempt: AttemptId) => Promise<void>
  /** Begins to take to disk what no watcher takes: the output of what is no attempt at a task. Idempotent. */
  readonly takeOutput: (run: Run, attempt: AttemptId) => void
}

/** Where attempts at tasks with an `action` are carried out, whatever runs the agents of their run. */
export const TARGET_RUNNER = 'target'

/** The runner of one task's attempts; without a task, of the run's agents. */
export function runnerOf(world: World, run: Run, task?: TaskSpec): Runner {
  return runnerNamed(world, runnerKind(run, task))
}

export function runnerKind(run: Run, task?: TaskSpec): string {
  return task?.action === undefined ? run.runner : TARGET_RUNNER
}

export function runnerNamed(world: World, kind: string): Runner {
  const runner = world.runners.get(kind)
  if (runner !== undefined) return runner
  throw new RunnerError(
    'unavailable',
    `the ${kind} runner is not set up here`,
    'Start the program where it is.',
  )
}

/** An attempt in focus: what handlers and watchers need of it, read from one state. */
export interface AttemptView {
  readonly run: Run
  readonly project: ProjectId
  readonly task: number
  readonly spec: TaskSpec
  readonly attempt: Attempt
  readonly id: AttemptId
}

/** Undefined once the attempt is over. */
export function viewAttempt(state: State, effect: Effect): AttemptView | undefined {
  const run = state.runs.get(effect.run)
  if (run === undefined || effect.task === null) return undefined
  const attempt = run.tasks.get(effect.task)?.current
  if (attempt === null || attempt === undefined || attempt.n !== effect.attempt) return undefined
  const spec = run.plan.tasks[effect.task]!
  return { run, project: run.project, task: effect.task, spec, attempt, id: effectAttemptId(state, effect) }
}

/** What the door of an attempt has to know. */
export async function doorOf(world: World, view: AttemptView): Promise<DoorOf> {
  const { run, project, task, attempt, id } = view
  return {
    project,
    run: run.id,
    task,
    attempt: attempt.n,
    id,
    exchange: await world.files.prepareExchange(project, id),
    onHost: !runnerOf(world, run, view.spec).isolated,
  }
}

/** The same for an attempt by its id, which may be one of a merge check. */
export function runnerOfAttempt(world: World, run: Run, attempt: AttemptId): Runner {
  const index = planIndex(run.plan).byId.get(parseAttemptId(attempt)?.task as TaskId)
  return runnerOf(world, run, index === undefined ? undefined : run.plan.tasks[index])
}

export function scopeOf(run: Run): { project: ProjectId; run: Run['id']; root: string } {
  return { project: run.project, run: run.id, root: run.root }
}
