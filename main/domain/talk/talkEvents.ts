import { z } from 'zod'
import { COMPONENT_STATUSES, RISK_LEVELS, RISK_STATUSES } from '../context/entities.ts'
import { handoffCheckSchema, handoffDocumentSchema } from './handoff.ts'
import { artifactRefSchema, messageDraftSchema, partySchema } from './message.ts'

/** What happened between agents, people and the engine: messages, hand-offs, votes, and what agents report through the door. */

const task = z.number().int().min(0)
const attempt = z.number().int().min(1)
const ofTask = { task, attempt }
const number = z.number().int().min(1)
const numbers = z.array(number)
const text = z.string()

const messageEvents = [
  z.object({
    type: z.literal('message.sent'),
    number,
    from: partySchema,
    /** Tasks it goes to, as the address was understood when it was sent. */
    recipients: z.array(task),
    toPerson: z.boolean(),
    /** When an answer is due; null when none is expected. */
    due: z.number().nullable(),
    answers: number.nullable(),
    thread: text,
    draft: messageDraftSchema,
  }),
  z.object({ type: z.literal('message.delivered'), ...ofTask, numbers }),
  /** `task` null: by the person. */
  z.object({ type: z.literal('message.handled'), task: task.nullable(), numbers }),
  /** Its receiver ended and will not handle them. */
  z.object({ type: z.literal('message.returned'), task, numbers }),
  z.object({ type: z.literal('message.overdue'), number }),
  z.object({ type: z.literal('channel.joined'), task, channel: text }),
  z.object({ type: z.literal('channel.left'), task, channel: text }),
] as const

const reportEvents = [
  z.object({ type: z.literal('agent.progressed'), ...ofTask, percent: z.number().nullable(), text }),
  z.object({ type: z.literal('agent.output'), ...ofTask, name: text, value: text }),
  z.object({ type: z.literal('agent.published'), ...ofTask, artifact: artifactRefSchema }),
  /** A step of the start-up checklist was seen to be done. */
  z.object({ type: z.literal('agent.checked'), ...ofTask, step: text }),
  /** It waits for an answer, until then at most (engine ms): to a message (`m12`), about a hand-off (`h3`). */
  z.object({ type: z.literal('agent.awaits'), ...ofTask, on: text, until: z.number() }),
  z.object({ type: z.literal('work.checkpoint-asked'), ...ofTask, note: text }),
  z.object({
    type: z.literal('work.checkpointed'),
    ...ofTask,
    commit: z.string().nullable(),
    error: text.nullable(),
  }),
] as const

const ballotEvents = [
  z.object({
    type: z.literal('ballot.opened'),
    id: text,
    by: task.nullable(),
    question: text,
    options: z.array(text),
    voters: z.array(task),
    needed: number,
    due: z.number(),
  }),
  z.object({ type: z.literal('ballot.voted'), id: text, task: task.nullable(), option: text }),
  z.object({
    type: z.literal('ballot.closed'),
    id: text,
    result: text.nullable(),
    reason: z.enum(['decided', 'all-voted', 'time', 'voters-gone']),
  }),
] as const

const handoffEvents = [
  /** Also for one that was returned and is tried again: the same id, a new document. */
  z.object({
    type: z.literal('handoff.initiated'),
    id: text,
    ...ofTask,
    to: task,
    document: handoffDocumentSchema,
  }),
  z.object({
    type: z.literal('handoff.validated'),
    id: text,
    ...ofTask,
    checks: z.array(handoffCheckSchema),
  }),
  z.object({ type: z.literal('handoff.transferred'), id: text }),
  z.object({ type: z.literal('handoff.clarifying'), id: text, question: text }),
  z.object({ type: z.literal('handoff.clarified'), id: text, answer: text }),
  z.object({ type: z.literal('handoff.acknowledged'), id: text }),
  z.object({ type: z.literal('handoff.returned'), id: text, reason: text }),
  z.object({ type: z.literal('handoff.completed'), id: text }),
  z.object({ type: z.literal('handoff.withdrawn'), id: text, reason: text }),
  z.object({ type: z.literal('handoff.overdue'), id: text }),
] as const

/** Of a project; the envelope names the run it happened in, if any. */
const entityEvents = [
  z.object({
    type: z.literal('risk.recorded'),
    id: text,
    title: text,
    level: z.enum(RISK_LEVELS),
    status: z.enum(RISK_STATUSES),
    impact: text,
    mitigation: text,
    owner: text.nullable(),
  }),
  z.object({
    type: z.literal('component.recorded'),
    name: text,
    status: z.enum(COMPONENT_STATUSES),
    description: text,
    owners: z.array(text),
    change: text.nullable(),
  }),
] as const

export const TALK_EVENTS = [
  ...messageEvents,
  ...reportEvents,
  ...ballotEvents,
  ...handoffEvents,
  ...entityEvents,
] as const
