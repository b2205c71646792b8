import type { Plan } from '../domain/plan.ts'
import type { Project } from '../domain/project.ts'

/** What a run of one epic needs of its project; undefined when there is no such epic. */
export function planFor(project: Project, epicId: string): Plan | undefined {
  const epic = project.epics.find(({ id }) => id === epicId)
  if (epic === undefined) return undefined
  const named = new Set(epic.tasks.map(({ target }) => target))
  const targets = project.targets.filter(({ name }) => named.has(name))
  const shares = project.limits.maxAgentsPerFile > 1
  return {
    epic: epic.id,
    title: epic.title,
    image: project.image,
    limits: project.limits,
    roles: project.roles,
    phases: epic.phases,
    tasks: shares ? epic.tasks.map((task) => ({ ...task, sharesWrites: true })) : epic.tasks,
    communication: project.communication,
    rules: project.rules,
    conflicts: project.conflicts,
    lockRules: project.lockRules,
    prediction: project.prediction,
    ...(project.ports === null ? {} : { ports: project.ports }),
    ...(project.merge === null ? {} : { merge: project.merge }),
    ...(targets.length === 0 ? {} : { targets }),
    strays: project.strays,
  }
}
