import type { Draft } from '../draft.ts'
import { attemptId } from '../ids.ts'
import { startOwnRun } from '../setup/ownRun.ts'
import type { Run } from '../state.ts'
import { ofProject, recordOf } from './access.ts'
import { isActive } from './incident.ts'
import { raiseIncident } from './raising.ts'
import { verifyPlan } from './remedying.ts'

/** An attempt at a deployment that did not verify, and was put back by the action itself. */
export interface PutBack {
  readonly run: Run
  readonly task: number
  readonly attempt: number
  /** What it did not verify by, in words. */
  readonly text: string
}

/**
 * Whoever uses the target has what they had before, so that it is a P1 and no more; but what was done besides (a
 * migration of before) was not put back with it. So what answers now is verified again: where it does not either, that is
 * a P0 by itself, as every verification that fails.
 */
export function puttingBack(draft: Draft, { run, task, attempt, text }: PutBack): void {
  const { id: name, title, target } = run.plan.tasks[task]!
  const record = recordOf(draft, run.project)
  const hadOne = record.targets[target!]?.current != null
  const id = raiseIncident(draft, run.project, {
    severity: 'P1',
    title: `${target}: ${title} does not verify and was ${hadOne ? 'put back' : 'taken away'}`,
    text,
    target: target!,
    labels: {},
    group: null,
    source: { kind: 'verification', ref: attemptId(run.id, name, attempt) },
    role: null,
  })
  if (!hadOne || isBeingVerified(draft, id)) return
  const { setup } = record
  const plan = setup === null ? undefined : verifyPlan(setup, id, target!)
  if (setup === null || plan === undefined) {
    note(draft, run, id, 'what answers now was not verified: the project file does not have it any more')
    return
  }
  const seed = `${run.project}/${id}/recheck/${draft.state.seq}`
  const started = startOwnRun(draft, run.project, setup, seed, { ...plan, recheck: { incident: id } })
  const isStarted = typeof started === 'string'
  const why = isStarted ? '' : started.reason
  note(draft, run, id, isStarted ? AGAIN : `what answers now could not be verified: ${why}`)
}

const AGAIN = 'what was there before was put back, and is being verified'

/** A verification of what was put back is over. */
export function putBackVerified(draft: Draft, run: Run, ok: boolean, detail: string): void {
  const id = run.plan.recheck?.incident
  const incident = recordOf(draft, run.project).incidents.find((one) => one.id === id)
  if (incident === undefined || !isActive(incident)) return
  const words = ok ? 'passed: what was put back verifies' : 'failed: what was put back does not verify either'
  note(draft, run, incident.id, `${words}: ${detail}`)
}

function note(draft: Draft, { project }: Run, id: string, text: string): void {
  draft.emit(ofProject(project), { type: 'incident.noted', id, kind: 'verification', text })
}

/** By the try before, which is not over yet. */
function isBeingVerified(draft: Draft, incident: string): boolean {
  return [...draft.state.runs.values()].some(
    ({ plan, endedAt }) => endedAt === null && plan.recheck?.incident === incident,
  )
}
