import type { AttemptId, TaskId } from '../../domain/ids.ts'
import type { MergeCheckSpec } from '../../domain/merging/mergePolicy.ts'
import type { Run } from '../../domain/state.ts'
import { assertSpace, diskNote } from '../diskSpace.ts'
import { forgetImages, resolveImage } from '../images.ts'
import { outputTail } from '../outputTail.ts'
import {
  type AgentExit,
  type AgentObservation,
  type AgentSpec,
  ALREADY_STARTED_EXIT,
  type Runner,
  RunnerError,
} from '../ports/runner.ts'
import type { CutRequest } from '../ports/workspaces.ts'
import { runnerOf, scopeOf, type World } from '../world.ts'

/** A command that judges code, in a container of its own like any agent's: before a merge, or for a gate. */
export interface CheckCommand {
  readonly run: Run
  /** Found again by this after a crash. */
  readonly id: AttemptId
  /** What such commands go by where tasks have their id. */
  readonly task: TaskId
  readonly spec: MergeCheckSpec
  readonly code: Pick<CutRequest, 'base' | 'from' | 'artifacts'>
  /** Does anybody still want to know? */
  readonly isWanted: () => boolean
  /** Aborted when nobody does, and when the engine is closed. */
  readonly signal: AbortSignal
  /** It may have been begun before. */
  readonly again: boolean
}

export interface CheckEnd {
  /** `lost`: nobody knows how it would have ended. */
  readonly result: 'passed' | 'failed' | 'lost'
  /** How it failed, with the end of its output; empty when it passed. */
  readonly detail: string
}

const LOST: CheckEnd = { result: 'lost', detail: 'it is gone and nobody saw how it ended' }

/** Undefined when it was called off. */
export async function checkCommand(world: World, command: CheckCommand): Promise<CheckEnd | undefined> {
  const { run, id } = command
  const runner = runnerOf(world, run)
  const found = await foundOrStarted(world, runner, command)
  if (found === undefined) return LOST
  if (!command.isWanted()) {
    await runner.remove(id)
    return undefined
  }
  world.takeOutput(run, id)
  const exit = found.exit ?? (await untilOver(world, runner, command, found))
  if (exit === 'off') return undefined
  if (exit === undefined || (await startedTwice(world, run, id, exit))) return LOST
  await world.outputStored(run, id)
  return verdict(world, command, exit, found.startedAt ?? exit.finishedAt)
}

async function startedTwice(world: World, run: Run, id: AttemptId, exit: AgentExit): Promise<boolean> {
  return exit.code === ALREADY_STARTED_EXIT && (await world.files.wasStartedAgain(run.project, id))
}

/** Undefined when it was started before and is not there any more. */
async function foundOrStarted(
  world: World,
  runner: Runner,
  command: CheckCommand,
): Promise<AgentObservation | undefined> {
  const { run, id, again } = command
  if (again) {
    const found = await runner.find(id)
    if (found !== undefined && found.status !== 'created') return found
    if (found === undefined && (await world.files.wasStarted(run.project, id))) return undefined
  }
  await assertSpace(world)
  const spec = await specOf(world, runner, command)
  try {
    return await runner.start(spec)
  } catch (error) {
    forgetImages(runner)
    throw error
  }
}

async function specOf(
  world: World,
  runner: Runner,
  { run, id, task, spec, code }: CheckCommand,
): Promise<AgentSpec> {
  const clone = await world.workspaces.cut({ ...scopeOf(run), attempt: id, ...code })
  if (clone.status === 'conflict')
    throw new Error(`what it is about does not fit together: ${clone.files.join()}`)
  const image = await resolveImage(runner, spec.image ?? run.plan.image, run.root, world.log)
  if (spec.network !== 'none') await runner.prepareRun(scopeOf(run))
  return {
    project: run.project,
    run: run.id,
    attempt: id,
    task,
    agent: id.slice(id.indexOf('/') + 1),
    image,
    command: spec.run,
    env: {},
    workspace: clone.path,
    readOnly: [],
    readOnlyMounts: clone.readOnlyMounts,
    exchange: await world.files.prepareExchange(run.project, id),
    network: spec.network,
    resources: { cpus: null, memoryBytes: null, pids: null },
    tty: null,
    door: null,
  }
}

/** `off` when it is not wanted any more; undefined when it is gone. Stops it when its time is up. */
async function untilOver(
  world: World,
  runner: Runner,
  { run, id, spec, signal }: CheckCommand,
  found: AgentObservation,
): Promise<AgentExit | 'off' | undefined> {
  const { timeoutMs } = spec
  const started = found.startedAt ?? world.wall()
  const over = runner.wait(id, signal).catch((error: unknown) => {
    if (error instanceof RunnerError && error.kind === 'refused') return undefined
    throw error
  })
  let cancel = (): void => undefined
  const late = new Promise<'late'>((resolve) => {
    const ms = Math.max(0, started + timeoutMs - world.wall())
    cancel = world.scheduling.after(ms, () => resolve('late'))
  })
  const off = new Promise<'off'>((resolve) => {
    if (signal.aborted) resolve('off')
    signal.addEventListener('abort', () => resolve('off'), { once: true })
  })
  try {
    const first = await Promise.race([over, late, off])
    if (first !== 'late') return first === undefined ? await unlessThere(runner, id) : first
    await runner.stop(id, run.plan.limits.stopGraceMs)
    return await Promise.race([over, off])
  } finally {
    cancel()
    // Called off or refused, it answers nobody.
    over.catch(() => undefined)
  }
}

/** A runner that refuses to wait for what is there is asked again. */
async function unlessThere(runner: Runner, id: AttemptId): Promise<undefined> {
  if ((await runner.find(id)) === undefined) return undefined
  throw new RunnerError('unavailable', `${id} cannot be waited for`, 'It is tried again.')
}

/** Ended from outside: a kill, or a machine that went down. By itself no command ends like that. */
const CUT_OFF = [137, 143, 255]

async function verdict(
  world: World,
  { run, id, spec }: CheckCommand,
  exit: AgentExit,
  startedAt: number,
): Promise<CheckEnd> {
  if (exit.code === 0 && exit.error === null) return { result: 'passed', detail: '' }
  const { timeoutMs } = spec
  const timedOut = exit.finishedAt - startedAt >= timeoutMs
  if (!timedOut && !exit.oomKilled && exit.error === null && CUT_OFF.includes(exit.code))
    return { result: 'lost', detail: `it was ended from outside (exit code ${exit.code})` }
  const how =
    exit.error ??
    (timedOut
      ? `it took longer than its limit of ${Math.round(timeoutMs / 1000)} s`
      : exit.oomKilled
        ? 'it ran out of memory'
        : `it ended with exit code ${exit.code}${await diskNote(world)}`)
  const tail = await outputTail(world.files.output(run.project, id))
  // As `amphi logs` takes it.
  const name = id.slice(run.id.length + 1)
  return { result: 'failed', detail: tail === '' ? `${name}: ${how}` : `${name}: ${how}\n${tail}` }
}
