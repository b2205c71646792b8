import type { Report } from '../domain/commands.ts'
import { diskNote } from './diskSpace.ts'
import { type AgentExit, ALREADY_STARTED_EXIT } from './ports/runner.ts'
import type { AttemptView, World } from './world.ts'

const GONE = 'it is gone and nobody saw how it ended'
const STARTED_AGAIN = 'its container was started again after its end, and how it ended is not known'

/** An agent whose end nobody can know. */
export function lostReport({ run, task, attempt }: AttemptView, detail = GONE): Report {
  return { type: 'report.lost', run: run.id, task, attempt: attempt.n, detail }
}

/**
 * An agent's end, with what it left in its outputs file. A second start (a request that was carried out late) does
 * not run the command again, but it overwrites the exit code: such an end says nothing about the work.
 */
export async function exitReport(
  world: World,
  view: AttemptView,
  handle: string,
  exit: AgentExit,
): Promise<Report> {
  if (exit.code === ALREADY_STARTED_EXIT && (await world.files.wasStartedAgain(view.project, view.id))) {
    return lostReport(view, STARTED_AGAIN)
  }
  const outputs = await world.files.readOutputs(view.project, view.id)
  return {
    type: 'report.exited',
    run: view.run.id,
    task: view.task,
    attempt: view.attempt.n,
    handle,
    code: exit.code,
    oomKilled: exit.oomKilled,
    error: exit.error,
    circumstance: exit.code === 0 ? '' : await diskNote(world),
    lagMs: Math.max(0, world.wall() - exit.finishedAt),
    outputs: outputs.ok ? outputs.outputs : {},
    outputsError: outputs.ok ? null : outputs.error,
  }
}
