import type { ClientCommand } from '../main/domain/commands.ts'
import type { Run } from '../main/domain/state.ts'
import { messageDraftSchema } from '../main/domain/talk/message.ts'
import type { Random } from './random.ts'

/** What a person might do next, whether it makes sense or not. */
export function meddle(run: Run, random: Random, talking: boolean): ClientCommand {
  if (talking && random.chance(0.5)) return talk(run, random)
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

/** A person takes part: writes, reads, answers what is asked, votes, decides on hand-offs. */
function talk(run: Run, random: Random): ClientCommand {
  const { id, attention, talk } = run
  const message = messageDraftSchema.parse({
    to: random.pick([random.pick(run.plan.tasks).id, 'all']),
    type: random.pick(['REQUEST', 'UPDATE']),
    content: 'how is it going?',
  })
  const asked = attention.filter(({ about }) => about !== null)
  const commands: ClientCommand[] = [{ type: 'message.send', run: id, message }]
  if (talk.personInbox.length > 0)
    commands.push({ type: 'message.handle', run: id, messages: [random.pick(talk.personInbox)] })
  if (asked.length > 0) {
    const item = random.pick(asked)
    const choice = item.choices.length > 0 ? random.pick(item.choices) : 'as you like'
    commands.push({ type: 'attention.answer', run: id, id: item.id, choice })
  }
  if (talk.ballots.length > 0)
    commands.push({ type: 'ballot.vote', run: id, ballot: random.pick(talk.ballots).id, option: 'yes' })
  if (talk.handoffs.length > 0) {
    const choice = random.pick(['transfer', 'withdraw'] as const)
    commands.push({ type: 'handoff.decide', run: id, handoff: random.pick(talk.handoffs).id, choice })
  }
  return random.pick(commands)
}
