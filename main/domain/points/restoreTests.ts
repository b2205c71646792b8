import type { ScheduleRecord } from '../schedules/schedule.ts'
import type { ProjectRecord } from '../state.ts'
import { lastGoodPoint, policyOf } from './keeping.ts'
import type { RollbackPoint } from './point.ts'

/** The schedule that tries the points of a target. */
export const testScheduleName = (target: string): string => `test-points-${target}`

/** What is known of the way back of one target: whether anybody tried it, what came of it, and when it is tried next. */
export interface RestoreTests {
  /** Null: the repository alone. */
  readonly target: string | null
  /** The state that is offered to go back to. */
  readonly good: RollbackPoint | null
  /** Of the points that are kept the one that was tried last, whatever came of it. */
  readonly last: RollbackPoint | null
  /** Kept, and not to be restored; the one tried last first. */
  readonly broken: readonly RollbackPoint[]
  /** Null: nothing tries them by the clock. */
  readonly schedule: ScheduleRecord | null
  /**
   * `broken`: the last try failed; `untried`: nobody tried any; `nothing`: there is no good point to try; `restored`:
   * the last one that was tried can be restored.
   */
  readonly state: 'broken' | 'untried' | 'nothing' | 'restored'
}

/** Targets that are known, in their order; others, and the repository alone, where something was tried. */
export function restoreTestsOf(project: ProjectRecord): readonly RestoreTests[] {
  const tried = project.points.filter(({ tested }) => tested !== null).map(({ target }) => target)
  const all = new Set<string | null>([...Object.keys(project.targets), ...tried])
  return [...all].map((target) => testsOf(project, target))
}

function testsOf(project: ProjectRecord, target: string | null): RestoreTests {
  const own = project.points.filter((point) => point.target === target)
  const tried = own.filter(({ tested }) => tested !== null).toSorted((a, b) => b.tested!.at - a.tested!.at)
  const last = tried[0] ?? null
  const good = lastGoodPoint(own, target) ?? null
  const { items } = project.schedules
  const name = target === null ? undefined : testScheduleName(target)
  const isScheduled =
    name !== undefined && Object.hasOwn(items, name) && policyOf(project, target).test !== null
  return {
    target,
    good,
    last,
    broken: tried.filter(({ tested }) => !tested!.ok),
    schedule: isScheduled ? items[name]! : null,
    state: last !== null ? (last.tested!.ok ? 'restored' : 'broken') : good === null ? 'nothing' : 'untried',
  }
}
