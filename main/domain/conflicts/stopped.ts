import type { ProjectRecord } from '../state.ts'
import type { Conflict } from './conflict.ts'
import { nameOfHolder } from './parties.ts'

const NAMED = 3

/** Why this one was stopped for a conflict, and where that can be told, what would have to be otherwise. */
export function wordsForStopped(
  { id, cause, files, parties }: Conflict,
  holder: string,
  keep: string | null,
): string {
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : ''
  if (cause === 'undeclared-write' && holder === parties.at(-1))
    return `${id}: it wrote ${files.slice(0, NAMED).join(', ')}${more}, which it did not declare in writes`
  return keep === null || keep === holder
    ? `${id}: nobody goes on with ${files.slice(0, NAMED).join(', ')}${more}`
    : `${id}: ${nameOfHolder(keep)} goes on instead`
}

/** The same of one whose end has been settled; undefined where it was not by a conflict. */
export function whyStopped({ conflicts }: ProjectRecord, holder: string): string | undefined {
  const conflict = conflicts.findLast(
    ({ parties, resolution }) =>
      resolution?.action === 'terminate' && resolution.keep !== holder && parties.includes(holder),
  )
  return conflict === undefined ? undefined : wordsForStopped(conflict, holder, conflict.resolution!.keep)
}
