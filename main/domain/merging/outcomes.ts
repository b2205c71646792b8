import { raise, resolveTask } from '../attention.ts'
import { mergedBefore } from '../conflicts/mergedBefore.ts'
import { isLive } from '../conflicts/parties.ts'
import { namesOf, openOf, raiseConflict } from '../conflicts/raising.ts'
import { closeConflict } from '../conflicts/settling.ts'
import type { Draft } from '../draft.ts'
import type { RunId } from '../ids.ts'
import { holderOf } from '../locks/taskLocks.ts'

interface At {
  readonly run: RunId
  readonly task: number
  readonly attempt: number
}

/** Its work does not fit textually with what was merged before it: a person is asked. */
export function conflicted(draft: Draft, report: At & { readonly files: readonly string[] }): void {
  const { run, task, attempt, files } = report
  draft.emitRun(run, { type: 'work.conflicted', task, attempt, files: [...files] })
  draft.emitRun(run, { type: 'task.blocked', task, by: `conflict in ${files.join(', ')}` })
  const name = draft.run(run).plan.tasks[task]!.id
  const text = `${name} changed ${files.join(', ')}, and so did work merged before it`
  raise(draft, run, task, 'conflict', text, ['retry', 'skip', 'fail'])
  const before = mergedBefore(draft.run(run), task, files)
  const { project } = draft.run(run)
  const holder = holderOf(draft.run(run), task, attempt)
  const id = raiseConflict(draft, project, {
    cause: 'merge',
    parties: [...before, holder],
    files,
    text: before.length === 0 ? text : `${namesOf(before)} and ${name} both changed ${files.join(', ')}`,
    evidence: [],
  })
  for (const open of openOf(draft.state.projects.get(project)!)) {
    const others = open.parties.filter((party) => party !== holder)
    if (open.cause !== 'predicted' || others.length === open.parties.length) continue
    if (others.every((party) => !isLive(draft.state, party, project)))
      closeConflict(draft, project, open, `it came about, as ${id}`)
  }
}

/** Done, and nothing of it is left to merge. */
export function completeTask(draft: Draft, at: At): void {
  resolveTask(draft, at.run, at.task, 'over')
  draft.emitRun(at.run, { type: 'task.completed', task: at.task, attempt: at.attempt })
}
