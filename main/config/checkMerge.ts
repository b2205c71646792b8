import { MERGE_CHECK } from '../domain/merging/mergePolicy.ts'
import { expandedIds } from './checkTasks.ts'
import { asMap, type EpicDraft } from './drafts.ts'
import type { Problem } from './problems.ts'
import type { Source } from './yaml.ts'

/** Merge checks go by a name of their own: no task of the project may have it, in whatever case. */
export function checkMerge(root: unknown, epics: readonly EpicDraft[], source: Source): readonly Problem[] {
  if (asMap(root)?.merge === undefined) return []
  return epics
    .flatMap(({ tasks }) => tasks)
    .filter((task) => expandedIds(task).some((id) => id.toLowerCase() === MERGE_CHECK))
    .map((task) =>
      source.problem(
        [...task.path, 'id'],
        `"${MERGE_CHECK}" is what checks before merges are called: choose another id, or leave out "merge"`,
      ),
    )
}
