import type { ClientCommand } from '../../../main/domain/commands.ts'
import { decide, isRejection } from '../../../main/domain/decide.ts'
import { commandId } from '../../../main/domain/ids.ts'
import type { Run, State } from '../../../main/domain/state.ts'

const TRIAL = commandId('trial')

/**
 * Why a command would be refused now, in the engine's own words; undefined if it would be taken. Asks the very rules
 * the engine decides by. `run` stands in for a run that left live state: the engine recalls it first. `already` is the
 * reason where the command would change nothing.
 */
export function refusalOf(
  state: State,
  run: Run,
  command: ClientCommand,
  already?: string,
  /** Who would send it, where the rules ask. */
  person = 'you',
): string | undefined {
  const whole =
    state.runs.get(run.id) === run ? state : { ...state, runs: new Map([...state.runs, [run.id, run]]) }
  const decision = decide(
    whole,
    { id: TRIAL, correlation: TRIAL, actor: `person:${person}`, command },
    Math.max(state.time, run.endedAt ?? 0),
  )
  if (!isRejection(decision) && decision.events.length === 0) return already
  // The rules know runs by their ids, people by their names.
  return isRejection(decision)
    ? sentence(decision.reason.replaceAll(run.id, `${run.plan.epic}#${run.number}`), run)
    : undefined
}

function sentence(reason: string, { plan }: Run): string {
  const end = /[.?!]$/.test(reason) ? '' : '.'
  // A task's name is written as its project writes it.
  if (plan.tasks.some(({ id }) => reason.startsWith(`${id} `))) return `${reason}${end}`
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${end}`
}

/** The same of a command that concerns a project and no run. */
export function projectRefusal(state: State, command: ClientCommand, already?: string): string | undefined {
  const decision = decide(state, { id: TRIAL, correlation: TRIAL, actor: 'person:you', command }, state.time)
  if (!isRejection(decision)) return decision.events.length === 0 ? already : undefined
  const { reason } = decision
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.?!]$/.test(reason) ? '' : '.'}`
}
