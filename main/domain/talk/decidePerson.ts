import { assertNever } from '../assertNever.ts'
import type { ClientCommand } from '../commands.ts'
import { answerConflict } from '../conflicts/decideConflicts.ts'
import { recordComponent, recordRisk } from '../context/decideEntities.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { Attention, Run } from '../state.ts'
import { isTopic } from './address.ts'
import * as ballots from './ballots.ts'
import { clarified, personDecides } from './handoffs.ts'
import { handle } from './mail.ts'
import { messageDraftSchema, type Party } from './message.ts'
import { find } from './messageLog.ts'
import { send } from './sending.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>
type PersonCommand = Of<
  | 'message.send'
  | 'outside.send'
  | 'message.handle'
  | 'ballot.vote'
  | 'handoff.decide'
  | 'risk.record'
  | 'component.record'
>

/** The person at the control center takes part in the conversation. */
export function decidePerson(draft: Draft, command: PersonCommand): Verdict {
  switch (command.type) {
    case 'risk.record':
      return recordRisk(draft, { project: command.project, id: null }, command.risk)
    case 'component.record':
      return recordComponent(draft, { project: command.project, id: null }, command.component)
    case 'message.send':
    case 'outside.send':
    case 'message.handle':
    case 'ballot.vote':
    case 'handoff.decide':
      return inRun(draft, command)
    default:
      return assertNever(command, 'unknown command')
  }
}

function inRun(
  draft: Draft,
  command: Exclude<PersonCommand, Of<'risk.record' | 'component.record'>>,
): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined) return reject('unknown', `there is no run ${command.run}`)
  switch (command.type) {
    case 'message.send':
      if (run.endedAt !== null) return reject('not-now', `run ${run.id} is over; nobody would read it`)
      return send(draft, run.id, person(draft), command.message)
    case 'outside.send':
      if (run.endedAt !== null) return reject('not-now', `run ${run.id} is over; nobody would read it`)
      // Outside there is only what is said on topics: no inbox of an agent, no person.
      if (!isTopic(command.message.to)) return reject('invalid', `${command.message.to} is no topic`)
      return send(draft, run.id, { kind: 'outside', name: command.name }, command.message)
    case 'message.handle':
      return handle(draft, run.id, null, command.messages)
    case 'ballot.vote':
      return ballots.vote(draft, run.id, null, command.ballot, command.option)
    case 'handoff.decide':
      return personDecides(draft, run.id, command.handoff, command.choice)
    default:
      return assertNever(command, 'unknown command')
  }
}

/** `person:ann` is Ann; whoever else gives commands is named by the whole of it. */
function person(draft: Draft): Party {
  const { actor } = draft.envelope
  return { kind: 'person', name: actor.startsWith('person:') ? actor.slice('person:'.length) : actor }
}

/** Of an answer in words, UTF-16 units. */
const MAX_WORDS = 16_000

/** Answers what a person was asked about a message, a hand-off or a ballot: in words, or one of the choices. */
export function answerAbout(draft: Draft, run: Run, item: Attention, choice: string): Verdict {
  const about = item.about!
  if (item.kind === 'conflict') return answerConflict(draft, run.project, about, choice)
  if (choice.length > MAX_WORDS) return reject('invalid', `an answer has ${MAX_WORDS} characters at most`)
  if (item.kind === 'question' && about.startsWith('m')) return answerQuestion(draft, run, about, choice)
  if (item.kind === 'question') {
    const handoff = run.talk.handoffs.find(({ id }) => id === about)
    return handoff === undefined
      ? reject('stale', `${about} is gone`)
      : clarified(draft, run.id, handoff, choice)
  }
  if (item.choices.length === 0) {
    draft.emitRun(run.id, { type: 'attention.resolved', id: item.id, choice })
    return undefined
  }
  if (!item.choices.includes(choice))
    return reject('invalid', `${item.id} can be answered with ${item.choices.join(', ')}`)
  return personDecides(draft, run.id, about, choice)
}

function answerQuestion(draft: Draft, run: Run, about: string, content: string): Verdict {
  const asked = find(run.talk.messages, Number(about.slice(1)))
  if (asked === undefined) return reject('stale', `message ${about} is gone`)
  if (asked.options.length > 0 && !asked.options.includes(content))
    return reject('invalid', `it can be answered with ${asked.options.join(', ')}`)
  const answer = { to: 'sender', type: 'RESPONSE', kind: 'question', correlation: about, content } as const
  return send(draft, run.id, person(draft), messageDraftSchema.parse(answer))
}
