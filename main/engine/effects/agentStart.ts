import type { Report } from '../../domain/commands.ts'
import type { TaskId } from '../../domain/ids.ts'
import { agentName } from '../../domain/ids.ts'
import { portVariables } from '../../domain/locks/ports.ts'
import { readOnlyPaths } from '../../domain/locks/readOnlyPaths.ts'
import { planIndex } from '../../domain/plan.ts'
import { type Substituted, substituteOutputs } from '../../domain/substitute.ts'
import { assertSpace } from '../diskSpace.ts'
import { exitReport, lostReport } from '../exitReport.ts'
import type { EffectContext } from '../handlers.ts'
import { forgetImages, resolveImage } from '../images.ts'
import { type AgentObservation, type AgentSpec, type Runner, RunnerError } from '../ports/runner.ts'
import { type AttemptView, doorOf, runnerOf, scopeOf, type World } from '../world.ts'
import { actionSpecOf, attachmentOf, startBeside } from './actionSpec.ts'

/** Terminal size until a viewer says otherwise. */
const TTY = { columns: 120, rows: 32 }

/**
 * Starts an agent at most once. Where it may have been begun before, what is there is adopted; where the start
 * latch is set but nothing is there, the outcome is unknown and says so.
 */
export async function agentStart(context: EffectContext): Promise<Report | undefined> {
  const { world, again } = context
  const view = context.view!
  if (view.attempt.stopping !== null) return neverStarted(context, view)
  const runner = runnerOf(world, view.run, view.spec)
  if (again) {
    const found = await runner.find(view.id)
    if (found !== undefined && found.status !== 'created') return adopt(world, view, found)
    if (found === undefined && (await world.files.wasStarted(view.project, view.id))) return lostReport(view)
  }
  await assertSpace(world)
  const spec = view.spec.action === undefined ? await specOf(world, view) : await actionSpecOf(world, view)
  const started = await startOrForget(runner, spec)
  return adopt(world, view, started, again)
}

async function startOrForget(runner: Runner, spec: AgentSpec): Promise<AgentObservation> {
  try {
    return await runner.start(spec)
  } catch (error) {
    forgetImages(runner)
    throw error
  }
}

/** A stop came first. Whatever a lost request may have made is stopped and removed, never begun. */
async function neverStarted({ world }: EffectContext, view: AttemptView): Promise<Report> {
  const runner = runnerOf(world, view.run, view.spec)
  const found = await runner.find(view.id)
  if (found !== undefined && found.status !== 'created') return adopt(world, view, found)
  await runner.remove(view.id)
  const at = { run: view.run.id, task: view.task, attempt: view.attempt.n }
  return {
    type: 'report.effect-failed',
    effect: 'agent.start',
    ...at,
    error: 'stopped before it started',
    remedy: '',
    permanent: true,
  }
}

async function adopt(
  world: World,
  view: AttemptView,
  found: AgentObservation,
  adopted = true,
): Promise<Report> {
  if (found.status === 'exited') {
    return exitReport(world, view, found.handle, found.exit!)
  }
  // Begun by an engine that died before it could say so: its door is as dead as that engine.
  if (adopted && view.spec.action === undefined) await openDoor(world, view)
  return {
    type: 'report.started',
    run: view.run.id,
    task: view.task,
    attempt: view.attempt.n,
    handle: found.handle,
    adopted,
  }
}

async function specOf(world: World, view: AttemptView): Promise<AgentSpec> {
  const { run, spec, attempt } = view
  const runner = runnerOf(world, run)
  const role = run.plan.roles[planIndex(run.plan).roleIndex.get(attempt.role)!]!
  const substituted = withOutputs(view)
  const image = await resolveImage(runner, spec.image ?? role.image ?? run.plan.image, run.root, world.log)
  if (spec.network !== 'none') await runner.prepareRun(scopeOf(run))
  await startBeside(world, view)
  const attachment = await attachmentOf(world, view)
  return {
    project: run.project,
    run: run.id,
    attempt: view.id,
    task: spec.id,
    agent: agentName(attempt.role, spec.id, attempt.n),
    image,
    command: substituted.command,
    env: {
      ...spec.env,
      ...portVariables(spec, attempt.ports),
      ...substituted.env,
      ...lastFailure(view),
    },
    workspace: attempt.cut?.path ?? null,
    readOnly: readOnlyPaths(spec),
    readOnlyMounts: attempt.cut?.mounts ?? [],
    exchange: await world.files.prepareExchange(run.project, view.id),
    network: spec.network,
    resources: spec.resources,
    tty: TTY,
    door: await openDoor(world, view),
    ...(attachment === undefined ? {} : { attachment }),
  }
}

/**
 * What became of the attempt before, where there was one and it came to nothing; and the commit it had made, which is
 * in the hub and can be read from the clone.
 */
function lastFailure({ run, task }: AttemptView): Readonly<Record<string, string>> {
  const last = run.tasks.get(task)!.past.at(-1)
  if (last?.state !== 'TERMINATED') return {}
  const commit = last.commit === undefined ? {} : { AMPHITHEATRE_LAST_COMMIT: last.commit }
  return { AMPHITHEATRE_LAST_FAILURE: last.detail.slice(0, MAX_FAILURE_CHARS), ...commit }
}

/** A command line and its environment have room for far more; an agent's prompt may not. */
const MAX_FAILURE_CHARS = 4_000

async function openDoor(world: World, view: AttemptView): Promise<AgentSpec['door']> {
  return world.doors === null ? null : world.doors.open(await doorOf(world, view))
}

function withOutputs({ run, spec }: AttemptView): Extract<Substituted, { ok: true }> {
  const { byId } = planIndex(run.plan)
  const result = substituteOutputs(spec.run, ({ task, name }) => {
    const index = byId.get(task as TaskId)
    const outputs = index === undefined ? {} : run.tasks.get(index)!.outputs
    return Object.hasOwn(outputs, name) ? outputs[name] : undefined
  })
  if (result.ok) return result
  const { task, name } = result.missing
  throw new RunnerError(
    'refused',
    `${task} gave no output called ${name}.`,
    `Let it append ${name}=… to $AMPHITHEATRE_OUTPUT.`,
  )
}
