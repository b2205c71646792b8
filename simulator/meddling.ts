import type { ClientCommand } from '../main/domain/commands.ts'
import type { Run } from '../main/domain/state.ts'
import { anySaying } from '../main/domain/testing/talker.ts'
import type { Random } from './random.ts'

/** What a person might do next, whether it makes sense or not. */
export function meddle(run: Run, random: Random, talking: boolean): ClientCommand {
  if (talking && random.chance(0.5)) return anySaying(run, () => random.next())
  const { id } = run
  const task = random.pick(run.plan.tasks).id
  const force = random.chance(0.5)
  return random.pick<ClientCommand>([
    { type: 'run.pause', run: id },
    { type: 'run.continue', run: id },
    { type: 'run.continue', run: id },
    { type: 'task.retry', run: id, task },
    { type: 'task.skip', run: id, task },
    { type: 'task.rerun', run: id, task },
    { type: 'agent.stop', run: id, task, force },
    { type: 'agent.pause', run: id, task },
    { type: 'agent.continue', run: id, task },
    { type: 'agent.continue', run: id, task },
  ])
}
