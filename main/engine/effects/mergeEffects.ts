import type { Report } from '../../domain/commands.ts'
import type { AttemptId, CommitId } from '../../domain/ids.ts'
import { placeInGraph } from '../../domain/merging/graphOrder.ts'
import { checkId, MERGE_CHECK, type MergeCheckSpec } from '../../domain/merging/mergePolicy.ts'
import type { MergeCheck } from '../../domain/merging/mergeQueue.ts'
import type { Run } from '../../domain/state.ts'
import { assertSpace, diskNote } from '../diskSpace.ts'
import type { EffectContext } from '../handlers.ts'
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
import type { StackItem } from '../ports/workspaces.ts'
import { runnerOf, scopeOf, type World } from '../world.ts'

type Ended = Extract<Report, { type: 'report.check-ended' }>

/**
 * Puts the first of the queue on the tip, in the hub, and runs the check on a clone of what comes of it: in a container
 * of its own, like any agent. A check under way when the engine died is found by its name and waited for. One that is
 * called off meanwhile is removed, and nothing is reported.
 */
export async function mergeCheck(context: EffectContext): Promise<Report | undefined> {
  const { world, run } = context
  const check = run.mergeQueue!.check!
  const at = { run: run.id, check: check.n }
  const stacked = await world.workspaces.stack({ ...scopeOf(run), items: itemsOf(run, check) })
  if (stacked.status === 'conflict')
    return { type: 'report.check-conflict', ...at, task: check.tasks[stacked.item]!, files: stacked.files }
  const ended = (result: Ended['result'], detail: string): Ended => ({
    type: 'report.check-ended',
    ...at,
    result,
    from: stacked.from,
    to: stacked.to,
    detail,
  })
  if (check.unchecked) return ended('passed', '')
  const off = new AbortController()
  const stop = world.engine.onPublish(() => {
    if (!isWanted(world, run, check)) off.abort()
  })
  try {
    const signal = AbortSignal.any([context.signal, off.signal])
    const result = await runCheck(context, { run, check, commit: stacked.to, signal })
    return result === undefined ? undefined : ended(...result)
  } finally {
    stop()
  }
}

/** Moves the branch to what has passed. */
export async function mergeAdvance({ world, run }: EffectContext): Promise<Report> {
  const check = run.mergeQueue!.check!
  const { from, to } = check.move!
  await world.workspaces.advance({ ...scopeOf(run), items: itemsOf(run, check), from, to })
  return { type: 'report.advanced', run: run.id, check: check.n, tip: to }
}

function itemsOf(run: Run, { tasks }: MergeCheck): readonly StackItem[] {
  return tasks.map((index) => {
    const { id } = run.plan.tasks[index]!
    const { commit, exitedAt } = run.tasks.get(index)!.current!
    return { task: id, commit: commit!, message: `Merge ${id} into run ${run.id}`, time: exitedAt! }
  })
}

function isWanted({ engine }: World, run: Run, check: MergeCheck): boolean {
  const now = engine.state.runs.get(run.id)?.mergeQueue?.check
  return now?.n === check.n && now.move === null
}

interface Checking {
  readonly run: Run
  readonly check: MergeCheck
  readonly commit: CommitId
  readonly signal: AbortSignal
}

type Result = readonly [result: Ended['result'], detail: string]

/** Undefined when it was called off. */
async function runCheck(context: EffectContext, checking: Checking): Promise<Result | undefined> {
  const { world, again } = context
  const { run, check, signal } = checking
  const id = checkId(run.id, check.n)
  const runner = runnerOf(world, run)
  const found = await foundOrStarted(world, runner, checking, again)
  if (found === undefined) return ['lost', 'it is gone and nobody saw how it ended']
  if (!isWanted(world, run, check)) {
    await runner.remove(id)
    return undefined
  }
  world.takeOutput(run, id)
  const exit = found.exit ?? (await untilOver(world, runner, { run, id, found, signal }))
  if (exit === 'off') return undefined
  if (exit === undefined || (await startedTwice(world, run, id, exit)))
    return ['lost', 'it is gone and nobody saw how it ended']
  await world.outputStored(run, id)
  return verdict(world, run, id, exit, found.startedAt ?? exit.finishedAt)
}

