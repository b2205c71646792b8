import type { ClientCommand, Report, Timer } from '../commands.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import { holderOf } from '../locks/taskLocks.ts'
import type { ProjectRecord } from '../state.ts'
import type { AgentCommand } from '../talk/agentCommands.ts'
import { actionsFor, type Conflict, type ConflictLevel } from './conflict.ts'
import { escalatesAt, policiesOf } from './escalation.ts'
import { hold, holdForSettled } from './holding.ts'
import { isForAgents, isRoutine, policyOf } from './matrix.ts'
import { isLive, nameOfHolder } from './parties.ts'
import { callPerson, ofProject, openOf, raiseConflict } from './raising.ts'
import { closeConflict, letGo, settle } from './settling.ts'

type ConflictCommand =
  | Extract<ClientCommand, { type: 'conflict.resolve' }>
  | Extract<Report, { type: 'report.conflict' | 'report.conflict-gone' | 'report.conflict-verified' }>

export function decideConflicts(draft: Draft, command: ConflictCommand): Verdict {
  const project = draft.state.projects.get(command.project)
  if (project === undefined) return reject('unknown', `project ${command.project} is not registered`)
  if (command.type === 'report.conflict') return seen(draft, command)
  const conflict = project.conflicts.find(({ id }) => id === command.conflict)
  if (conflict === undefined) return reject('unknown', `there is no conflict ${command.conflict}`)
  if (command.type === 'report.conflict-verified') {
    if (conflict.resolution === null || conflict.resolution.verified !== null)
      return reject('stale', `${conflict.id} does not wait to be verified`)
    const { clean, detail } = command
    draft.emit(ofProject(project.id), { type: 'conflict.verified', id: conflict.id, clean, detail })
    return undefined
  }
  if (conflict.resolution !== null)
    return reject('stale', `${conflict.id} is settled: ${conflict.resolution.detail}`)
  if (command.type === 'report.conflict-gone') {
    closeConflict(draft, project.id, conflict, command.detail)
    return undefined
  }
  // A person may settle whatever level it is at.
  const { action, keep } = command
  return settle(draft, project.id, conflict, { action, keep: keep ?? null, by: draft.envelope.actor })
}

/** Who is over by now has no conflict any more. */
function seen(draft: Draft, command: Extract<ConflictCommand, { type: 'report.conflict' }>): Verdict {
  const { project, hold: held, cause, kind, parties, files, text, evidence } = command
  if (!parties.some((holder) => isLive(draft.state, holder, project))) return reject('stale', 'they are over')
  const found = { cause, parties, files, text, evidence, ...(kind === undefined ? {} : { kind }) }
  const id = raiseConflict(draft, project, found)
  for (const holder of held ?? []) hold(draft, holder, id)
  return undefined
}

/** A person answers the card of a conflict in a run. */
export function answerConflict(draft: Draft, project: ProjectId, id: string, choice: string): Verdict {
  const conflict = openOf(draft.state.projects.get(project)!).find((open) => open.id === id)
  if (conflict === undefined) return reject('stale', `${id} is settled`)
  const action = actionsFor(conflict.cause).find((one) => one === choice)
  if (action === undefined)
    return reject('invalid', `${id} can be answered with ${actionsFor(conflict.cause).join(', ')}`)
  return settle(draft, project, conflict, { action, keep: null, by: draft.envelope.actor })
}

