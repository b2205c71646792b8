import type { Release } from '../targets/target.ts'

/** What a rollback point holds of a target, or of the user's repository alone (`branch`). */
export const TARGET_PARTS = ['database', 'image', 'environment', 'branch'] as const
export type TargetPart = (typeof TARGET_PARTS)[number]

export const POINT_REASONS = ['apply', 'deploy', 'migrate', 'rollback', 'hand', 'schedule'] as const
export type PointReason = (typeof POINT_REASONS)[number]

/**
 * A state that can be gone back to. The files of it are in the data folder, complete before the point is on record;
 * what is here is enough to show it and to plan a rollback.
 */
export interface RollbackPoint {
  /** `p14`; numbered in its project. */
  readonly id: string
  /** The action or attempt that made it, for ever the same: making it again answers the same point. */
  readonly key: string
  /** Null for a point of the repository alone (before an apply). */
  readonly target: string | null
  readonly why: PointReason
  /** By a person; null for none. */
  readonly name: string | null
  readonly at: number
  readonly by: string
  readonly git: { readonly branch: string; readonly commit: string } | null
  readonly release: Release | null
  readonly database: DatabaseSnapshot | null
  /** Kept files with settings, by path: content hash. */
  readonly environment: Readonly<Record<string, string>>
  /** All files together. */
  readonly bytes: number
  /** Its release was seen to be well when the point was made. */
  readonly good: boolean
  readonly pinned: boolean
  readonly tested: PointTest | null
  /** Where a copy is; null for nowhere. */
  readonly copiedTo: string | null
  /** Why there is no copy, and what to do; null while that is not known. */
  readonly copyTrouble?: string | null
}

/** What came of restoring it into a scratch place. */
export interface PointTest {
  readonly at: number
  readonly ok: boolean
  readonly detail: string
  /** How long the restore took. */
  readonly ms?: number
}

export interface DatabaseSnapshot {
  readonly kind: 'postgres' | 'sqlite' | 'hook'
  readonly name: string
  /** sha256 of the dump. */
  readonly hash: string
  readonly bytes: number
  /** Rows by table where they were counted. */
  readonly rows: Readonly<Record<string, number>>
  readonly schemaVersion: string | null
}

/** What making one found; the rest is decided when it goes on record. */
export type PointContent = Pick<
  RollbackPoint,
  'key' | 'target' | 'why' | 'name' | 'git' | 'release' | 'database' | 'environment' | 'bytes'
> & {
  /** When it was begun, engine time: what its action did after it is newer. Default: when it goes on record. */
  readonly at?: number | undefined
}

/** What its files and refs are called. Keys hold no `+` and no `=`: no two of them meet. */
export function pointFolder(key: string): string {
  return key
    .replaceAll('/', '+')
    .replaceAll('#', '=')
    .replace(/\.(?=\.|$|lock$)/g, '%2E')
}

/** In the hub: keeps the commit of a point, whatever becomes of the user's branch. */
export function pointRef(key: string): string {
  return `refs/amphitheatre/points/${pointFolder(key)}`
}

/** The point made before a run was applied. */
export const applyPointKey = (run: string): string => `${run}/apply`
