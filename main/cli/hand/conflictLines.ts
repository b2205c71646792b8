import { actionsFor, type Conflict, keepsOne } from '../../domain/conflicts/conflict.ts'
import { escalatesAt, policiesOf } from '../../domain/conflicts/escalation.ts'
import { policyOf } from '../../domain/conflicts/matrix.ts'
import { openOf } from '../../domain/conflicts/raising.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import type { Context } from '../context.ts'
import { holderName } from '../holderName.ts'
import { plain } from '../view/text.ts'

/** Open conflicts in words, the form scripts look for first. */
export function conflictLine({ text }: Pick<Conflict, 'text'>): string {
  return `⚠  CONFLICT: ${plain(text)}`
}

/** With what to do about it, and how: as recommended, and in which other ways. */
export function conflictLines({ out }: Context, state: State, conflict: Conflict): readonly string[] {
  const { id, cause, files, recommendation } = conflict
  const { action, keep, reasons } = recommendation
  const names = keep !== null && keepsOne(action)
  const advice = names ? `${action}, ${holderName(state, keep)} goes on` : action
  return [
    conflictLine(conflict),
    out.style.muted(`   ${id}, ${cause}${files.length === 0 ? '' : `: ${plain(some(files))}`}`),
    out.style.muted(`   ${whoDecides(state, conflict)}`),
    out.style.muted(`   recommended: ${advice} (${plain(reasons.join('; '))})`),
    ...waysOut(state, conflict).map((line) => out.style.muted(`   ${line}`)),
  ]
}

/** `between api and web for 3 m; level 1, Agents to decide, then Context Manager in 4 h`. */
function whoDecides(state: State, conflict: Conflict): string {
  const { parties, since, level, kind } = conflict
  const names = parties.map((holder) => holderName(state, holder)).join(' and ')
  const authorities: readonly string[] = policyOf(kind, policiesOf(state, parties)).authorities
  const now = Math.max(state.time, Date.now())
  const who = `${parties.length > 1 ? 'between' : 'of'} ${names} for ${span(now - since)}`
  const whose = `level ${level}, ${plain(authorities[level - 1]!)} to decide`
  const next = escalatesAt(state, conflict)
  if (next === undefined) return `${who}; ${whose}`
  return `${who}; ${whose}, then ${plain(authorities[level] ?? '')} in ${span(next - now)}`
}

function span(ms: number): string {
  return formatDuration(Math.max(0, ms))
}

/** The recommended way as it is typed; the seeds' own form where one is to be ended. */
function waysOut(state: State, { id, cause, parties, recommendation }: Conflict): readonly string[] {
  const { action, keep } = recommendation
  const name = (holder: string): string => holderName(state, holder)
  const others = actionsFor(cause).filter((one) => one !== action)
  const or = others.length === 0 ? '' : `   (or --action ${others.join(', ')})`
  if (action === 'terminate' && parties.length > 1) {
    const kept = keep ?? parties[0]!
    const ended = parties.filter((holder) => holder !== kept).map(name)
    return [`to settle it: amphi resolve --keep ${name(kept)} --terminate ${ended.join(' ')}${or}`]
  }
  const who = keepsOne(action) && keep !== null ? ` --keep ${name(keep)}` : ''
  return [`to settle it: amphi resolve ${id} --action ${action}${who}${or}`]
}

const SHOWN = 10

function some(files: readonly string[]): string {
  const shown = files.slice(0, SHOWN).join(', ')
  return files.length > SHOWN ? `${shown} and ${files.length - SHOWN} more` : shown
}

export function openConflicts(project: ProjectRecord | undefined): readonly Conflict[] {
  return project === undefined ? [] : openOf(project)
}
