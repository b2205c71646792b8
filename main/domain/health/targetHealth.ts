import { type Draft, reject, type Verdict } from '../draft.ts'
import type { TargetRecord } from '../targets/target.ts'
import type { TargetHealthReport } from './healthCommands.ts'

/** How the reason begins where health saw it: only what health called unwell it may call well again. */
const SEEN = 'seen to be unwell: '

/** May its state be changed by what is seen of it? Who is at work on it, or left it half done, says how it is. */
export function isWatched({ current, busy, state, reason }: TargetRecord): boolean {
  if (current === null || busy !== null) return false
  if (state === 'unhealthy') return reason?.startsWith(SEEN) ?? false
  return state === 'healthy' || state === 'unverified'
}

/** An unwell target becomes an incident by its state, as every other way to that state does. */
export function decideTargetHealth(draft: Draft, report: TargetHealthReport): Verdict {
  const { project, target, healthy, words, flaps } = report
  const record = draft.state.projects.get(project)?.targets[target]
  if (record === undefined || !isWatched(record)) return reject('stale', `${target} is not watched now`)
  const scope = { project, run: null }
  if (healthy === (record.state !== 'unhealthy')) return undefined
  if (!healthy) {
    const reason = `${SEEN}${words}${flaps === null ? '' : `; ${flaps}`}`
    draft.emit(scope, { type: 'target.state', target, state: 'unhealthy', reason })
    if (flaps !== null) draft.emit(scope, { type: 'health.paused', what: target, reason: flaps })
    return undefined
  }
  const state = record.current!.verified === false ? 'unverified' : 'healthy'
  draft.emit(scope, { type: 'target.state', target, state, reason: null })
  return undefined
}
