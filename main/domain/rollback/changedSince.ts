import type { RollbackPoint } from '../points/point.ts'
import type { ProjectRecord } from '../state.ts'
import type { ReleasedAt } from '../targets/target.ts'
import type { Deed } from './deeds.ts'

/** What happened to a target, or in a project, since one of its points was made: as far as it is on record. */
export interface ChangedSince {
  /** Oldest first. */
  readonly releases: readonly ReleasedAt[]
  readonly migrations: readonly Deed[]
  readonly irreversible: readonly Deed[]
  /** Runs brought into the repository. */
  readonly applied: readonly string[]
}

/** Until another point, where there is one; else until now. */
export function changedSince(
  project: ProjectRecord,
  point: RollbackPoint,
  until: RollbackPoint | null = null,
): ChangedSince {
  const end = until?.at ?? Number.POSITIVE_INFINITY
  const isIn = (at: number): boolean => at >= point.at && at < end
  const { target } = point
  const known =
    target !== null && Object.hasOwn(project.targets, target) ? project.targets[target] : undefined
  const deeds = project.deeds.filter((deed) => isIn(deed.at))
  const isHere = (deed: Deed): boolean => deed.target === target
  return {
    releases: (known?.history ?? []).filter(({ at }) => isIn(at)).toReversed(),
    migrations: deeds.filter((deed) => deed.kind === 'migrate' && isHere(deed)),
    // Mail that went out stays out, whatever target the task was for.
    irreversible: deeds.filter(
      (deed) => deed.kind === 'irreversible' && (target === null || deed.target === null || isHere(deed)),
    ),
    applied: project.points
      .filter((one) => one.why === 'apply' && isIn(one.at) && one.id !== point.id)
      .map((one) => one.key.replace(/\/apply$/, '')),
  }
}
