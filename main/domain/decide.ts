import { assertNever } from './assertNever.ts'
import type { Answer, Command, CommandEnvelope, Rejection } from './commands.ts'
import { decideConflicts, sweepConflicts } from './conflicts/decideConflicts.ts'
import { foresee } from './conflicts/foreseeing.ts'
import { decideReport } from './decideReport.ts'
import { decideRun } from './decideRun.ts'
import { decideTask } from './decideTask.ts'
import { decideTimer } from './decideTimer.ts'
import { Draft, reject, type Verdict } from './draft.ts'
import { type EventEnvelope, isOn } from './events.ts'
import { answerGate, decideGates } from './gates/decideGates.ts'
import { decideHealth } from './health/decideHealth.ts'
import { decideTargetHealth } from './health/targetHealth.ts'
import { decideIncidents } from './incidents/decideIncidents.ts'
import { sweepIncidents } from './incidents/following.ts'
import { decideLocks } from './locks/decideLocks.ts'
import { decideQueue } from './merging/decideQueue.ts'
import { decidePoints } from './points/decidePoints.ts'
import { decideRegistered } from './registered/decideRegistered.ts'
import { decideRollback } from './rollback/decideRollback.ts'
import { decideLetGo } from './rollback/letGo.ts'
import { schedule } from './schedule.ts'
import { decideSchedules } from './schedules/decideSchedules.ts'
import type { Attention, Run, State } from './state.ts'
import { advanceGranted } from './strays/ruling.ts'
import { type AgentCommand, isAgentCommand } from './talk/agentCommands.ts'
import { decidePerson } from './talk/decidePerson.ts'
import { aftermath, decideAgent } from './talk/decideTalk.ts'
import { validated } from './talk/handoffs.ts'
import { checkpointed } from './talk/reporting.ts'
import { decideTargets } from './targets/decideTargets.ts'

export interface Decision {
  readonly events: readonly EventEnvelope[]
  /** The state after the events. */
  readonly state: State
  readonly answer?: Answer
}

/**
 * What follows from a command: events and the state they lead to, or a rejection with its reason. Pure: the time
 * comes in as `now` (engine ms), ids with the command.
 */
export function decide(state: State, envelope: CommandEnvelope, now: number): Decision | Rejection {
  const draft = new Draft(state, envelope, now)
  const rejection = handle(draft, envelope.command)
  if (rejection !== undefined) return rejection
  // A run that follows from an incident begins with what it follows from, also where that is a schedule.
  if (conclude(draft, state, 0) && envelope.command.type === 'schedule') {
    const { state: between, events } = draft
    const from = events.length
    schedule(draft)
    conclude(draft, between, from)
  }
  const { events, answer } = draft
  return { events, state: draft.state, ...(answer === undefined ? {} : { answer }) }
}

/**
 * What follows from all events of a decision: for what was allowed, for conflicts, for incidents, then for what was
 * said. True when a run was started by it.
 */
function conclude(draft: Draft, before: State, from: number): boolean {
  advanceGranted(draft)
  sweepConflicts(draft)
  const started = sweepIncidents(draft, before, from)
  aftermath(draft, from)
  return started
}

export function isRejection(result: Decision | Rejection): result is Rejection {
  return 'rejected' in result
}

function handle(draft: Draft, command: Command): Verdict {
  if (isAgentCommand(command)) return decideAgent(draft, command)
  if (isOn('report', command)) return handleReport(draft, command)
  if (command.type === 'timer.fired') return decideTimer(draft, command.timer)
  if (command.type === 'schedule') {
    schedule(draft)
    return undefined
  }
  if (command.type === 'engine.start') {
    const { boot, pid, version } = command
    draft.emit({ project: null, run: null }, { type: 'engine.started', boot, pid, version })
    return undefined
  }
  return handleWish(draft, command)
}

type OnReport = Extract<Command, { type: `report.${string}` }>

