import type { Project } from '../domain/project.ts'
import type { ProjectSetup } from '../domain/setup/setup.ts'

/** What the engine keeps of a project's file, for runs of its own; `runner`: what `auto` came to. */
export function setupOf(project: Project, runner: string): ProjectSetup {
  const { incidents, epics } = project
  const named = new Set(
    incidents.playbooks.flatMap(({ remedies }) =>
      remedies.flatMap(({ act }) => (act.do === 'epic' ? [act.epic] : [])),
    ),
  )
  return {
    runner,
    base: {
      image: project.image,
      limits: project.limits,
      roles: project.roles,
      communication: project.communication,
      rules: project.rules,
      conflicts: project.conflicts,
      lockRules: project.lockRules,
      prediction: project.prediction,
      ...(project.ports === null ? {} : { ports: project.ports }),
      // An epic that is a remedy goes around none of its gates.
      ...(named.size === 0 ? {} : { gates: project.gates }),
      strays: project.strays,
      health: project.health,
    },
    targets: project.targets,
    people: project.people,
    incidents,
    epics: epics.filter(({ id }) => named.has(id)),
  }
}
