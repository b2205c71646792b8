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

/** The same about a message, a hand-off or a ballot; it stays when the attempt of the task ends. */
export function raiseAbout(
  draft: Draft,
  run: RunId,
  item: {
    readonly about: string
    readonly kind: AttentionKind
    readonly task: number | null
    readonly text: string
    readonly choices: readonly string[]
  },
): void {
  const id = `${item.about}:${item.kind}`
  if (draft.run(run).attention.some((other) => other.id === id)) return
  draft.emitRun(run, { type: 'attention.raised', ...item, id, choices: [...item.choices] })
}

export function resolve(draft: Draft, run: RunId, id: string, choice: string): void {
  if (draft.run(run).attention.some((item) => item.id === id)) {
    draft.emitRun(run, { type: 'attention.resolved', id, choice })
  }
}

/** Takes back everything asked about a task's attempt; what it said to people outlives that. */
export function resolveTask(draft: Draft, run: RunId, task: number, choice: string): void {
  for (const item of draft.run(run).attention)
    if (item.task === task && item.about === null) resolve(draft, run, item.id, choice)
}
