import { resolveTask } from './attention.ts'
import { couldHaveClashed } from './conflicts/learning.ts'
import type { Draft } from './draft.ts'
import { placeWords } from './gates/places.ts'
import type { RunId } from './ids.ts'
import { planIndex } from './plan.ts'
import { isMet, isSettled, type Run } from './state.ts'
import type { RunStatus } from './states.ts'

/** Closes a run in which nothing more can happen: what never got its turn is cancelled and says why. */
export function settleRun(draft: Draft, id: RunId, cause: string | null = null): void {
  const stopping = draft.run(id).status === 'stopping'
  const why = cause ?? (stopping ? 'the run was stopped' : null)
  for (let task = 0; task < draft.run(id).tasks.length; task++) {
    const record = draft.run(id).tasks.get(task)!
    if (isSettled(record)) continue
    const reason = why ?? waitedFor(draft.run(id), task)
    resolveTask(draft, id, task, 'over')
    if (record.current !== null) cancelAttempt(draft, id, task, record.current.n, reason)
    draft.emitRun(id, { type: 'task.failed', task, outcome: 'cancelled', cause: reason, next: null })
  }
  const run = draft.run(id)
  const failed = failedGate(run) ?? firstFailure(run)
  const status: RunStatus = stopping
    ? 'stopped'
    : failed === undefined && cause === null
      ? 'completed'
      : 'failed'
  const met = couldHaveClashed(run, draft.state.projects.get(run.project)?.clashes ?? {})
  const known = met.length === 0 ? {} : { met: [...met] }
  draft.emitRun(id, { type: 'run.settled', status, cause: why ?? failed ?? null, ...known })
}

function cancelAttempt(draft: Draft, run: RunId, task: number, attempt: number, detail: string): void {
  draft.emitRun(run, {
    type: 'agent.terminated',
    task,
    attempt,
    cause: 'cancelled',
    detail,
    code: null,
    outputs: {},
  })
}

function waitedFor(run: Run, task: number): string {
  const need = planIndex(run.plan).needs[task]!.find((index) => !isMet(run, index))
  if (need !== undefined) return `needs ${run.plan.tasks[need]!.id}, which did not complete`
  return failedGate(run) ?? `phase ${run.plan.phases[run.phase]?.name ?? run.phase + 1} did not complete`
}

/** What keeps a phase whose tasks are all done from being done. */
function failedGate(run: Run): string | undefined {
  const failed = run.gates?.records.find(({ at, state }) => at.kind === 'phase' && state === 'failed')
  return failed === undefined
    ? undefined
    : `gate ${failed.gate} of ${placeWords(run.plan, failed.at)} did not pass`
}

function firstFailure(run: Run): string | undefined {
  let index = 0
  for (const task of run.tasks) {
    if (!isMet(run, index)) return `${run.plan.tasks[index]!.id}: ${task.cause ?? 'failed'}`
    index++
  }
  return undefined
}
