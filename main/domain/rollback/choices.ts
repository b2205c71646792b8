import { lastGoodPoint } from '../points/keeping.ts'
import type { RollbackPoint } from '../points/point.ts'
import type { ProjectRecord } from '../state.ts'

/** What can be done about a target that is not well: data for whoever offers it. */
export type RollbackChoice =
  /** `offered`: the last good one, first. */
  | { readonly kind: 'roll-back'; readonly point: RollbackPoint; readonly offered: boolean }
  /** The next release mends it: nothing is put back, nothing written since is set aside. */
  | { readonly kind: 'fix-forward'; readonly from: string | null }
  /** A fresh container of what is released. */
  | { readonly kind: 'restart'; readonly version: string }

export function rollbackChoices(project: ProjectRecord, target: string | null): readonly RollbackChoice[] {
  const points = project.points.filter((point) => point.target === target).toReversed()
  const offered = lastGoodPoint(project.points, target)
  const known =
    target !== null && Object.hasOwn(project.targets, target) ? project.targets[target] : undefined
  const rest = points.filter((point) => point !== offered)
  const back = [...(offered === undefined ? [] : [offered]), ...rest].map((point) => ({
    kind: 'roll-back' as const,
    point,
    offered: point === offered,
  }))
  const current = known?.current?.release
  const forward = { kind: 'fix-forward' as const, from: current?.version ?? null }
  return [
    ...back,
    forward,
    ...(current === undefined ? [] : [{ kind: 'restart' as const, version: current.version }]),
  ]
}