/** An agent says what it is for. Two who agree settle what is theirs to settle. */
export function vote(draft: Draft, command: Extract<AgentCommand, { type: 'agent.settle' }>): Verdict {
  const run = draft.run(command.run)
  const project = draft.state.projects.get(run.project)!
  const holder = holderOf(run, command.task, command.attempt)
  const conflict = openOf(project).find(({ id }) => id === command.conflict)
  if (conflict === undefined) return reject('stale', `no conflict ${command.conflict} is open`)
  if (!conflict.parties.includes(holder)) return reject('forbidden', `you have no part in ${conflict.id}`)
  const possible = actionsFor(conflict.cause)
  if (!possible.includes(command.action))
    return reject('invalid', `${conflict.id} can be settled with ${possible.join(', ')}`)
  const policy = policyOf(conflict.kind, policiesOf(draft.state, conflict.parties))
  if (!isForAgents(policy, conflict.level)) {
    const who = policy.authorities[conflict.level - 1]
    return reject('forbidden', `${conflict.id} is at level ${conflict.level}: ${who} decides`)
  }
  if (conflict.votes[holder] === command.action) return undefined
  const { action } = command
  draft.emit(ofProject(project.id), { type: 'conflict.voted', id: conflict.id, holder, action })
  // Who is over, what is merged already, has no say any more.
  const voters = conflict.parties.filter((party) => isLive(draft.state, party, project.id))
  const agreed: Conflict['votes'] = { ...conflict.votes, [holder]: action }
  const same = voters.filter((party) => agreed[party] === action).length
  if (same < Math.min(2, voters.length)) return undefined
  return settle(draft, project.id, conflict, { action, keep: null, by: 'agents' })
}

/** Its level had its time: the next one is asked. */
export function escalate(draft: Draft, timer: Extract<Timer, { kind: 'conflict' }>): Verdict {
  const project = draft.state.projects.get(timer.project)
  const conflict = project === undefined ? undefined : openOf(project).find(({ id }) => id === timer.conflict)
  const due = conflict === undefined ? undefined : escalatesAt(draft.state, conflict)
  if (due === undefined || conflict!.level !== timer.level || due > draft.now)
    return reject('stale', 'that conflict does not wait for this')
  const level = (conflict!.level + 1) as ConflictLevel
  draft.emit(ofProject(project!.id), { type: 'conflict.escalated', id: conflict!.id, level })
  callPerson(draft, project!.id, conflict!.id)
  return undefined
}

/**
 * What follows for conflicts from what ended in a command: settled as routine, over by themselves, and whoever stood
 * still for one that is over goes on.
 */
export function sweepConflicts(draft: Draft): void {
  // Nothing has changed since the last time.
  if (draft.events.length === 0) return
  for (const { run, data } of [...draft.events])
    if (data.type === 'agent.started')
      holdForSettled(draft, holderOf(draft.run(run!), data.task, data.attempt))
  for (const { id } of [...draft.state.projects.values()]) {
    const project = (): ProjectRecord => draft.state.projects.get(id)!
    if (project().conflicts.length === 0) continue
    for (const conflict of openOf(project())) sweepOpen(draft, id, conflict)
    for (const conflict of project().conflicts) letGo(draft, id, conflict)
  }
}

const NO_ROUTINE = reject('forbidden', 'a person decides that')

function sweepOpen(draft: Draft, project: ProjectId, conflict: Conflict): void {
  const over = whoIsOver(draft, project, conflict)
  if (over !== undefined) {
    closeConflict(draft, project, conflict, `${nameOfHolder(over)} is over`)
    return
  }
  const policy = policyOf(conflict.kind, policiesOf(draft.state, conflict.parties))
  if (!isRoutine(policy, conflict.level)) return
  const { action, keep } = conflict.recommendation
  // To stop somebody is no routine.
  const refused =
    action === 'wait' ? settle(draft, project, conflict, { action, keep, by: 'engine' }) : NO_ROUTINE
  if (refused === undefined) return
  draft.emit(ofProject(project), { type: 'conflict.escalated', id: conflict.id, level: 2 })
  callPerson(draft, project, conflict.id)
}

/** The party whose end is the end of the conflict. */
function whoIsOver({ state }: Draft, project: ProjectId, { cause, parties }: Conflict): string | undefined {
  const over = parties.filter((holder) => !isLive(state, holder, project))
  // What was merged, or is only in the way of one, was over from the beginning, or may be.
  const lastDecides = cause === 'merge' || cause === 'undeclared-write' || cause === 'predicted'
  return lastDecides ? over.find((holder) => holder === parties.at(-1)) : over[0]
}
