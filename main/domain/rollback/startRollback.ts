import type { Rejection } from '../commands.ts'
import { type Draft, reject } from '../draft.ts'
import type { ProjectId, RunId } from '../ids.ts'
import { lastGoodPoint } from '../points/keeping.ts'
import { derivedRunId } from '../setup/ownRun.ts'
import { decideRollback } from './decideRollback.ts'
import { rollbackPlan } from './rollbackPlan.ts'

/** A rollback that is ordered in the course of a decision, not by the command `rollback.start`. */
export interface RollbackAsk {
  readonly target: string
  /** Null: the last good one. */
  readonly point: string | null
  readonly why: string
  readonly incident: string | null
}

/**
 * Starts the run that goes back to a point of a target, in the same commit; its id, or why it cannot be. The user's
 * branch stays where it is: nobody has looked at the repository.
 */
export function startRollback(draft: Draft, project: ProjectId, ask: RollbackAsk): RunId | Rejection {
  const record = draft.state.projects.get(project)!
  const { target, why, incident } = ask
  const point = ask.point ?? lastGoodPoint(record.points, target)?.id
  if (point === undefined)
    return reject(
      'not-now',
      `there is no good rollback point of ${target}; \`amphi points\` lists those there are`,
    )
  const planned = rollbackPlan(record, target, point, { move: null })
  if (!planned.ok) return reject(planned.code, planned.reason)
  let at = draft.now
  let run = derivedRunId(at, `${project}/rollback/${point}`)
  while (draft.state.runs.has(run)) run = derivedRunId(++at, `${project}/rollback/${point}`)
  const { digest } = planned.plan
  const order = { project, run, target, point, digest, why: why.slice(0, 2_000), move: null, incident }
  return decideRollback(draft, { type: 'rollback.start', ...order }) ?? run
}
