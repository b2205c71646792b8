import type { Report } from '../domain/commands.ts'
import { diskNote } from './diskSpace.ts'
import type { AgentExit } from './ports/runner.ts'
import type { AttemptView, World } from './world.ts'

/** An agent's end, with what it left in its outputs file. */
export async function exitReport(
  world: World,
  view: AttemptView,
  handle: string,
  exit: AgentExit,
): Promise<Report> {
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
