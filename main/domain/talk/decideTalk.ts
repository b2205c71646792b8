import { assertNever } from '../assertNever.ts'
import { resolve } from '../attention.ts'
import { vote as voteOnConflict } from '../conflicts/decideConflicts.ts'
import { recordComponent, recordRisk } from '../context/decideEntities.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { DomainEvent, EventEnvelope } from '../events.ts'
import { openByAgent } from '../incidents/decideIncidents.ts'
import { lock, unlock } from '../locks/decideAgentLocks.ts'
import { type Attempt, isBegun, type Run } from '../state.ts'
import type { AgentCommand } from './agentCommands.ts'
import { awaitAnswer } from './awaiting.ts'
import * as ballots from './ballots.ts'
import * as handoffs from './handoffs.ts'
import { decideMail, partyOf, returnMail } from './mail.ts'
import { decideWorkReport } from './reporting.ts'

/** A call through an agent's door. Whose door it is, the caller knows; whether that agent is still at work, we do. */
export function decideAgent(draft: Draft, command: AgentCommand): Verdict {
  const run = draft.state.runs.get(command.run)
  if (run === undefined) return reject('stale', `run ${command.run} is over`)
  const attempt = run.tasks.get(command.task)?.current ?? null
  if (attempt === null || attempt.n !== command.attempt) return reject('stale', 'your attempt is over')
  if (!mayTalk(attempt)) return reject('stale', `your attempt is ${attempt.state}`)
  switch (command.type) {
    case 'agent.send':
    case 'agent.take':
    case 'agent.handle':
    case 'agent.join':
    case 'agent.leave':
      return decideMail(draft, command)
    case 'agent.progress':
    case 'agent.output':
    case 'agent.publish':
    case 'agent.checkpoint':
    case 'agent.check':
      return decideWorkReport(draft, command)
    case 'agent.open-ballot':
      return ballots.open(draft, command.run, partyOf(command), command.ballot)
    case 'agent.vote':
      return ballots.vote(draft, command.run, command.task, command.ballot, command.option)
    case 'agent.hand-off':
      return handoffs.initiate(draft, command)
    case 'agent.accept':
    case 'agent.decline':
    case 'agent.clarify':
    case 'agent.clarified':
      return handoffs.decideHandoff(draft, command)
    case 'agent.await':
      return awaitAnswer(draft, command)
    case 'agent.lock':
      return lock(draft, command)
    case 'agent.unlock':
      return unlock(draft, command)
    case 'agent.settle':
      return voteOnConflict(draft, command)
    case 'agent.incident':
      return openByAgent(draft, command)
    case 'agent.risk':
      return recordRisk(draft, run, command.risk)
    case 'agent.component':
      return recordComponent(draft, run, command.component)
    default:
      return assertNever(command, 'unknown command')
  }
}

/** It may talk before its start is on record: the first call can be faster than the report of the start. */
function mayTalk(attempt: Attempt): boolean {
  return isBegun(attempt) || attempt.effects.includes('agent.start')
}

/** What follows for the conversation from attempts and tasks that ended in this command. */
export function aftermath(draft: Draft, from: number): void {
  for (let i = from; i < draft.events.length; i++) {
    const event = draft.events[i]!
    if (event.type === 'run.settled') closeAll(draft, event.run!)
    const ended = endedBy(event)
    if (ended === undefined || event.run === null) continue
    const run = draft.state.runs.get(event.run)
    if (run !== undefined) afterEnd(draft, run, ended.task, ended.settled)
  }
}

function endedBy({ data }: EventEnvelope): { readonly task: number; readonly settled: boolean } | undefined {
  switch ((data as DomainEvent).type) {
    case 'agent.terminated':
    case 'agent.exited':
      return { task: (data as { task: number }).task, settled: false }
    case 'task.completed':
    case 'task.skipped':
      return { task: (data as { task: number }).task, settled: true }
    case 'task.failed': {
      const { task, next } = data as { task: number; next: unknown }
      return { task, settled: next === null }
    }
    default:
      return undefined
  }
}

function afterEnd(draft: Draft, run: Run, task: number, settled: boolean): void {
  const { talk, tasks } = run
  if (talk.messages.count === 0 && talk.handoffs.length === 0 && talk.ballots.length === 0) return
  // Something later in the same command may have made it anew.
  const isOver = settled && tasks.get(task)!.outcome !== null
  handoffs.afterEnd(draft, run.id, task, isOver)
  if (!isOver) return
  returnMail(draft, run.id, task)
  closeQuestions(draft, run.id, task)
  ballots.recount(draft, run.id)
}

/** Nobody waits any more for what an ended task had asked people. */
function closeQuestions(draft: Draft, id: Run['id'], task: number): void {
  for (const item of draft.run(id).attention) {
    // What it called out as most urgent is to be read all the same.
    if (item.task !== task || item.about === null || item.kind === 'p0-message') continue
    resolve(draft, id, item.id, 'over')
  }
}

/** A run that is over waits for no answer. */
function closeAll(draft: Draft, id: Run['id']): void {
  for (const item of draft.run(id).attention) {
    // A gate that failed ends a run, and can be asked again.
    if (item.kind === 'p0-message' || item.kind === 'gate-failed') continue
    if (item.about !== null) resolve(draft, id, item.id, 'over')
  }
}
