import type { Plan } from '../../../../main/domain/plan.ts'

/** Tasks whose name, title, role or skills hold all words of the query, in the plan's order; none for an empty query. */
export function findTasks(plan: Plan, query: string): readonly number[] {
  const wanted = wordsOf(query)
  if (wanted.length === 0) return []
  return plan.tasks.flatMap((spec, i) =>
    holds(`${spec.id} ${spec.title} ${spec.role ?? ''} ${spec.skills.join(' ')}`, wanted) ? [i] : [],
  )
}

/** Places in `plan.roles`. */
export function findRoles(plan: Plan, query: string): readonly number[] {
  const wanted = wordsOf(query)
  if (wanted.length === 0) return []
  return plan.roles.flatMap((role, i) =>
    holds(`${role.name} ${role.title} ${role.skills.join(' ')} ${role.id ?? ''}`, wanted) ? [i] : [],
  )
}

function wordsOf(query: string): readonly string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

function holds(text: string, wanted: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return wanted.every((word) => lower.includes(word))
}
