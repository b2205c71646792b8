import { createReadStream, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isOver, type Registered } from '../../domain/registered/registered.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import type { OfAgent } from './agentVerbs.ts'
import { agentReference, knownProject, registeredBy } from './here.ts'
import { timeline } from './timeline.ts'
import { interruption } from './waiting.ts'

/** `amphi agent logs`: of one in a container its output, of one started by hand the file it named, else what happened to it. */

const LOOK_MS = 500

export interface LogsOptions extends OfAgent {
  readonly follow?: boolean
}

export async function logs(context: Context, options: LogsOptions): Promise<ExitCode> {
  const reference = agentReference(context, options.id)
  const find = () =>
    withReader(context, async (center) => {
      const state = await currentState(center)
      return registeredBy(knownProject(context, state, options.project), reference)
    })
  const agent = await find()
  if (agent === undefined)
    return (await import('../commands/logs.ts')).logs(context, reference, { follow: options.follow === true })
  if (agent.log === null) {
    context.out.note(
      `${agent.id} named no file for its output (amphi agent register --log FILE); this is what happened to it.`,
    )
    return timeline(context, { ...options, id: agent.id, limit: 1_000 })
  }
  return printFile(context, agent.log, options.follow === true, find)
}

/** What is in it; then what comes, until the agent is over. */
async function printFile(
  { out }: Context,
  file: string,
  follow: boolean,
  find: () => Promise<Registered | undefined>,
): Promise<ExitCode> {
  const over = interruption()
  let next = 0
  const print = async (): Promise<void> => {
    if (sizeOf(file) <= next) return
    for await (const data of createReadStream(file, { start: next })) {
      await out.write(data as Buffer)
      next += (data as Buffer).length
    }
  }
  try {
    if (sizeOf(file) < 0 && !follow) throw new CliError(`${file} is not there yet.`)
    await print()
    while (follow && !over.signal.aborted) {
      const agent = await find()
      await print()
      if (agent === undefined || isOver(agent)) break
      await delay(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined)
    }
    return over.signal.aborted ? EXIT.interrupted : EXIT.done
  } finally {
    over.close()
  }
}

/** -1 where it is not there. */
function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? -1
}
