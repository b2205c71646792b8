import type { Draft } from '../draft.ts'
import { attemptId, type ProjectId, type RunId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { readActionOutcome } from './actionOutputs.ts'
import type { TargetRecord, TaskAction } from './target.ts'

/** A run brings its project's targets along as its plan has them: the project knows them from then on. */
export function declareTargets(draft: Draft, project: ProjectId, run: RunId, plan: Plan): void {
  for (const spec of plan.targets ?? []) {
    const known = draft.state.projects.get(project)?.targets[spec.name]
    if (known !== undefined && JSON.stringify(known.spec) === JSON.stringify(spec)) continue
    draft.emit({ project, run }, { type: 'target.declared', spec })
  }
}

/** Does it change what is there? Others look only, any number of them at once. */
export function changes(action: TaskAction): boolean {
  return action.do !== 'verify' && action.do !== 'inspect'
}

/** An attempt that acts on a target begins. */
export function actionBegan(draft: Draft, runId: RunId, task: number): void {
  const run = draft.run(runId)
  const { target, action, id } = run.plan.tasks[task]!
  if (target === undefined || action === undefined || !changes(action)) return
  const by = attemptId(runId, id, run.tasks.get(task)!.current!.n)
  draft.emitRun(runId, { type: 'target.busy', target, by })
}

/** An attempt that acted on a target is over, well or not: what it told of the target is on record with its end. */
export function actionEnded(
  draft: Draft,
  runId: RunId,
  task: number,
  outputs: Readonly<Record<string, string>>,
): void {
  const run = draft.run(runId)
  const { target, action, id } = run.plan.tasks[task]!
  if (target === undefined || action === undefined) return
  const record = draft.state.projects.get(run.project)?.targets[target]
  const attempt = run.tasks.get(task)!.current
  if (record === undefined || attempt === null) return
  const by = attemptId(runId, id, attempt.n)
  const { release, verified, state, reason, before, takenDown } = readActionOutcome(outputs)
  if (release !== null) {
    draft.emitRun(runId, { type: 'target.released', target, release, by, before, verified })
  }
  if (takenDown !== null)
    draft.emitRun(runId, { type: 'target.taken-down', target, by, data: takenDown.data })
  const isNew = state !== null && (state !== record.state || reason !== record.reason)
  if (isNew) draft.emitRun(runId, { type: 'target.state', target, state, reason })
  if (record.busy === by) draft.emitRun(runId, { type: 'target.busy', target, by: null })
}

/** How an attempt on a target that nobody saw the end of leaves it. */
export function actionLost(record: TargetRecord, task: string): Readonly<Record<string, string>> {
  const reason = `how ${task} ended is not known; look with: amphi targets show ${record.spec.name}`
  return { state: 'unknown', reason }
}
