import type { GateSpec } from '../domain/gates/gate.ts'
import type { Plan } from '../domain/plan.ts'
import type { Epic, Project } from '../domain/project.ts'

/** What a run of one epic needs of its project; undefined when there is no such epic. */
export function planFor(project: Project, epicId: string): Plan | undefined {
  const epic = project.epics.find(({ id }) => id === epicId)
  return epic === undefined ? undefined : planForEpic(project, epic)
}

/** The same for what is no epic of the project's file, such as a task that is run by the clock. */
export function planForEpic(project: Project, epic: Epic): Plan {
  const named = new Set(epic.tasks.map(({ target }) => target))
  const targets = project.targets.filter(({ name }) => named.has(name))
  const gates = namedGates(project, epic)
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
    ...(gates.length === 0 ? {} : { gates }),
    strays: project.strays,
    health: project.health,
  }
}

/** Those that its tasks, its phases and where it deploys to name. */
function namedGates({ gates, targets }: Project, epic: Epic): readonly GateSpec[] {
  const goesTo = targets.filter(({ name }) => epic.tasks.some(({ target }) => target === name))
  const names = new Set([...epic.tasks, ...epic.phases, ...goesTo].flatMap((one) => one.gates ?? []))
  return gates.filter(({ name }) => names.has(name))
}
