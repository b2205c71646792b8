import { resolve } from 'node:path'
import { newRunId, projectIdFor } from '../../desk/ids.ts'
import { chooseRunner, type Look, lookIn, usesDefaultImage } from '../../desk/launch.ts'
import { configuration, registration } from '../../desk/registration.ts'
import type { Plan } from '../../domain/plan.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import type { ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { type Loaded, loadForRun, planOfEpic } from '../loading.ts'
import type { Session } from '../session.ts'
import { supervise } from '../supervise.ts'

export interface RunOptions {
  readonly project?: string
  readonly runner?: string
  readonly maxAgents?: string
}

/** `amphi run EPIC` */
export async function run(context: Context, epic: string, options: RunOptions): Promise<ExitCode> {
  const limited = { ...context, env: { ...context.env, ...limitsOf(options) } }
  const loaded = loadForRun(limited, resolve(context.cwd, options.project ?? '.'))
  return startRun(context, loaded, planOfEpic(loaded, epic), options.runner)
}

/** A limit given here counts before the environment's and the file's. */
function limitsOf({ maxAgents }: RunOptions): Readonly<Record<string, string>> {
  if (maxAgents === undefined) return {}
  if (!/^[1-9][0-9]{0,3}$/.test(maxAgents)) {
    throw new CliError(`--max-agents is a number from 1 to 9999, not "${maxAgents}".`)
  }
  return { AMPHITHEATRE_MAX_CONCURRENT_AGENTS: maxAgents }
}

/** Starts a plan and follows it to its end. */
export async function startRun(
  context: Context,
  loaded: Loaded,
  plan: Plan,
  wish?: string,
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const runner = await usableRunner(context, session, wish ?? loaded.project.runner, plan)
    const from = await currentState(session.center)
    const project = projectIdFor(loaded.root, loaded.project.name)
    const id = newRunId()
    await dispatch(session.center, registration(project, loaded.root, loaded.project.name))
    await dispatch(session.center, configuration(project, loaded.project, runner))
    await dispatch(session.center, { type: 'run.start', project, run: id, runner, plan })
    return supervise(context, session, { from, runs: new Set([id]) })
  })
}

/** What `auto` comes to, and whether it can be used. As a host also makes sure of the image. */
async function usableRunner(context: Context, session: Session, wish: string, plan: Plan): Promise<string> {
  const look: Look =
    session.host === undefined
      ? lookIn((await session.center.health()).runners)
      : (kind) => session.host!.runnerHealth(kind)
  const runner = await chooseRunner(wish, look)
  const health = await look(runner)
  if (health.status === 'unavailable') throw new CliError(`${runner}: ${health.reason}`, health.remedy)
  if (runner === 'process')
    context.out.note('Not isolated: agents run as processes on this machine and can do what their user can.')
  if (runner === 'docker' && session.host !== undefined && usesDefaultImage(plan))
    await ensureImage(context, session.host)
  return runner
}

async function ensureImage(context: Context, host: NonNullable<Session['host']>): Promise<void> {
  let told = false
  await host.ensureImage((line) => {
    if (!told) context.out.note('Building the agents’ image; this takes about a minute, once.')
    told = true
    if (context.env.AMPHITHEATRE_DEBUG === '1') context.out.note(line)
  })
}
