import type { EventEnvelope } from '../domain/events.ts'
import type { State } from '../domain/state.ts'
import { isTopic } from '../domain/talk/address.ts'
import type { Party } from '../domain/talk/message.ts'
import type { BusRecord } from '../engine/ports/bus.ts'

/** A record before it is numbered. */
export type TopicRecord = Omit<BusRecord, 'n'>

/** The topics the engine writes to of its own accord; the pipeline framework's names. */
const PIPELINE_EVENTS = 'pipeline.events'
const AGENT_RESULTS = 'agent.results'

/**
 * What an event says to listeners outside: runs on `pipeline.events`, a task that is given to an agent on
 * `agent.<kind>`, how it ended on `agent.results`, and what agents and people write to a topic. `origin` names this
 * installation, so that it knows its own records when they come back.
 */
export function recordsOf(event: EventEnvelope, state: State, origin: string): readonly TopicRecord[] {
  const { data, seq, time, run } = event
  if (run === null) return []
  const plan = state.runs.get(run)?.plan
  const record = (topic: string, key: string, body: object): readonly TopicRecord[] => {
    const about = { origin, seq, time, project: event.project, run, type: data.type }
    return [{ id: `${origin}:${seq}`, topic, key, time, body: JSON.stringify({ ...about, ...body }) }]
  }
  const nameOf = (task: number): string => plan?.tasks[task]?.id ?? String(task)
  switch (data.type) {
    case 'run.started':
      return record(PIPELINE_EVENTS, run, {
        epic: data.plan.epic,
        number: data.number,
        title: data.plan.title,
      })
    case 'run.settled':
      return record(PIPELINE_EVENTS, run, { status: data.status, cause: data.cause })
    case 'run.applied':
      return record(PIPELINE_EVENTS, run, { branch: data.branch, commit: data.commit })
    case 'task.assigned': {
      const topic = `agent.${plan?.tasks[data.task]?.kind ?? 'work'}`
      return record(topic, `${run}/${nameOf(data.task)}`, {
        task: nameOf(data.task),
        attempt: data.attempt,
        role: data.role,
      })
    }
    case 'task.completed':
      return record(AGENT_RESULTS, `${run}/${nameOf(data.task)}`, {
        task: nameOf(data.task),
        attempt: data.attempt,
        status: 'success',
      })
    case 'task.failed':
      return record(AGENT_RESULTS, `${run}/${nameOf(data.task)}`, {
        task: nameOf(data.task),
        status: data.next === null ? data.outcome : 'retry',
        cause: data.cause,
      })
    case 'message.sent': {
      const { draft, from, number } = data
      if (!isTopic(draft.to) || from.kind === 'outside') return []
      const sender = senderName(from, nameOf)
      return record(draft.to, `${run}/${sender}`, { from: sender, number, message: draft })
    }
    default:
      return []
  }
}

function senderName(from: Party, nameOf: (task: number) => string): string {
  switch (from.kind) {
    case 'task':
      return nameOf(from.task)
    case 'person':
      return `person:${from.name}`
    case 'outside':
      return from.name
    case 'engine':
      return 'engine'
  }
}