/** What came about outside. */
function handleReport(draft: Draft, command: OnReport): Verdict {
  switch (command.type) {
    case 'report.prepared':
    case 'report.applied':
    case 'report.apply-refused':
    case 'report.discarded':
      return decideRun(draft, command)
    case 'report.gate-evaluated':
      return decideGates(draft, command)
    case 'report.cut':
    case 'report.cut-conflict':
    case 'report.started':
    case 'report.exited':
    case 'report.lost':
    case 'report.stuck':
    case 'report.lease-expired':
    case 'report.strayed':
    case 'report.set-aside':
    case 'report.put-back':
    case 'report.committed':
    case 'report.merged':
    case 'report.merge-conflict':
    case 'report.effect-done':
    case 'report.effect-failed':
      return decideReport(draft, command)
    case 'report.check-ended':
    case 'report.check-conflict':
    case 'report.advanced':
      return decideQueue(draft, command)
    case 'report.validated':
      return draft.state.runs.has(command.run)
        ? validated(draft, command)
        : reject('stale', 'the run is gone')
    case 'report.checkpointed':
      return draft.state.runs.has(command.run)
        ? checkpointed(draft, command)
        : reject('stale', 'the run is gone')
    default:
      return handleProjectReport(draft, command)
  }
}

/** What came about outside for a project. */
function handleProjectReport(draft: Draft, command: Extract<OnReport, { project: unknown }>): Verdict {
  switch (command.type) {
    case 'report.predicted':
      return foresee(draft, command)
    case 'report.conflict':
    case 'report.conflict-gone':
    case 'report.conflict-verified':
      return decideConflicts(draft, command)
    case 'report.incident-report':
      return decideIncidents(draft, command)
    case 'report.registered-alive':
    case 'report.registered-gone':
    case 'report.registered-signalled':
      return decideRegistered(draft, command)
    case 'report.point-copied':
    case 'report.points-aged':
      return decidePoints(draft, command)
    case 'report.health':
      return decideHealth(draft, command)
    case 'report.target-health':
      return decideTargetHealth(draft, command)
    case 'report.let-go':
      return decideLetGo(draft, command)
    case 'report.schedules':
    case 'report.schedule-due':
      return decideSchedules(draft, command)
    default:
      return assertNever(command, 'unknown command')
  }
}

/** What somebody wants. */
function handleWish(
  draft: Draft,
  command: Exclude<Command, OnReport | AgentCommand | { type: 'engine.start' | 'schedule' | 'timer.fired' }>,
): Verdict {
  if (isOn('incident', command)) return decideIncidents(draft, command)
  if (isOn('registered', command)) return decideRegistered(draft, command)
  if (isOn('point', command)) return decidePoints(draft, command)
  if (isOn('gate', command)) return decideGates(draft, command)
  switch (command.type) {
    case 'project.register':
    case 'run.start':
    case 'run.recall':
    case 'run.pause':
    case 'run.continue':
    case 'run.stop':
    case 'run.apply':
    case 'run.discard':
      return decideRun(draft, command)
    case 'task.retry':
    case 'task.skip':
    case 'task.rerun':
    case 'agent.stop':
    case 'agent.pause':
    case 'task.checkpoint':
    case 'agent.continue':
      return decideTask(draft, command)
    case 'attention.answer': {
      const late = answeredLate(draft.state, command)
      if (late !== undefined) return late
      const asked = gateQuestion(draft.state, command)
      return asked === undefined
        ? decideTask(draft, command)
        : answerGate(draft, asked.run, asked.item, command.choice)
    }
    case 'locks.release':
      return decideLocks(draft, command)
    case 'conflict.resolve':
      return decideConflicts(draft, command)
    case 'project.configure':
    case 'alerts.receive':
      return decideIncidents(draft, command)
    case 'target.forget':
    case 'target.take-down':
      return decideTargets(draft, command)
    case 'rollback.start':
      return decideRollback(draft, command)
    case 'schedule.answer':
      return decideSchedules(draft, command)
    case 'message.send':
    case 'outside.send':
    case 'message.handle':
    case 'ballot.vote':
    case 'handoff.decide':
    case 'risk.record':
    case 'component.record':
      return decidePerson(draft, command)
    default:
      return assertNever(command, 'unknown command')
  }
}

type Answering = Extract<Command, { type: 'attention.answer' }>

function answeredLate(state: State, { run, id, since }: Answering): Verdict {
  const item = state.runs.get(run)?.attention.find((open) => open.id === id)
  if (since === undefined || item === undefined || item.since === since) return undefined
  return reject('stale', `${id} was asked anew since: look again`)
}

function gateQuestion(state: State, { run: id, id: question }: Answering): GateQuestion | undefined {
  const run = state.runs.get(id)
  const item = run?.attention.find((open) => open.id === question)
  if (run === undefined || (item?.kind !== 'approval' && item?.kind !== 'gate-failed')) return undefined
  return { run, item }
}

interface GateQuestion {
  readonly run: Run
  readonly item: Attention
}
