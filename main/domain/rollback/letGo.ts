import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'

/** A target that was held for a rollback nobody goes on with is held no more; or it could not be let go. */
export interface LetGoReport {
  readonly type: 'report.let-go'
  readonly project: ProjectId
  readonly target: string
  /** The run that held it. */
  readonly run: string
  readonly state: 'unverified' | 'half'
  readonly reason: string
}

export function decideLetGo(draft: Draft, { project, target, run, state, reason }: LetGoReport): Verdict {
  const known = draft.state.projects.get(project)?.targets ?? {}
  const record = Object.hasOwn(known, target) ? known[target] : undefined
  if (record === undefined) return reject('unknown', `there is no target ${target} in this project`)
  const words = run === '' ? reason : `${reason} It was held by run ${run}.`
  if (record.state === state && record.reason === words) return undefined
  draft.emit({ project, run: null }, { type: 'target.state', target, state, reason: words })
  return undefined
}
