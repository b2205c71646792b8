import type { ClientCommand } from '../commands.ts'
import { decideRun } from '../decideRun.ts'
import { type Draft, reject, type Verdict } from '../draft.ts'
import type { ProjectId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import { actionPlan, actionTask } from '../rollback/actionPlan.ts'
import type { ProjectRecord } from '../state.ts'
import { lastGoodPoint, wayBack } from './keeping.ts'
import type { RollbackPoint } from './point.ts'
import type { PointReport } from './pointCommands.ts'
import { dropOutdated, runUsing } from './takePoints.ts'

type Of<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>
type PointCommand =
  | Of<'point.pin' | 'point.unpin' | 'point.remove' | 'point.make' | 'point.test' | 'point.drop-aside'>
  | PointReport

export function decidePoints(draft: Draft, command: PointCommand): Verdict {
  const project = draft.state.projects.get(command.project)
  if (project === undefined) return reject('unknown', `project ${command.project} is not registered`)
  if (command.type === 'point.make') return make(draft, project, command)
  if (command.type === 'point.drop-aside') return dropAside(draft, project, command)
  if (command.type === 'report.points-aged') {
    dropOutdated(draft, project.id)
    return undefined
  }
  const point = project.points.find(({ id }) => id === command.point)
  if (point === undefined)
    return reject(
      'unknown',
      `there is no rollback point ${command.point}; \`amphi points\` lists those there are`,
    )
  switch (command.type) {
    case 'point.pin':
    case 'point.unpin':
      return pin(draft, project.id, point, command.type === 'point.pin')
    case 'point.remove':
      return remove(draft, project, point)
    case 'point.test':
      return test(draft, project, point, command)
    case 'report.point-copied': {
      const { to, trouble } = command
      if (point.copiedTo === to && (point.copyTrouble ?? null) === trouble) return undefined
      draft.emit({ project: project.id, run: null }, { type: 'point.copied', point: point.id, to, trouble })
      return undefined
    }
  }
}

function pin(draft: Draft, project: ProjectId, point: RollbackPoint, pinned: boolean): Verdict {
  if (point.pinned === pinned) return undefined
  draft.emit({ project, run: null }, { type: 'point.pinned', point: point.id, pinned })
  return undefined
}

/** A person may remove what the policy would keep, but not what somebody may need next. */
function remove(draft: Draft, project: ProjectRecord, point: RollbackPoint): Verdict {
  if (point.pinned)
    return reject('not-now', `${point.id} is pinned: \`amphi points unpin ${point.id}\` first`)
  const user = runUsing(draft.state, point)
  if (user !== undefined) return reject('not-now', `run ${user} is at work with ${point.id}; wait for it`)
  if (point.target !== null && lastGoodPoint(project.points, point.target) === point)
    return reject(
      'not-now',
      `${point.id} is the last good point of ${point.target}: make another one while it is well, then remove this`,
    )
  if (wayBack(project, point.target) === point)
    return reject(
      'not-now',
      `${point.id} is the way back from the rollback that left ${point.target} half done: bring that to an end first`,
    )
  draft.emit({ project: project.id, run: null }, { type: 'point.removed', point: point.id, why: 'person' })
  return undefined
}

function make(draft: Draft, project: ProjectRecord, command: Of<'point.make'>): Verdict {
  const { target, name, run } = command
  const spec =
    target !== null && Object.hasOwn(project.targets, target) ? project.targets[target]!.spec : null
  if (target !== null && spec === null)
    return reject('unknown', `there is no target ${target} that anything was released to`)
  const title = target === null ? 'Keep the repository' : `Keep ${target}`
  const plan = actionPlan('points', title, {
    tasks: [actionTask('save', title, { do: 'point', name, why: 'hand' }, target)],
    targets: spec === null ? [] : [spec],
  })
  return decideRun(draft, { type: 'run.start', project: project.id, run, runner: 'target', plan })
}

function dropAside(draft: Draft, project: ProjectRecord, command: Of<'point.drop-aside'>): Verdict {
  const { target, run, names, anyway } = command
  if (!Object.hasOwn(project.targets, target)) return reject('unknown', `there is no target ${target}`)
  const title = `Drop what rollbacks have put aside at ${target}`
  const plan = actionPlan('points', title, {
    tasks: [actionTask('drop', title, { do: 'drop-aside', names, anyway }, target)],
    targets: [project.targets[target]!.spec],
  })
  return decideRun(draft, { type: 'run.start', project: project.id, run, runner: 'target', plan })
}

function test(
  draft: Draft,
  project: ProjectRecord,
  point: RollbackPoint,
  command: Of<'point.test'>,
): Verdict {
  const { id, target } = point
  const plan = testPlan(project, point)
  if (plan === undefined)
    return reject('not-now', `${target} of ${id} is not known any more; there is nowhere to restore it`)
  return decideRun(draft, {
    type: 'run.start',
    project: project.id,
    run: command.run,
    runner: 'target',
    plan,
  })
}

/** The run that restores it into a scratch place and compares; undefined where its target is not known any more. */
export function testPlan(project: ProjectRecord, { id, key, target }: RollbackPoint): Plan | undefined {
  const spec =
    target !== null && Object.hasOwn(project.targets, target) ? project.targets[target]!.spec : null
  if (target !== null && spec === null) return undefined
  const title = `Restore ${id} to see that it can be`
  return actionPlan('points', title, {
    tasks: [actionTask('test', title, { do: 'test-point', point: id, key }, target)],
    targets: spec === null ? [] : [spec],
  })
}
