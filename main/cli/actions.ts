import type { Answer, ClientCommand } from '../domain/commands.ts'
import type { EventEnvelope } from '../domain/events.ts'
import type { State } from '../domain/state.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'
import type { Context } from './context.ts'
import { CliError } from './errors.ts'
import { EXIT } from './exitCodes.ts'
import { currentState, follow } from './follow.ts'
import { lasting } from './lasting.ts'
import {
  type Found,
  findAgent,
  findRun,
  findTask,
  type KnownAgent,
  type KnownRun,
  knownRuns,
} from './references.ts'
import { openEngine, openReader, type Session } from './session.ts'

/** Steps that most commands are made of. */

/** Sends a command and gives what it is answered with; a rejection becomes a CliError with its reason. */
export async function dispatch(center: ControlCenter, command: ClientCommand): Promise<Answer> {
  const outcome = await center.dispatch({ command })
  if (!outcome.ok) throw new CliError(sentence(outcome.reason))
  return outcome.answer ?? {}
}

/** With a full stop. The first letter stays: it may be that of a task's id. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Over the end of the engine it began with, see `lasting`. */
export async function withEngine<T>(context: Context, work: (session: Session) => Promise<T>): Promise<T> {
  const session = lasting(await openEngine(context), () => openEngine(context))
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

export async function withReader<T>(
  context: Context,
  work: (center: ControlCenter, running: { readonly pid: number } | undefined) => Promise<T>,
): Promise<T> {
  const opened = await openReader(context)
  const reader = lasting(opened, () => openReader(context))
  try {
    return await work(reader.center, opened.running ? { pid: opened.pid } : undefined)
  } finally {
    await reader.close()
  }
}

export function must<T>(found: Found<T>): T {
  if (found.ok) return found.value
  throw new CliError(found.reason)
}

export async function theRun(center: ControlCenter, reference = 'latest'): Promise<KnownRun> {
  return must(findRun(await knownRuns(center), reference))
}

/** The run `--run` names, or the newest that has the task. */
export async function theRunOfTask(
  center: ControlCenter,
  task: string,
  run: string | undefined,
): Promise<KnownRun> {
  const runs = await knownRuns(center)
  if (run === undefined) return must(await findTask(center, runs, task))
  return must(await findTask(center, [must(findRun(runs, run))], task))
}

export async function theAgent(center: ControlCenter, reference: string, run?: string): Promise<KnownAgent> {
  const runs = await knownRuns(center)
  const among = run === undefined ? runs : [must(findRun(runs, run))]
  return must(await findAgent(center, among, reference))
}

export type Target =
  | { readonly kind: 'run'; readonly run: KnownRun }
  | { readonly kind: 'agent'; readonly agent: KnownAgent }

/** A run where the words name one, else an agent. */
export async function theTarget(center: ControlCenter, reference: string): Promise<Target> {
  const runs = await knownRuns(center)
  const run = findRun(runs, reference)
  if (run.ok) return { kind: 'run', run: run.value }
  const agent = await findAgent(center, runs, reference)
  if (agent.ok) return { kind: 'agent', agent: agent.value }
  throw new CliError(
    `There is no run or agent "${reference}".`,
    '`amphi runs` and `amphi agent list --all` list them.',
  )
}

/** Sends a command and waits until its effect is to be seen in the state. Trouble on the way ends the wait with exit code 3. */
export async function dispatchAndWait(
  center: ControlCenter,
  command: ClientCommand & { readonly run: KnownRun['id'] },
  isDone: (state: State, event?: EventEnvelope) => boolean,
): Promise<State> {
  const before = await currentState(center)
  await dispatch(center, command)
  const now = await currentState(center)
  if (now.runs.has(command.run) && isDone(now)) return now
  const { signal } = new AbortController()
  const until = (state: State, event: EventEnvelope) => {
    if (event.run === command.run) throwIfHeldUp(event)
    return state.runs.has(command.run) && isDone(state, event)
  }
  return follow(center, before, { signal, until })
}

function throwIfHeldUp({ data }: EventEnvelope): void {
  if (data.type !== 'effect.delayed') return
  const later = 'It is recorded and will be done as soon as that is possible.'
  throw new CliError(sentence(data.error), `${data.remedy} ${later}`, EXIT.needsPerson)
}
