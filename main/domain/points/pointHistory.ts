import { changedSince } from '../rollback/changedSince.ts'
import type { ProjectRecord } from '../state.ts'
import { lastGoodPoint } from './keeping.ts'
import type { RollbackPoint } from './point.ts'

/** Points as a history: each with what changed after it, up to the next one of its target or until now. */
export interface PointInHistory {
  readonly point: RollbackPoint
  readonly lastGood: boolean
  /** The next one of its target; null for the newest. */
  readonly next: RollbackPoint | null
  readonly changed: ChangedBetween
}

export interface ChangedBetween {
  readonly release: { readonly from: string | null; readonly to: string | null } | null
  readonly commits: { readonly from: string; readonly to: string } | null
  readonly migrations: readonly string[]
  /** Of the snapshots; nothing is known of what is there now. */
  readonly schema: { readonly from: string; readonly to: string } | null
  /** How many rows more by table; only those that differ. */
  readonly rows: Readonly<Record<string, number>>
  /** Files with other settings. */
  readonly settings: readonly string[]
  readonly irreversible: readonly string[]
}

/** Newest first. */
export function pointHistory(project: ProjectRecord, target?: string | null): readonly PointInHistory[] {
  const shown = project.points.filter((point) => target === undefined || point.target === target)
  const next = new Map<string | null, RollbackPoint>()
  return shown.toReversed().map((point) => {
    const after = next.get(point.target) ?? null
    next.set(point.target, point)
    return {
      point,
      lastGood: lastGoodPoint(project.points, point.target)?.id === point.id,
      next: after,
      changed: changesBetween(project, point, after),
    }
  })
}

/** Between two points of one target, the older first; with null until now, as far as that is on record. */
export function changesBetween(
  project: ProjectRecord,
  from: RollbackPoint,
  to: RollbackPoint | null,
): ChangedBetween {
  const since = changedSince(project, from, to)
  const known =
    from.target !== null && Object.hasOwn(project.targets, from.target)
      ? project.targets[from.target]
      : undefined
  const release = to === null ? (known?.current?.release ?? null) : to.release
  const [before, after] = [from.release?.version ?? null, release?.version ?? null]
  const [a, b] = [from.database?.schemaVersion, to?.database?.schemaVersion]
  return {
    release: before === after ? null : { from: before, to: after },
    commits:
      from.git === null || to?.git == null || from.git.commit === to.git.commit
        ? null
        : { from: from.git.commit, to: to.git.commit },
    migrations: since.migrations.map(({ text }) => text),
    schema: a == null || b == null || a === b ? null : { from: a, to: b },
    rows: to === null ? {} : rowsMore(from, to),
    settings: to === null ? [] : settingsChanged(from, to),
    irreversible: since.irreversible.map(({ text }) => text),
  }
}

function rowsMore(from: RollbackPoint, to: RollbackPoint): Readonly<Record<string, number>> {
  const [a, b] = [from.database?.rows ?? {}, to.database?.rows ?? {}]
  const tables = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
  const more = tables.map((table) => [table, (b[table] ?? 0) - (a[table] ?? 0)] as const)
  return Object.fromEntries(more.filter(([, by]) => by !== 0))
}

function settingsChanged(from: RollbackPoint, to: RollbackPoint): readonly string[] {
  const paths = [...new Set([...Object.keys(from.environment), ...Object.keys(to.environment)])].sort()
  return paths.filter((path) => from.environment[path] !== to.environment[path])
}
