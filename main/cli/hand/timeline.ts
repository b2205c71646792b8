import type { EventEnvelope } from '../../domain/events.ts'
import { evolve } from '../../domain/evolve.ts'
import { type ProjectId, parseAttemptId } from '../../domain/ids.ts'
import { isRegisteredEvent } from '../../domain/registered/evolveRegistered.ts'
import { EMPTY_STATE, type State } from '../../domain/state.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { withReader } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { eventText } from '../reporters.ts'
import { knownProject, type OfProject, registeredBy } from './here.ts'

/** `amphi agent timeline`: what happened to the agents of a project, in order. */

export interface TimelineOptions extends OfProject {
  readonly id?: string
  readonly limit: number
}

const PAGE = 1_000

export async function timeline(context: Context, options: TimelineOptions): Promise<ExitCode> {
  return withReader(context, async (center) => {
    const now = await currentState(center)
    const project = knownProject(context, now, options.project)
    if (project === undefined) {
      if (!context.out.json) await context.out.line('Nothing has happened here yet.')
      return EXIT.done
    }
    const agent = options.id === undefined ? undefined : (registeredBy(project, options.id)?.id ?? options.id)
    const told = await tellAll(context, center, project.id, agent)
    for (const line of told.slice(Math.max(0, told.length - options.limit))) {
      if (typeof line === 'string') await context.out.line(line)
      else await context.out.object(line)
    }
    if (told.length === 0 && options.id !== undefined)
      throw new CliError(
        `Nothing is known of an agent "${options.id}".`,
        '`amphi agent list --all` shows those there are.',
      )
    return EXIT.done
  })
}

async function tellAll(
  context: Context,
  center: ControlCenter,
  project: ProjectId,
  agent: string | undefined,
): Promise<readonly (string | EventEnvelope)[]> {
  const told: (string | EventEnvelope)[] = []
  let state: State = EMPTY_STATE
  for (let after = 0; ; ) {
    const page = await center.history({ after, limit: PAGE })
    for (const event of page) {
      state = fold(state, event)
      after = event.seq
      if (event.project !== project || !isOfAgents(event, state, agent)) continue
      const line = context.out.json ? event : eventText(event, state, context.out)
      if (line !== undefined) told.push(line)
    }
    if (page.length < PAGE) return told
  }
}

/** Names come from the state; where the log cannot be folded, ids are shown. */
function fold(state: State, event: EventEnvelope): State {
  try {
    return evolve(state, event)
  } catch {
    return state
  }
}

const GROUPS = ['agent', 'task', 'locks', 'conflict']

/** What happens to agents; of one, what names it. */
function isOfAgents({ data, run }: EventEnvelope, state: State, agent: string | undefined): boolean {
  if (isRegisteredEvent(data)) return agent === undefined || data.agent === agent
  if (!GROUPS.includes(data.type.slice(0, data.type.indexOf('.')))) return false
  if (agent === undefined) return true
  if ('holder' in data) return data.holder === agent || parseAttemptId(data.holder)?.task === agent
  if ('parties' in data) return data.parties.some((it) => it === agent || parseAttemptId(it)?.task === agent)
  const task =
    'task' in data && data.task !== null && run !== null
      ? state.runs.get(run)?.plan.tasks[data.task]
      : undefined
  return task?.id === agent
}
