import type { Draft } from './draft.ts'
import type { AttentionKind } from './events.ts'
import type { RunId } from './ids.ts'

/** Asks or tells a person something about a run. Asking what is being asked already changes nothing. */
export function raise(
  draft: Draft,
  run: RunId,
  task: number | null,
  kind: AttentionKind,
  text: string,
  choices: readonly string[],
): void {
  const { attention, plan, tasks } = draft.run(run)
  const id = task === null ? kind : `${plan.tasks[task]!.id}#${tasks.get(task)!.attempts}:${kind}`
  if (attention.some((item) => item.id === id)) return
  draft.emitRun(run, { type: 'attention.raised', id, kind, task, text, choices: [...choices] })
}

export function resolve(draft: Draft, run: RunId, id: string, choice: string): void {
  if (draft.run(run).attention.some((item) => item.id === id)) {
    draft.emitRun(run, { type: 'attention.resolved', id, choice })
  }
}

/** Takes back everything asked about a task. */
export function resolveTask(draft: Draft, run: RunId, task: number, choice: string): void {
  for (const item of draft.run(run).attention) if (item.task === task) resolve(draft, run, item.id, choice)
}