async function startedTwice(world: World, run: Run, id: AttemptId, exit: AgentExit): Promise<boolean> {
  return exit.code === ALREADY_STARTED_EXIT && (await world.files.wasStartedAgain(run.project, id))
}

/** Undefined when it was started before and is not there any more. */
async function foundOrStarted(
  world: World,
  runner: Runner,
  checking: Checking,
  again: boolean,
): Promise<AgentObservation | undefined> {
  const { run, check } = checking
  const id = checkId(run.id, check.n)
  if (again) {
    const found = await runner.find(id)
    if (found !== undefined && found.status !== 'created') return found
    if (found === undefined && (await world.files.wasStarted(run.project, id))) return undefined
  }
  await assertSpace(world)
  const spec = await specOf(world, runner, checking, id)
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
  { run, check, commit }: Checking,
  id: AttemptId,
): Promise<AgentSpec> {
  const policy = policyOf(run)
  const clone = await world.workspaces.cut({
    ...scopeOf(run),
    attempt: id,
    base: commit,
    from: [],
    artifacts: artifactsOf(run, check),
  })
  if (clone.status === 'conflict') throw new Error(`one commit conflicts with itself: ${clone.files.join()}`)
  const image = await resolveImage(runner, policy.image ?? run.plan.image, run.root, world.log)
  if (policy.network !== 'none') await runner.prepareRun(scopeOf(run))
  return {
    project: run.project,
    run: run.id,
    attempt: id,
    task: MERGE_CHECK,
    agent: `${MERGE_CHECK}#${check.n}`,
    image,
    command: policy.run,
    env: {},
    workspace: clone.path,
    readOnly: [],
    readOnlyMounts: clone.readOnlyMounts,
    exchange: await world.files.prepareExchange(run.project, id),
    network: policy.network,
    resources: { cpus: null, memoryBytes: null, pids: null },
    tty: null,
    door: null,
  }
}

function policyOf(run: Run): MergeCheckSpec {
  const policy = run.plan.merge?.check
  if (policy === undefined) throw new Error(`run ${run.id} checks nothing before it merges`)
  return policy
}

/** Git-ignored files that tasks handed on, of all that is merged or would be, in graph order. */
function artifactsOf(run: Run, check: MergeCheck): readonly string[] {
  const tasks = run.plan.tasks
    .map((_, i) => i)
    .sort((a, b) => placeInGraph(run.plan, a) - placeInGraph(run.plan, b) || a - b)
  const all = tasks.flatMap((task) => {
    const { artifacts, current } = run.tasks.get(task)!
    return [artifacts, check.tasks.includes(task) ? (current?.artifacts ?? null) : null]
  })
  return [...new Set(all.filter((manifest) => manifest !== null))]
}

interface Waiting {
  readonly run: Run
  readonly id: AttemptId
  readonly found: AgentObservation
  readonly signal: AbortSignal
}

/** `off` when it is not wanted any more; undefined when it is gone. Stops it when its time is up. */
async function untilOver(
  world: World,
  runner: Runner,
  { run, id, found, signal }: Waiting,
): Promise<AgentExit | 'off' | undefined> {
  const { timeoutMs } = policyOf(run)
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
  run: Run,
  id: AttemptId,
  exit: AgentExit,
  startedAt: number,
): Promise<Result> {
  if (exit.code === 0 && exit.error === null) return ['passed', '']
  const { timeoutMs } = policyOf(run)
  const timedOut = exit.finishedAt - startedAt >= timeoutMs
  if (!timedOut && !exit.oomKilled && exit.error === null && CUT_OFF.includes(exit.code))
    return ['lost', `it was ended from outside (exit code ${exit.code})`]
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
  return ['failed', tail === '' ? `${name}: ${how}` : `${name}: ${how}\n${tail}`]
}
