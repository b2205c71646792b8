import {
  findRegistered,
  isAtWork,
  isOver,
  type Registered,
  registeredName,
} from '../../domain/registered/registered.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { plain } from '../view/text.ts'
import { type CommitOptions, commitWork } from './commit.ts'
import {
  agentReference,
  knownProject,
  type OfProject,
  projectHere,
  registeredBy,
  theRegistered,
} from './here.ts'
import { processOf } from './register.ts'
import { interruption, waitFor } from './waiting.ts'

/** `amphi agent start`, `alive`, `complete`, `stop`: what is done with one agent. */

export interface OfAgent extends OfProject {
  readonly id?: string
}

export async function start(context: Context, options: OfAgent): Promise<ExitCode> {
  return acting(context, options, 'registered.start', (agent) => `${agent.id} is ${agent.state}`)
}

export interface AliveOptions extends OfAgent {
  readonly pid?: string
}

/** A sign of life. Says whether it is to come to an end: then the exit code is 3. */
export async function alive(context: Context, options: AliveOptions): Promise<ExitCode> {
  const process = await processOf(options.pid)
  const words = (agent: Registered): string =>
    agent.stopAskedBy === null
      ? `${agent.id} is ${agent.state}`
      : `${agent.id} was asked to stop by ${agent.stopAskedBy}`
  const code = (agent: Registered): ExitCode => (agent.stopAskedBy === null ? EXIT.done : EXIT.needsPerson)
  return acting(context, options, 'registered.heartbeat', words, code, { process })
}

async function acting(
  context: Context,
  options: OfAgent,
  type: 'registered.start' | 'registered.heartbeat',
  words: (agent: Registered) => string,
  code: (agent: Registered) => ExitCode = () => EXIT.done,
  more: { readonly process: Registered['process'] } = { process: null },
): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = projectHere(context, await currentState(center), options.project)
    const { id } = theRegistered(project, agentReference(context, options.id))
    await dispatch(
      center,
      type === 'registered.start'
        ? { type, project: project.id, agent: id }
        : { type, project: project.id, agent: id, ...more },
    )
    const agent = (await currentState(center)).projects.get(project.id)!.registered[id]!
    if (context.out.json)
      await context.out.object({ ok: true, agent: id, state: agent.state, stopAskedBy: agent.stopAskedBy })
    else await context.out.line(words(agent))
    return code(agent)
  })
}

export interface CompleteOptions extends OfAgent, CommitOptions {}

/** It is done: its work is committed where that is wished, and what it held goes to others. */
export async function complete(context: Context, options: CompleteOptions): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const project = projectHere(context, await currentState(center), options.project)
    const agent = theRegistered(project, agentReference(context, options.id))
    const kept = await commitWork(context, center, project, agent, options)
    await dispatch(center, { type: 'registered.complete', project: project.id, agent: agent.id, ...kept })
    if (context.out.json) await context.out.object({ ok: true, agent: agent.id, commit: kept.commit })
    else
      await context.out.line(
        `${plain(registeredName(agent))} completed${kept.commit === null ? '' : `, commit ${kept.commit.slice(0, 12)}`}`,
      )
    return EXIT.done
  })
}

export interface StopOptions extends OfAgent {
  readonly graceful?: boolean
  readonly force?: boolean
}

/** Gracefully, it is asked and its completion is waited for; by force, it is over at once. */
export async function stop(context: Context, options: StopOptions): Promise<ExitCode> {
  const reference = agentReference(context, options.id)
  const force = options.force === true
  const target = await withEngine(context, async ({ center }) => {
    const state = await currentState(center)
    const project = knownProject(context, state, options.project)
    const agent = registeredBy(project, reference)
    if (agent === undefined) return undefined
    await dispatch(center, { type: 'registered.stop', project: project!.id, agent: agent.id, force })
    const after = (await currentState(center)).projects.get(project!.id)!.registered
    return { project: project!.id, agent: findRegistered(after, agent.id)! }
  })
  if (target === undefined) return (await import('../commands/control.ts')).stop(context, reference, force)
  if (isOver(target.agent)) return stopped(context, target.agent)
  if (isAtWork(target.agent))
    context.out.note(`${target.agent.id} was asked to stop; waiting for it. Ctrl-C waits no longer.`)
  const over = interruption()
  try {
    const wait = { project: target.project, agent: target.agent.id, signal: over.signal, until: isOver }
    const found = await waitFor(context, wait)
    return found === undefined || !isOver(found) ? EXIT.interrupted : await stopped(context, found)
  } finally {
    over.close()
  }
}

async function stopped({ out }: Context, agent: Registered): Promise<ExitCode> {
  if (out.json) await out.object({ ok: true, agent: agent.id, state: agent.state, detail: agent.detail })
  else await out.line(`${agent.id} ${agent.state === 'COMPLETED' ? 'completed' : 'terminated'}`)
  return EXIT.done
}
