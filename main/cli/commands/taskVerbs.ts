import type { ClientCommand } from '../../domain/commands.ts'
import type { RunId } from '../../domain/ids.ts'
import { dispatch, must, theRunOfTask, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { findRun, type KnownRun, knownRuns } from '../references.ts'
import type { Session } from '../session.ts'
import { carryOn, unfinished } from './resume.ts'

export type TaskVerb = 'retry' | 'skip' | 'rerun'

export interface OfRun {
  readonly run?: string
}

/** `amphi retry|skip|rerun TASK` */
export async function taskVerb(
  context: Context,
  verb: TaskVerb,
  task: string,
  options: OfRun,
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const run = await theRunOfTask(session.center, task, options.run)
    return actAndCarryOn(context, session, { type: `task.${verb}`, run: run.id, task }, `${verb}: ${task}`)
  })
}

/** `amphi answer ID CHOICE` */
export async function answer(
  context: Context,
  id: string,
  choice: string,
  options: OfRun,
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const run = await theRunThatAsks(session, id, options.run)
    return actAndCarryOn(
      context,
      session,
      { type: 'attention.answer', run, id, choice },
      `answered: ${choice}`,
    )
  })
}

async function theRunThatAsks(session: Session, id: string, reference: string | undefined): Promise<RunId> {
  const runs = await knownRuns(session.center)
  const among = reference === undefined ? runs : [must(findRun(runs, reference))]
  const asking = among.find((run) => questions(run).includes(id))
  if (asking !== undefined) return asking.id
  const open = among.flatMap(questions)
  const known = open.length === 0 ? 'Nothing waits for an answer.' : `Open: ${open.join(', ')}.`
  throw new CliError(`Nothing called "${id}" waits for an answer.`, known)
}

function questions(run: KnownRun): readonly string[] {
  return run.live?.attention.map((item) => item.id) ?? []
}

/** With an engine elsewhere the work goes on there; else this process hosts it until it rests. */
export async function actAndCarryOn(
  context: Context,
  session: Session,
  command: ClientCommand & { readonly run: RunId },
  told: string,
): Promise<ExitCode> {
  const from = await currentState(session.center)
  await dispatch(session.center, command)
  if (session.host !== undefined) {
    return carryOn(context, session, from, [...new Set([...unfinished(from), command.run])])
  }
  if (context.out.json) await context.out.object({ ok: true, run: command.run })
  else await context.out.line(`${told}. The engine in process ${session.pid} takes it up.`)
  return EXIT.done
}
