import type { IncidentPolicy } from '../incidents/policy.ts'
import type { Plan } from '../plan.ts'
import type { Epic } from '../project.ts'
import type { TargetSpec } from '../targets/target.ts'

/** What the project says for all of its runs: a plan without an epic. */
export type PlanBase = Omit<Plan, 'epic' | 'title' | 'phases' | 'tasks' | 'targets'>

/**
 * What the engine knows of a project's file, so that it can start runs of its own (checks of an incident, a
 * rollback) in the same commit as what calls for them, while nobody is there who could read the file. Told anew
 * whenever the file is read; a run that is under way keeps what it began with.
 */
export interface ProjectSetup {
  /** `docker`, `process`: what `auto` came to. */
  readonly runner: string
  readonly base: PlanBase
  readonly targets: readonly TargetSpec[]
  /** Authorities and who in real life holds them. */
  readonly people: Readonly<Record<string, string>>
  readonly incidents: IncidentPolicy
  /** Those that playbooks start. */
  readonly epics: readonly Epic[]
}

/** The plan of a run that the engine starts by itself. */
export function ownPlan(setup: ProjectSetup, run: Pick<Plan, 'epic' | 'title' | 'phases' | 'tasks'>): Plan {
  const named = new Set(run.tasks.flatMap(({ target }) => target ?? []))
  const targets = setup.targets.filter(({ name }) => named.has(name))
  return { ...setup.base, ...run, ...(targets.length === 0 ? {} : { targets }) }
}
