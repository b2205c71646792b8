import { parseAttemptId } from '../domain/ids.ts'
import type { State } from '../domain/state.ts'
import { runName } from './describe.ts'

/** Who holds a lock, as other commands take it: `ship#3/compile-api#1`, or `agent-1` for one that was started by hand. */
export function holderName(state: State, holder: string): string {
  const parts = parseAttemptId(holder)
  const run = parts === undefined ? undefined : state.runs.get(parts.run)
  return parts === undefined || run === undefined ? holder : `${runName(run)}/${parts.task}#${parts.attempt}`
}

/** The same person's words for it, back to the holder: by its full name, its task, or as it is. */
export function holderBy(state: State, holders: readonly string[], reference: string): string | undefined {
  return (
    holders.find((holder) => holder === reference || holderName(state, holder) === reference) ??
    holders.find((holder) => {
      const parts = parseAttemptId(holder)
      return (
        parts !== undefined && (parts.task === reference || `${parts.task}#${parts.attempt}` === reference)
      )
    })
  )
}
