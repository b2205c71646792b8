import { z } from 'zod'
import { CONFLICT_ACTIONS } from '../conflicts/conflict.ts'
import { componentChangeSchema, riskChangeSchema } from '../context/entities.ts'
import type { RunId } from '../ids.ts'
import { incidentDraftSchema } from '../incidents/incidentCommands.ts'
import { lockSchema } from '../locks/lockEvents.ts'
import { ballotDraftSchema } from './ballot.ts'
import { handoffDocumentSchema } from './handoff.ts'
import { artifactRefSchema, messageDraftSchema } from './message.ts'

/** What an agent may ask of the engine through its door. Whose door it is says who asks; nothing in here does. */

const number = z.number().int().min(1)
const handoff = z.string().regex(/^h\d+$/, 'a hand-off is named like h3')
const word = z.string().min(1).max(200)

export const agentRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('agent.send'), message: messageDraftSchema }),
  /** Marks what is in the inbox, up to `limit` messages, as handed over. */
  z.object({ type: z.literal('agent.take'), limit: z.number().int().min(1).max(100) }),
  z.object({ type: z.literal('agent.handle'), messages: z.array(number).min(1).max(100) }),
  z.object({
    type: z.literal('agent.progress'),
    percent: z.number().min(0).max(100).nullable(),
    text: z.string().max(500),
  }),
  z.object({
    type: z.literal('agent.output'),
    name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, 'an output is named like a variable'),
    value: z.string().max(8_192),
  }),
  z.object({ type: z.literal('agent.publish'), artifact: artifactRefSchema }),
  z.object({ type: z.literal('agent.join'), channel: word }),
  z.object({ type: z.literal('agent.leave'), channel: word }),
  z.object({ type: z.literal('agent.open-ballot'), ballot: ballotDraftSchema }),
  z.object({
    type: z.literal('agent.vote'),
    ballot: z.string().regex(/^v\d+$/, 'a ballot is named like v2'),
    option: word,
  }),
  /** `handoff` names a returned one that is tried again. */
  z.object({
    type: z.literal('agent.hand-off'),
    handoff: handoff.nullable().default(null),
    document: handoffDocumentSchema,
  }),
  z.object({ type: z.literal('agent.accept'), handoff }),
  z.object({ type: z.literal('agent.decline'), handoff, reason: z.string().min(1).max(2_000) }),
  /** The receiver asks. */
  z.object({ type: z.literal('agent.clarify'), handoff, question: z.string().min(1).max(4_000) }),
  /** The giver answers. */
  z.object({ type: z.literal('agent.clarified'), handoff, answer: z.string().min(1).max(16_000) }),
  z.object({ type: z.literal('agent.checkpoint'), note: z.string().max(500) }),
  z.object({ type: z.literal('agent.risk'), risk: riskChangeSchema }),
  z.object({ type: z.literal('agent.component'), component: componentChangeSchema }),
  z.object({ type: z.literal('agent.check'), step: word }),
  /** It does nothing for so many seconds unless there is an answer: to a message (`m12`), about a hand-off (`h3`). */
  z.object({
    type: z.literal('agent.await'),
    on: z.string().regex(/^[mh]\d+$/),
    seconds: z.number().min(0).max(3_600),
  }),
  /** With `wait` it stands in line where it cannot have them at once, until it has them or says otherwise. */
  z.object({
    type: z.literal('agent.lock'),
    locks: z.array(lockSchema).min(1).max(32),
    wait: z.boolean().default(false),
  }),
  /** Null: it waits no longer. */
  z.object({ type: z.literal('agent.unlock'), locks: z.array(lockSchema).min(1).max(32).nullable() }),
  /** What it is for in a conflict it has part in. */
  z.object({
    type: z.literal('agent.settle'),
    conflict: z.string().regex(/^c\d+$/, 'a conflict is named like c4'),
    action: z.enum(CONFLICT_ACTIONS),
  }),
  /** It saw trouble that needs somebody. */
  z.object({ type: z.literal('agent.incident'), incident: incidentDraftSchema }),
])
export type AgentRequest = z.infer<typeof agentRequestSchema>

/** A request with whose door it came through. */
export type AgentCommand = AgentRequest & {
  readonly run: RunId
  /** Index in the run's plan. */
  readonly task: number
  readonly attempt: number
}

const TYPES: ReadonlySet<string> = new Set(agentRequestSchema.options.map(({ shape }) => shape.type.value))

/** Some commands of persons are called `agent.` too: they are about an agent, not by one. */
export function isAgentCommand(command: { readonly type: string }): command is AgentCommand {
  return TYPES.has(command.type)
}
