import type { Draft } from '../draft.ts'
import type { ProjectId, RoleName } from '../ids.ts'
import type { TaskSpec } from '../project.ts'
import { startOwnRun } from '../setup/ownRun.ts'
import { ownPlan, type ProjectSetup } from '../setup/setup.ts'
import { incidentOf, ofProject } from './access.ts'
import type { Incident } from './incident.ts'
import { choicesOf } from './remedies.ts'

/** The epic of the runs in which agents look for the cause. */
const CHECKS_EPIC = 'incident'

/**
 * Starts the playbook's checks, all at once, as a run of their own. Its id is on record in the same commit, so a
 * crash at any moment finds either neither or both. Where nothing can be checked the incident is diagnosed without.
 */
export function startChecks(draft: Draft, project: ProjectId, id: string): void {
  const incident = incidentOf(draft, project, id)
  const { setup } = draft.state.projects.get(project)!
  const { tasks, leftOut } = setup === null ? NOTHING : tasksOf(incident, setup)
  if (setup === null || tasks.length === 0) {
    noChecks(draft, project, id, leftOut)
    return
  }
  const plan = ownPlan(setup, {
    epic: CHECKS_EPIC,
    title: `${incident.severity} ${id}: ${incident.title}`.slice(0, 200),
    phases: [{ name: 'checks', mode: 'parallel' }],
    tasks,
  })
  // Work under way does not hold them up.
  const limits = { ...plan.limits, maxConcurrentAgents: plan.limits.maxConcurrentAgents + tasks.length }
  const run = startOwnRun(draft, project, setup, `${project}/${id}/checks/${incident.since}`, {
    ...plan,
    limits,
  })
  if (typeof run !== 'string') {
    noChecks(draft, project, id, [...leftOut, `the checks could not be started: ${run.reason}`])
    return
  }
  draft.emit(ofProject(project), { type: 'incident.checking', id, run, leftOut: [...leftOut] })
}

/** What is offered does not depend on knowing the cause. */
function noChecks(draft: Draft, project: ProjectId, id: string, leftOut: readonly string[]): void {
  draft.emit(ofProject(project), { type: 'incident.checking', id, run: null, leftOut: [...leftOut] })
  const record = draft.state.projects.get(project)!
  const incident = incidentOf(draft, project, id)
  const choices = [...choicesOf(record, incident, [])]
  draft.emit(ofProject(project), { type: 'incident.diagnosed', id, causes: [], choices, lead: incident.lead })
}

interface Checkable {
  readonly tasks: readonly TaskSpec[]
  readonly leftOut: readonly string[]
}

const NOTHING: Checkable = { tasks: [], leftOut: ['the project has not been read since it was registered'] }

function tasksOf({ playbook, target }: Incident, setup: ProjectSetup): Checkable {
  if (playbook === null) return { tasks: [], leftOut: ['no playbook fits'] }
  const isKnown = target !== null && setup.targets.some(({ name }) => name === target)
  const [tasks, leftOut]: [TaskSpec[], string[]] = [[], []]
  for (const check of playbook.checks) {
    if (check.action !== undefined && !isKnown) {
      leftOut.push(`${check.title}: no target is known`)
      continue
    }
    const role = ableRole(check, setup)
    if (role === null && check.skills.length === 0) {
      leftOut.push(`${check.title}: there is no role ${check.role ?? ''} in the registry`)
      continue
    }
    const { target: _, ...rest } = check
    tasks.push({ ...rest, role, ...(isKnown ? { target } : {}) })
  }
  return { tasks, leftOut }
}

/** The role itself; what the engine does with its own hands is counted for anybody where there is no such role. */
function ableRole({ role, action }: TaskSpec, { base }: ProjectSetup): RoleName | null {
  if (base.roles.some(({ name }) => name === role)) return role
  return action === undefined ? null : (base.roles[0]?.name ?? null)
}
