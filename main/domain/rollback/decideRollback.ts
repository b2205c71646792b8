import type { ClientCommand } from '../commands.ts'
import { decideRun } from '../decideRun.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { TaskId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { runUsing } from '../points/takePoints.ts'
import type { ProjectRecord } from '../state.ts'
import type { TargetSpec } from '../targets/target.ts'
import { actionPlan, actionTask } from './actionPlan.ts'
import type { RollbackOrder } from './order.ts'
import { type RollbackPlan, rollbackPlan } from './rollbackPlan.ts'
import { stepTask } from './steps.ts'

const ROLLBACK_EPIC = 'rollback'

/** A run whose tasks are the steps of the plan, in the same commit; nothing of it has begun before it is on record. */
export function decideRollback(
  draft: Draft,
  command: Extract<ClientCommand, { type: 'rollback.start' }>,
): Verdict {
  const { target, point, parts, move, digest, why, incident, run } = command
  const project = draft.state.projects.get(command.project)
  if (project === undefined) return reject('unknown', `project ${command.project} is not registered`)
  const flaw = incident === null ? undefined : incidentFlaw(project, incident, target)
  if (flaw !== undefined) return flaw
  const planned = rollbackPlan(project, target, point, { parts, move })
  if (!planned.ok) return reject(planned.code, planned.reason)
  const { plan } = planned
  if (plan.digest !== digest)
    return reject('stale', 'the world has changed since you looked: look again, and decide on what it is now')
  const busy = busyWith(draft, project, plan)
  if (busy !== undefined) return reject('not-now', busy)
  const order = { target, point: plan.point, parts: plan.parts, why, incident }
  const runPlan = rollbackRun(plan, order, target === null ? [] : [project.targets[target]!.spec])
  return decideRun(draft, { type: 'run.start', project: project.id, run, runner: 'target', plan: runPlan })
}

/** What is ordered for an incident has to be a remedy of it, which begins now. */
function incidentFlaw({ incidents }: ProjectRecord, id: string, target: string | null): Verdict {
  const incident = incidents.find((one) => one.id === id)
  if (incident === undefined) return reject('unknown', `there is no incident ${id}`)
  if (incident.state !== 'open' && incident.state !== 'acknowledged')
    return reject('not-now', `${id} is ${incident.state}`)
  if (incident.target === null || incident.target === target) return undefined
  return reject('invalid', `${id} is about ${incident.target}, not ${target ?? 'the repository'}`)
}

function busyWith(draft: Draft, project: ProjectRecord, { target, point }: RollbackPlan): string | undefined {
  const user = runUsing(draft.state, point)
  if (user !== undefined) return `run ${user} is at work with ${point.id}; wait for it, or stop it`
  const other = [...draft.state.runs.values()].find(
    (run) => run.project === project.id && run.endedAt === null && run.plan.rollback?.target === target,
  )
  if (other !== undefined) return `run ${other.id} is going back already; wait for it, or stop it`
  return undefined
}

function rollbackRun(plan: RollbackPlan, order: RollbackOrder, targets: readonly TargetSpec[]): Plan {
  const { target, point, steps } = plan
  let before: readonly TaskId[] = []
  const tasks = steps.map(({ id, title, action }) => {
    const task = actionTask(id, title, action, target, before)
    before = [stepTask(id)]
    return task
  })
  const title = target === null ? `Go back to ${point.id}` : `Take ${target} back to ${point.id}`
  return actionPlan(ROLLBACK_EPIC, title, { tasks, targets, rollback: order })
}
