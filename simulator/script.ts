import type { ClientCommand } from '../main/domain/commands.ts'
import { taskId } from '../main/domain/ids.ts'
import { planIndex } from '../main/domain/plan.ts'
import type { Run, State } from '../main/domain/state.ts'
import type { AgentCommand, AgentRequest } from '../main/domain/talk/agentCommands.ts'
import type { Life } from './turns.ts'

/** Something that is said once, as soon as its condition holds. */
export type ScriptStep = {
  readonly when: (run: Run | undefined, state: State) => boolean
} & (
  | { readonly command: ClientCommand }
  /** Said by the agent at work at a task, through its door. */
  | { readonly by: string; readonly request: AgentRequest }
)

/** A command that is repeated under its id until it has been answered. */
export interface Pending {
  readonly id: string
  readonly command: ClientCommand | AgentCommand
  /** Null when no engine that lives has it. */
  sentIn: Life | null
}

export function spokenBy(
  run: Run,
  step: { readonly by: string; readonly request: AgentRequest },
): AgentCommand {
  const task = planIndex(run.plan).byId.get(taskId(step.by))!
  const attempt = run.tasks.get(task)!.attempts
  return { ...step.request, run: run.id, task, attempt }
}

/** Those that come through a door name the attempt whose door it is. */
export function isOfAgent(command: ClientCommand | AgentCommand): command is AgentCommand {
  return 'attempt' in command
}
