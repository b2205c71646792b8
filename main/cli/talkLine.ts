import type { DomainEvent, EventEnvelope } from '../domain/events.ts'
import type { Run } from '../domain/state.ts'
import type { Mark } from '../domain/status.ts'
import { nameOf } from './describe.ts'
import { cutLine } from './view/text.ts'

/** What agents and people say and record, as a sentence of a few words each. */
type Told = readonly [mark: Mark, text: string]

/** Undefined for what is not of this kind, or only a receipt. */
export function tellTalk(data: DomainEvent, run: Run | undefined): Told | undefined {
  return tellMessage(data, run) ?? tellHandoff(data, run) ?? tellBallot(data, run) ?? tellReport(data)
}

/** Whom it is about, where the event itself does not name a task. */
export function talkSubject({ data, actor }: EventEnvelope, run: Run): string | undefined {
  switch (data.type) {
    case 'message.sent':
      if (data.from.kind === 'task') return nameOf(run, data.from.task)
      return data.from.kind === 'engine' ? 'engine' : data.from.name
    case 'message.handled':
      return data.task === null ? 'person' : undefined
    case 'ballot.opened':
      return data.by === null ? 'person' : nameOf(run, data.by)
    case 'ballot.voted':
      return data.task === null ? 'person' : nameOf(run, data.task)
    case 'risk.recorded':
    case 'component.recorded':
      return actor.replace(/^(agent|person):/, '')
    case 'handoff.transferred':
    case 'handoff.clarified':
    case 'handoff.completed':
    case 'handoff.withdrawn':
    case 'handoff.overdue':
    case 'handoff.returned':
      return partyOf(run, data.id, 'from')
    case 'handoff.clarifying':
    case 'handoff.acknowledged':
      return partyOf(run, data.id, 'to')
    default:
      return undefined
  }
}

function partyOf(run: Run, id: string, side: 'from' | 'to'): string | undefined {
  const handoff = run.talk.handoffs.find((one) => one.id === id)
  return handoff === undefined ? undefined : nameOf(run, handoff[side])
}

function taskName(run: Run | undefined, task: number): string {
  return run?.plan.tasks[task]?.id ?? `task ${task}`
}

function tellMessage(data: DomainEvent, run: Run | undefined): Told | undefined {
  switch (data.type) {
    case 'message.sent': {
      const { number, draft, recipients, toPerson, answers } = data
      const tasks = recipients.map((task) => taskName(run, task))
      const shown = tasks.length > 3 ? `${tasks.length} agents` : tasks.join(', ')
      const to = [...(shown === '' ? [] : [shown]), ...(toPerson ? ['person'] : [])].join(', ')
      const words = cutLine(draft.subject === '' ? draft.content : draft.subject, 80)
      const what = answers === null ? draft.type.toLowerCase() : `answer to m${answers}`
      const mark = draft.type === 'ALERT' || draft.priority === 0 ? 'needs-you' : 'running'
      return [mark, `m${number} ${what} to ${to === '' ? draft.to : to}${words === '' ? '' : `: ${words}`}`]
    }
    case 'message.overdue':
      return ['needs-you', `m${data.number} was not answered in time`]
    case 'message.returned':
      return ['waiting', `ended without handling ${numbers(data.numbers)}`]
    case 'channel.joined':
      return ['running', `listens to ${data.channel}`]
    case 'channel.left':
      return ['waiting', `left ${data.channel}`]
    default:
      return undefined
  }
}

function numbers(all: readonly number[]): string {
  const shown = all.slice(0, 5).map((number) => `m${number}`)
  return `${shown.join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`
}

function tellHandoff(data: DomainEvent, run: Run | undefined): Told | undefined {
  switch (data.type) {
    case 'handoff.initiated':
      return ['waiting', `${data.id} hands off "${data.document.title}" to ${taskName(run, data.to)}`]
    case 'handoff.validated': {
      const failed = data.checks.filter(({ result }) => result === 'failed').map(({ name }) => name)
      return failed.length === 0
        ? ['running', `${data.id} passed its checks`]
        : ['failed', `${data.id} failed ${failed.join(', ')}`]
    }
    case 'handoff.transferred':
      return ['running', `${data.id} went over`]
    case 'handoff.clarifying':
      return ['blocked', `${data.id} asks: ${cutLine(data.question, 80)}`]
    case 'handoff.clarified':
      return ['running', `${data.id} answers: ${cutLine(data.answer, 80)}`]
    case 'handoff.acknowledged':
      return ['running', `${data.id} accepted`]
    case 'handoff.returned':
      return ['failed', `${data.id} came back: ${cutLine(data.reason, 80)}`]
    case 'handoff.completed':
      return ['done', `${data.id} completed`]
    case 'handoff.withdrawn':
      return ['waiting', `${data.id} withdrawn: ${cutLine(data.reason, 80)}`]
    case 'handoff.overdue':
      return ['needs-you', `${data.id} takes too long`]
    default:
      return undefined
  }
}

function tellBallot(data: DomainEvent, run: Run | undefined): Told | undefined {
  switch (data.type) {
    case 'ballot.opened':
      return [
        'waiting',
        `${data.id} asks ${data.voters.length} to vote: ${cutLine(data.question, 60)} (${data.options.join(', ')})`,
      ]
    case 'ballot.voted':
      return ['running', `votes ${data.option} in ${data.id}`]
    case 'ballot.closed': {
      const question = run?.talk.ballots.find(({ id }) => id === data.id)?.question
      const about = question === undefined ? data.id : `${data.id} (${cutLine(question, 60)})`
      return data.result === null
        ? ['waiting', `${about} ends without a result`]
        : ['done', `${about} is decided: ${data.result}`]
    }
    default:
      return undefined
  }
}

function tellReport(data: DomainEvent): Told | undefined {
  switch (data.type) {
    case 'agent.progressed': {
      const percent = data.percent === null ? '' : `${Math.round(data.percent)} %`
      return ['running', [percent, cutLine(data.text, 80)].filter((part) => part !== '').join(' ')]
    }
    case 'agent.output':
      return ['running', `output ${data.name} is ${cutLine(data.value, 80)}`]
    case 'agent.published':
      return ['running', `published ${data.artifact.path}`]
    case 'work.checkpointed':
      if (data.error !== null) return ['needs-you', `checkpoint not kept: ${data.error}`]
      return data.commit === null
        ? ['running', 'checkpoint: nothing has changed']
        : ['running', `checkpoint ${data.commit.slice(0, 12)}`]
    case 'risk.recorded':
      return [
        data.status === 'open' ? 'needs-you' : 'done',
        `risk ${data.id} (${data.level}, ${data.status}): ${data.title}`,
      ]
    case 'component.recorded':
      return [
        data.status === 'done' ? 'done' : 'running',
        `component ${data.name} ${data.status}${data.change === null ? '' : `: ${cutLine(data.change, 80)}`}`,
      ]
    default:
      return undefined
  }
}
