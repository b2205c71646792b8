import type { ProjectRecord } from '../state.ts'
import type { PointPolicy } from '../targets/target.ts'
import type { RollbackPoint } from './point.ts'

/** For points of the repository alone, and of targets that are not known any more. */
const DEFAULT_POINT_POLICY: PointPolicy = { keep: 20, maxAgeMs: null, test: null, remote: null }

export function policyOf(project: ProjectRecord, target: string | null): PointPolicy {
  const known =
    target === null || !Object.hasOwn(project.targets, target) ? undefined : project.targets[target]
  return known?.spec.points ?? DEFAULT_POINT_POLICY
}

/**
 * The state that is offered to go back to: the newest in which the target was well, and whose snapshot is not known
 * to be bad.
 */
export function lastGoodPoint(
  points: readonly RollbackPoint[],
  target: string | null,
): RollbackPoint | undefined {
  return points.findLast((point) => point.target === target && point.good && point.tested?.ok !== false)
}

/** The way back from a rollback that has left its target half done; its run may be over. */
export function wayBack(
  { points, targets }: ProjectRecord,
  target: string | null,
): RollbackPoint | undefined {
  if (target === null || !Object.hasOwn(targets, target) || targets[target]!.state !== 'half')
    return undefined
  return points.findLast((point) => point.target === target && point.why === 'rollback')
}

export interface Outdated {
  readonly point: RollbackPoint
  readonly why: 'number' | 'age'
}

/**
 * Points that the policy of their target lets go: beyond the newest `keep`, or older than `maxAgeMs`. Never one that is
 * pinned, in use, the last good one of its target, or the way back from what is half done.
 */
export function outdated(
  project: ProjectRecord,
  now: number,
  inUse: (point: RollbackPoint) => boolean,
): readonly Outdated[] {
  const found: Outdated[] = []
  for (const target of new Set(project.points.map((point) => point.target))) {
    const { keep, maxAgeMs } = policyOf(project, target)
    const points = project.points.filter((point) => point.target === target)
    const needed = [lastGoodPoint(points, target), wayBack(project, target)]
    points.forEach((point, i) => {
      if (point.pinned || needed.includes(point) || inUse(point)) return
      if (points.length - i > keep) found.push({ point, why: 'number' })
      else if (maxAgeMs !== null && now - point.at > maxAgeMs) found.push({ point, why: 'age' })
    })
  }
  return found
}

/** All that is kept, by target, for people who wonder where their disk went. */
export function bytesKept(points: readonly RollbackPoint[]): number {
  return points.reduce((sum, point) => sum + point.bytes, 0)
}
