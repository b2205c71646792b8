import { createInterface } from 'node:readline/promises'
import { isOver } from '../../domain/registered/registered.ts'
import { dispatch, withEngine } from '../actions.ts'
import type { Context } from '../context.ts'
import { CliError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exitCodes.ts'
import { currentState } from '../follow.ts'
import { openConflicts } from './conflictLines.ts'
import { type OfProject, projectHere } from './here.ts'

/** `amphi reset`: a clean table. Agents in containers go on unless they are meant, too. */

export interface ResetOptions extends OfProject {
  readonly yes?: boolean
  readonly all?: boolean
}

export async function reset(context: Context, options: ResetOptions): Promise<ExitCode> {
  return withEngine(context, async ({ center }) => {
    const state = await currentState(center)
    const project = projectHere(context, state, options.project)
    const agents = Object.values(project.registered).filter((agent) => !isOver(agent))
    const runs =
      options.all === true
        ? [...state.runs.values()].filter((run) => run.project === project.id && run.endedAt === null)
        : []
    const what = [
      counted(agents.length, 'agent started by hand', 'agents started by hand'),
      ...(options.all === true ? [counted(runs.length, 'run', 'runs')] : []),
    ].join(' and ')
    if (
      agents.length + runs.length > 0 &&
      !(await isSure(context, options, `End ${what} of ${project.name}?`))
    )
      return EXIT.interrupted
    await dispatch(center, { type: 'registered.reset', project: project.id })
    for (const run of runs) await dispatch(center, { type: 'run.stop', run: run.id, force: false })
    const left = openConflicts((await currentState(center)).projects.get(project.id)).length
    if (context.out.json)
      await context.out.object({ ok: true, agents: agents.length, runs: runs.length, conflicts: left })
    else await context.out.line(`${what} ended; what they held is free`)
    return EXIT.done
  })
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

async function isSure(context: Context, { yes }: ResetOptions, question: string): Promise<boolean> {
  if (yes === true) return true
  if (context.stdin.isTTY !== true) throw new CliError(question, 'Say so with --yes.')
  const ask = createInterface({ input: context.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await ask.question(`${question} [y/N] `)).trim())
  } finally {
    ask.close()
  }
}
