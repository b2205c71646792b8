import type { Draft } from '../draft.ts'
import type { RunId } from '../ids.ts'

/**
 * A step of a rollback failed: nothing after it was begun. Says beside the cause how one can go on; empty for other
 * runs.
 */
export function wayOn(draft: Draft, id: RunId): string {
  const { plan, project } = draft.run(id)
  const { rollback } = plan
  if (rollback === undefined) return ''
  const points = draft.state.projects.get(project)?.points ?? []
  const saved = points.findLast(({ why, key }) => why === 'rollback' && key.startsWith(`${id}/`))
  const ways = ['retry the step', 'skip it']
  if (saved !== undefined) ways.push(`take back what was done so far (amphi rollback --to ${saved.id})`)
  return `. Nothing after it was begun. You can ${ways.join(', or ')}.`
}
