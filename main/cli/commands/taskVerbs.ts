import type { ClientCommand } from '../../domain/commands.ts'
import type { AttentionKind } from '../../domain/events.ts'
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

/** `amphi answer ID WORDS`: one of the choices, or words of one's own. ID is `m12:question`, or `m12` for short. */
export async function answer(
  context: Context,
  id: string,
  choice: string,
  options: OfRun,
): Promise<ExitCode> {
  return withEngine(context, async (session) => {
    const asked = await theQuestion(session, id, options.run)
    const command = { type: 'attention.answer', run: asked.run, id: asked.id, choice } as const
    return actAndCarryOn(context, session, command, `answered: ${choice}`)
  })
}

interface Question {
  readonly run: RunId
  readonly runName: string
  readonly id: string
  readonly kind: AttentionKind
  readonly about: string | null
}

/** The one of that id; where several runs ask under it, the newest may not be the one that is meant. */
async function theQuestion(session: Session, id: string, reference: string | undefined): Promise<Question> {
  const runs = await knownRuns(session.center)
  const among = reference === undefined ? runs : [must(findRun(runs, reference))]
  const open = among.flatMap(questions)
  const exact = open.filter((question) => question.id === id)
  const about = open.filter((question) => question.about === id)
  const asked = about.filter(({ kind }) => kind === 'question')
  const found = [exact, asked, about].find((some) => some.length > 0) ?? []
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    const named = found.map(({ runName }) => runName).join(', ')
    throw new CliError(`"${id}" waits for an answer in ${named}.`, 'Say which with --run.')
  }
  const ids = open.map((question) => question.id)
  const known = ids.length === 0 ? 'Nothing waits for an answer.' : `Open: ${ids.join(', ')}.`
  throw new CliError(`Nothing called "${id}" waits for an answer.`, known)
}

function questions(run: KnownRun): readonly Question[] {
  const open = run.live?.attention ?? []
  const runName = `${run.epic}#${run.number}`
  return open.map(({ id, kind, about }) => ({ run: run.id, runName, id, kind, about }))
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
