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
  return isRejection(decision) ? inWords(decision.reason, [run]) : undefined
}

/** What a rule or the engine answered, as people say it: runs by their names instead of their ids, a whole sentence. */
export function inWords(reason: string, runs: Iterable<Run>): string {
  let said = reason
  let begins = false
  for (const { id, plan, number } of runs) {
    said = said.replaceAll(id, `${plan.epic}#${number}`)
    // A task's name is written as its project writes it.
    begins ||= plan.tasks.some((task) => said.startsWith(`${task.id} `))
  }
  const end = /[.?!]$/.test(said) ? '' : '.'
  return `${begins ? said.charAt(0) : said.charAt(0).toUpperCase()}${said.slice(1)}${end}`
}

/** The same of a command that concerns a project and no run. */
export function projectRefusal(state: State, command: ClientCommand, already?: string): string | undefined {
  const decision = decide(state, { id: TRIAL, correlation: TRIAL, actor: 'person:you', command }, state.time)
  if (!isRejection(decision)) return decision.events.length === 0 ? already : undefined
  return inWords(decision.reason, [])
}
