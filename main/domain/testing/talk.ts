import type { Rejection } from '../commands.ts'
import type { Plan } from '../plan.ts'
import type { AgentRequest } from '../talk/agentCommands.ts'
import { type BallotDraftInput, ballotDraftSchema } from '../talk/ballot.ts'
import {
  type Handoff,
  type HandoffCheck,
  type HandoffDocumentInput,
  handoffDocumentSchema,
} from '../talk/handoff.ts'
import { type Message, type MessageDraftInput, messageDraftSchema } from '../talk/message.ts'
import { find } from '../talk/messageLog.ts'
import { DEFAULT_COMMUNICATION } from '../talk/talk.ts'
import { Driver, type Observer, RUN } from './driver.ts'
import { type PlanOptions, plan } from './plan.ts'
import { at, start } from './steps.ts'
import { Account } from './talkInvariants.ts'

/** What agents and people say, in a line each. */

/** Every task in one phase, all of them running without an end, no digests, and every invariant of conversations watched. */
export function talking(names: readonly string[], options: PlanOptions = {}): Driver {
  const observers: readonly Observer[] = [new Account().observe]
  const limits = { maxRuntimeMs: 1e9, ...options.limits }
  const driver = Driver.running(quiet(plan([names], { ...options, limits })), observers)
  start(driver, ...driver.active())
  return driver
}

export function quiet(made: Plan): Plan {
  return { ...made, communication: { ...DEFAULT_COMMUNICATION, digestMs: null } }
}

export function by(driver: Driver, task: string, request: AgentRequest): Rejection | undefined {
  return driver.send({ ...request, ...at(driver, task) })
}

export function says(driver: Driver, task: string, draft: MessageDraftInput): Rejection | undefined {
  return by(driver, task, { type: 'agent.send', message: messageDraftSchema.parse(draft) })
}

export function personSays(driver: Driver, draft: MessageDraftInput): Rejection | undefined {
  return driver.send({ type: 'message.send', run: RUN, message: messageDraftSchema.parse(draft) })
}

export function takes(driver: Driver, task: string, limit = 100): readonly number[] {
  by(driver, task, { type: 'agent.take', limit })
  return driver.task(task).inbox.slice(0, limit)
}

export function handles(driver: Driver, task: string, ...messages: readonly number[]): Rejection | undefined {
  return by(driver, task, { type: 'agent.handle', messages: [...messages] })
}

export function message(driver: Driver, number: number): Message {
  return find(driver.run().talk.messages, number)!
}

export function lastMessage(driver: Driver): Message {
  return message(driver, driver.run().talk.messages.count)
}

export function document(change: Partial<HandoffDocumentInput> = {}): HandoffDocumentInput {
  const said = { dependencies: ['none'], knownIssues: ['none'], successCriteria: ['it works'] }
  return { title: 'the API', to: 'b', ...said, ...change }
}

export function handsOff(
  driver: Driver,
  task: string,
  change: Partial<HandoffDocumentInput> = {},
  handoff: string | null = null,
): Rejection | undefined {
  return by(driver, task, {
    type: 'agent.hand-off',
    handoff,
    document: handoffDocumentSchema.parse(document(change)),
  })
}

/** The checks of a hand-off come to their end. */
export function validates(
  driver: Driver,
  task: string,
  handoff = 'h1',
  checks: readonly HandoffCheck[] = [],
): Rejection | undefined {
  return driver.send({ type: 'report.validated', ...at(driver, task), handoff, checks })
}

export const FAILED_CHECK: HandoffCheck = { name: 'syntax_validation', result: 'failed', detail: 'line 3' }

export function handoff(driver: Driver, id = 'h1'): Handoff {
  return driver.run().talk.handoffs.find((one) => one.id === id)!
}

export function opensBallot(
  driver: Driver,
  task: string,
  change: Partial<BallotDraftInput> = {},
): Rejection | undefined {
  const ballot = ballotDraftSchema.parse({ question: 'tabs?', options: ['yes', 'no'], to: 'all', ...change })
  return by(driver, task, { type: 'agent.open-ballot', ballot })
}

export function votes(driver: Driver, task: string, option: string, ballot = 'v1'): Rejection | undefined {
  return by(driver, task, { type: 'agent.vote', ballot, option })
}
