import { resolve } from '../attention.ts'
import type { Draft } from '../draft.ts'
import { parseAttemptId } from '../ids.ts'
import type { Incident } from './incident.ts'

/**
 * What a deployment asked a person about when it did not verify (try again, or go on without?) is answered once its
 * incident is over.
 */
export function answerCalls(draft: Draft, { id, sources }: Incident): void {
  for (const { kind, ref } of sources) {
    const parts = kind === 'verification' ? parseAttemptId(ref) : undefined
    if (parts === undefined || !draft.state.runs.has(parts.run)) continue
    const asked = `${parts.task}#${parts.attempt}:`
    for (const item of draft.run(parts.run).attention)
      if (item.id.startsWith(asked)) resolve(draft, parts.run, item.id, `by incident ${id}`)
  }
}
