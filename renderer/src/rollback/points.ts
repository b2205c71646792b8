import { lastGoodPoint } from '../../../main/domain/points/keeping.ts'
import { applyPointKey, type RollbackPoint } from '../../../main/domain/points/point.ts'
import { rollbackChoices } from '../../../main/domain/rollback/choices.ts'
import { rollbackPlan } from '../../../main/domain/rollback/rollbackPlan.ts'
import type { ProjectRecord, Run } from '../../../main/domain/state.ts'
import type { RollbackPreview } from '../../../preload/contract.ts'
import type { RollbackAsk } from './asked.ts'

export type Preview = Extract<RollbackPreview, { ok: true }>

/** Points of a target, the one that is offered first, then the newest. */
export function pointsOf(project: ProjectRecord, target: string | null): readonly RollbackPoint[] {
  return rollbackChoices(project, target).flatMap((choice) =>
    choice.kind === 'roll-back' ? [choice.point] : [],
  )
}

export function offeredPoint(project: ProjectRecord, target: string | null): RollbackPoint | undefined {
  return lastGoodPoint(project.points, target)
}

/** Is what a preview showed still what would be done now, as far as the state tells? */
export function isOutdated(project: ProjectRecord, { plan, move }: Preview): boolean {
  const now = rollbackPlan(project, plan.target, plan.point.id, { parts: plan.parts, move })
  return !now.ok || now.plan.digest !== plan.digest
}

/** The point that a rollback made of what was there before it: the way back from it. */
export function savedBy(project: ProjectRecord, run: Run): RollbackPoint | undefined {
  return project.points.findLast(({ why, key }) => why === 'rollback' && key.startsWith(`${run.id}/`))
}

/** The way back from what a run did outside of itself: at the target it acted on last, or in the user's repository. */
export function backFrom(project: ProjectRecord, run: Run): RollbackAsk | undefined {
  const { tasks } = run.plan
  const target = tasks.findLast(
    ({ target: at, action, kind }) =>
      at !== undefined &&
      (action?.do === 'deploy' || kind === 'migrate' || kind === 'deploy') &&
      offeredPoint(project, at) !== undefined,
  )?.target
  if (target !== undefined) return { project: project.id, target }
  const applied = project.points.find(({ key }) => key === applyPointKey(run.id))
  return applied === undefined ? undefined : { project: project.id, target: null, point: applied.id }
}

/** More rows in a table now than in the point: they are kept beside, not in what is put back. */
export interface RowsSince {
  readonly table: string
  readonly by: number
}

export function rowsSince({ plan, facts }: Preview): readonly RowsSince[] {
  const then = plan.point.database?.rows ?? {}
  if (facts.rows === null) return []
  const tables = [...new Set([...Object.keys(then), ...Object.keys(facts.rows)])].sort()
  return tables.flatMap((table) => {
    const by = rowsOf(facts.rows!, table) - rowsOf(then, table)
    return by === 0 ? [] : [{ table, by }]
  })
}

function rowsOf(rows: Readonly<Record<string, number>>, table: string): number {
  return Object.hasOwn(rows, table) ? rows[table]! : 0
}
