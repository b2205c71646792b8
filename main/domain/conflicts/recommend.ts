import type { ProjectId } from '../ids.ts'
import type { State } from '../state.ts'
import type { ConflictCause, Recommendation } from './conflict.ts'
import { type PartyInfo, partyInfo } from './parties.ts'

/** What to do about a conflict and why; `parties` with the better claim first. */
export function recommend(
  state: State,
  cause: ConflictCause,
  parties: readonly string[],
  project?: ProjectId,
): Recommendation {
  const infos = parties.map((holder) => partyInfo(state, holder, project))
  const first = infos[0]!
  const last = infos.at(-1)!
  if (cause === 'undeclared-write') return recommendForWrite(infos)
  if (cause === 'merge')
    return {
      action: 'merge',
      keep: null,
      reasons: [`${last.name} can take in what was merged before it and do its part again`],
    }
  if (cause === 'predicted' && infos.length === 1)
    return { action: 'merge', keep: null, reasons: [`${last.name} can take in what was merged before it`] }
  if (cause === 'ownership')
    return { action: 'wait', keep: first.holder, reasons: [`${first.name} is of the role that owns it`] }
  const reasons = claims(first, last)
  if (cause === 'duplicate')
    return { action: 'terminate', keep: first.holder, reasons: [...reasons, 'both do the same work'] }
  if (!first.live)
    return {
      action: 'merge',
      keep: null,
      reasons: [`${first.name} is merged already; ${last.name} can take it in`],
    }
  if (first.blocked)
    return { action: 'terminate', keep: first.holder, reasons: [...reasons, `${first.name} cannot begin`] }
  return { action: 'wait', keep: first.holder, reasons }
}

function recommendForWrite(infos: readonly PartyInfo[]): Recommendation {
  const last = infos.at(-1)!
  const holder = infos.length > 1 ? infos[0] : undefined
  if (holder?.live !== true)
    return { action: 'allow', keep: null, reasons: [`nobody else holds what ${last.name} wrote`] }
  return { action: 'discard', keep: holder.holder, reasons: [`${holder.name} holds what ${last.name} wrote`] }
}

/** Higher priority gets the contested files; equal priority, the earlier start. */
function claims(first: PartyInfo, last: PartyInfo): readonly string[] {
  if (!first.live) return [`${first.name} was there before`]
  if (first.priority !== last.priority)
    return [`${first.name} has priority ${first.priority}, ${last.name} ${last.priority}`]
  return [`both have priority ${first.priority}, and ${first.name} started earlier`]
}
