import { agentName, type RoleName, type TaskId } from '../../domain/ids.ts'
import type { State } from '../../domain/state.ts'
import { dispatchAndWait, type Target, theTarget, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import type { KnownAgent } from '../references.ts'
import { actAndCarryOn } from './taskVerbs.ts'

/** `amphi stop AGENT|RUN`, `amphi pause`, `amphi continue` */

export async function stop(context: Context, reference: string, force: boolean): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const target = await theTarget(center, reference)
    if (target.kind === 'run') {
      const run = target.run.id
      await dispatchAndWait(
        center,
        { type: 'run.stop', run, force },
        (state) => state.runs.get(run)!.endedAt !== null,
      )
    } else {
      const { run, task, attempt } = theCurrent(target.agent)
      const command = { type: 'agent.stop', run, task, force } as const
      await dispatchAndWait(center, command, (state) => current(state, target.agent)?.n !== attempt)
    }
    return tell(context, target, 'stopped')
  })
}

export async function pause(context: Context, reference: string): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const target = await theTarget(center, reference)
    if (target.kind === 'run') {
      const run = target.run.id
      await dispatchAndWait(center, { type: 'run.pause', run }, (state) =>
        isCalm(state, target, 'agent.pause'),
      )
    } else {
      const { run, task } = theCurrent(target.agent)
      await dispatchAndWait(center, { type: 'agent.pause', run, task }, (state) =>
        isCalm(state, target, 'agent.pause'),
      )
    }
    return tell(context, target, 'paused')
  })
}

/** Whoever continues a run wants it to get on: without an engine elsewhere this process carries it to its rest. */
export async function continue_(context: Context, reference: string): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const target = await theTarget(session.center, reference)
    if (target.kind === 'run') {
      return actAndCarryOn(
        context,
        session,
        { type: 'run.continue', run: target.run.id },
        `${nameOf(target)} continues`,
      )
    }
    const { run, task } = theCurrent(target.agent)
    return actAndCarryOn(
      context,
      session,
      { type: 'agent.continue', run, task },
      `${nameOf(target)} continues`,
    )
  })
}

/** The command names a task; naming an attempt that is over must not hit the one that came after it. */
function theCurrent(agent: KnownAgent) {
  const attempt = agent.index === undefined ? undefined : agent.run.live?.tasks.get(agent.index)?.current
  if (attempt == null || attempt.n !== agent.attempt) {
    throw new CliError(
      `${agent.task}#${agent.attempt} is not at work.`,
      '`amphi agents` lists those that are.',
    )
  }
  return { run: agent.run.id, task: agent.task, attempt: agent.attempt }
}

function current(state: State, agent: KnownAgent) {
  return agent.index === undefined ? null : state.runs.get(agent.run.id)?.tasks.get(agent.index)?.current
}

/** No agent of the target has this effect still to come. */
function isCalm(state: State, target: Target, effect: 'agent.pause'): boolean {
  const run = state.runs.get(target.kind === 'run' ? target.run.id : target.agent.run.id)
  if (run === undefined) return false
  const attempts =
    target.kind === 'run' ? [...run.tasks].map((task) => task.current) : [current(state, target.agent)]
  return attempts.every((attempt) => attempt == null || !attempt.effects.includes(effect))
}

function nameOf(target: Target): string {
  if (target.kind === 'run') return `${target.run.epic}#${target.run.number}`
  const { agent } = target
  const role = agent.run.live?.tasks.get(agent.index ?? -1)?.current?.role
  return role === undefined
    ? `${agent.task}#${agent.attempt}`
    : agentName(role as RoleName, agent.task as TaskId, agent.attempt)
}

async function tell(context: Context, target: Target, done: string): Promise<ExitCode> {
  const name = nameOf(target)
  if (context.out.json) await context.out.object({ ok: true, [target.kind]: name, is: done })
  else await context.out.line(`${name} ${done}`)
  return EXIT.done
}
