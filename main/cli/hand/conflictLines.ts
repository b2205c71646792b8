import type { Conflict } from '../../domain/conflicts/conflict.ts'
import { openOf } from '../../domain/conflicts/raising.ts'
import type { ProjectRecord, State } from '../../domain/state.ts'
import type { Context } from '../context.ts'
import { holderName } from '../holderName.ts'
import { plain } from '../view/text.ts'

/** Open conflicts in words, the form scripts look for first. */
export function conflictLine({ text }: Pick<Conflict, 'text'>): string {
  return `⚠  CONFLICT: ${plain(text)}`
}

/** With what to do about it, and how. */
export function conflictLines({ out }: Context, state: State, conflict: Conflict): readonly string[] {
  const { id, cause, files, parties, recommendation } = conflict
  const names = parties.map((holder) => holderName(state, holder))
  const { action, keep, reasons } = recommendation
  const advice = keep === null ? action : `${action}, ${holderName(state, keep)} goes on`
  const lines = [
    conflictLine(conflict),
    out.style.muted(`   ${id}, ${cause}${files.length === 0 ? '' : `: ${plain(some(files))}`}`),
    out.style.muted(`   recommended: ${advice} (${plain(reasons.join('; '))})`),
  ]
  const muted = (how: string): string => out.style.muted(`   to settle it: ${how}`)
  if (names.length < 2) return [...lines, muted(`amphi resolve ${id} --action ${action}`)]
  const kept = keep ?? parties[0]!
  const others = parties.filter((holder) => holder !== kept).map((holder) => holderName(state, holder))
  const how = `amphi resolve --keep ${holderName(state, kept)} --terminate ${others.join(' ')}`
  return [...lines, muted(how)]
}

const SHOWN = 10

function some(files: readonly string[]): string {
  const shown = files.slice(0, SHOWN).join(', ')
  return files.length > SHOWN ? `${shown} and ${files.length - SHOWN} more` : shown
}

export function openConflicts(project: ProjectRecord | undefined): readonly Conflict[] {
  return project === undefined ? [] : openOf(project)
}
