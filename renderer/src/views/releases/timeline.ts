import { lastGoodPoint } from '../../../../main/domain/points/keeping.ts'
import type { RollbackPoint } from '../../../../main/domain/points/point.ts'
import { type ChangedBetween, changesBetween } from '../../../../main/domain/points/pointHistory.ts'
import type { Deed } from '../../../../main/domain/rollback/deeds.ts'
import type { ProjectRecord } from '../../../../main/domain/state.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import type { ReleasedAt, TargetState } from '../../../../main/domain/targets/target.ts'

/** Releases, migrations and the points one can go back to, as one story. */
export type Entry =
  | {
      readonly kind: 'point'
      readonly id: string
      readonly at: number
      readonly target: string | null
      readonly point: RollbackPoint
      readonly lastGood: boolean
      /** Until the next point of its target, or until now. */
      readonly changed: ChangedBetween
    }
  | {
      readonly kind: 'release'
      readonly id: string
      readonly at: number
      readonly target: string
      readonly released: ReleasedAt
      readonly isCurrent: boolean
    }
  | {
      readonly kind: 'deed'
      readonly id: string
      readonly at: number
      readonly target: string | null
      readonly deed: Deed
    }

/** Newest first. `target`: of this one only; undefined for all. Null is the repository alone. */
export function timelineOf(project: ProjectRecord, target?: string | null): readonly Entry[] {
  const isShown = (of: string | null): boolean => target === undefined || of === target
  const next = new Map<string | null, RollbackPoint>()
  const points = project.points.toReversed().map((point): Entry => {
    const changed = changesBetween(project, point, next.get(point.target) ?? null)
    next.set(point.target, point)
    const lastGood = lastGoodPoint(project.points, point.target) === point
    return { kind: 'point', id: point.id, at: point.at, target: point.target, point, lastGood, changed }
  })
  const releases = Object.values(project.targets).flatMap(({ spec, history, current }) =>
    history.map(
      (released): Entry => ({
        kind: 'release',
        id: `r:${spec.name}:${released.by}`,
        at: released.at,
        target: spec.name,
        released,
        isCurrent: released.at === current?.at && released.by === current.by,
      }),
    ),
  )
  const deeds = project.deeds.map(
    (deed): Entry => ({
      kind: 'deed',
      id: `d:${deed.run}/${deed.task}#${deed.attempt}:${deed.kind}`,
      at: deed.at,
      target: deed.target,
      deed,
    }),
  )
  return [...points, ...releases, ...deeds]
    .filter((entry) => isShown(entry.target))
    .toSorted((a, b) => b.at - a.at || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))
}

/** Of the same moment: a release comes of what was done, and a point is made before both. */
const KINDS: readonly Entry['kind'][] = ['release', 'deed', 'point']

/** What is looked at: a point, or what changed between two, the second of which may be now. */
export type Chosen =
  | { readonly kind: 'point'; readonly point: string }
  | { readonly kind: 'between'; readonly from: string; readonly to: string | null }

/** `p14`, `p12~p14`, `p14~now`; undefined for anything else. */
export function chosenIn(at: string | undefined): Chosen | undefined {
  const match = /^(p\d+)(?:~(p\d+|now))?$/.exec(at ?? '')
  if (match === null) return undefined
  const [, from, to] = match
  if (to === undefined) return { kind: 'point', point: from! }
  return { kind: 'between', from: from!, to: to === 'now' ? null : to }
}

/** The older first, whichever was chosen first. */
export function between(project: ProjectRecord, one: string, other: string | null): string {
  if (other === null) return `${one}~now`
  const place = (id: string): number => project.points.findIndex((point) => point.id === id)
  return place(one) <= place(other) ? `${one}~${other}` : `${other}~${one}`
}

export const TARGET_MARKS: Readonly<Record<TargetState, Mark>> = {
  unknown: 'waiting',
  healthy: 'done',
  unverified: 'waiting',
  unhealthy: 'failed',
  half: 'needs-you',
}

export function markOfPoint({ good, tested }: RollbackPoint): Mark {
  if (tested?.ok === false) return 'failed'
  return good ? 'done' : 'waiting'
}

/** Of what a task did it is not known how far it got: only its run says. */
export function markOfEntry(entry: Entry): Mark | undefined {
  switch (entry.kind) {
    case 'point':
      return markOfPoint(entry.point)
    case 'release':
      return entry.released.verified === null ? 'waiting' : entry.released.verified ? 'done' : 'failed'
    case 'deed':
      return undefined
  }
}

/** Did anything change at all? */
export function isSame(changed: ChangedBetween): boolean {
  const { release, commits, migrations, schema, rows, settings, irreversible } = changed
  const lists = [migrations, settings, irreversible, Object.keys(rows)]
  return release === null && commits === null && schema === null && lists.every((list) => list.length === 0)
}
