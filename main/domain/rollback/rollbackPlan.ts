import type { RollbackPoint, TargetPart } from '../points/point.ts'
import type { ProjectRecord } from '../state.ts'
import type { TargetRecord } from '../targets/target.ts'
import { type ChangedSince, changedSince } from './changedSince.ts'
import { digestOf } from './digest.ts'
import { type RollbackStep, stepsOf } from './steps.ts'

/** Where the user's branch is now and where it is to go, as somebody saw it in the repository. */
export interface SeenBranch {
  readonly branch: string
  readonly from: string
  readonly to: string
}

export interface RollbackOptions {
  /** Default: all that the point holds. */
  readonly parts?: readonly TargetPart[] | undefined
  /** Null: there is nowhere to go back to in the repository, or nothing is known of it. */
  readonly move: SeenBranch | null
}

/** What going back to a point would do, step by step, before anything is done. */
export interface RollbackPlan {
  readonly target: string | null
  readonly point: RollbackPoint
  /** What the point holds and can be put back. */
  readonly available: readonly TargetPart[]
  readonly parts: readonly TargetPart[]
  readonly steps: readonly RollbackStep[]
  /** What stays done, whatever is put back; in words. */
  readonly cannot: readonly string[]
  /** What a person should know before they say yes; in words. */
  readonly warnings: readonly string[]
  readonly changed: ChangedSince
  /** From what the steps took before; null where one of them was never measured. */
  readonly expectedMs: number | null
  /** Of everything in the state that this was made from: it is different when the world has changed. */
  readonly digest: string
}

export type Planned =
  | { readonly ok: true; readonly plan: RollbackPlan }
  | { readonly ok: false; readonly code: 'unknown' | 'invalid' | 'not-now'; readonly reason: string }

export function rollbackPlan(
  project: ProjectRecord,
  target: string | null,
  pointId: string,
  options: RollbackOptions,
): Planned {
  const point = project.points.find(({ id }) => id === pointId)
  if (point === undefined)
    return refused('unknown', `there is no rollback point ${pointId}; \`amphi points\` lists those there are`)
  if (point.target !== target)
    return refused(
      'invalid',
      `${pointId} is of ${point.target ?? 'the repository'}, not of ${target ?? 'it'}`,
    )
  const record = target === null ? null : recordOf(project, target)
  if (record === undefined) return refused('unknown', `there is no target ${target} in this project`)
  const flaw = badMove(point, options.move)
  if (flaw !== undefined) return refused('invalid', flaw)
  const available = availableParts(point, options.move)
  const parts = options.parts ?? available
  const missing = parts.find((part) => !available.includes(part))
  if (missing !== undefined) return refused('invalid', missingWords(point, missing, available))
  if (parts.length === 0) return refused('invalid', `${pointId} holds nothing that could be put back`)
  const move = parts.includes('branch') ? options.move : null
  const steps = stepsOf({ project, record, point, parts, move })
  const changed = changedSince(project, point)
  const times = steps.map(({ expectedMs }) => expectedMs)
  const plan: RollbackPlan = {
    target,
    point,
    available,
    parts: available.filter((part) => parts.includes(part)),
    steps,
    cannot: cannotBeUndone(changed, point, parts),
    warnings: warningsOf(record, point, parts, changed),
    changed,
    expectedMs: times.includes(null) ? null : times.reduce<number>((sum, ms) => sum + ms!, 0),
    digest: digestOf({
      current: record?.current ?? null,
      point: identity(point),
      parts,
      move,
      steps: words(steps),
    }),
  }
  return { ok: true, plan }
}

function refused(code: 'unknown' | 'invalid' | 'not-now', reason: string): Planned {
  return { ok: false, code, reason }
}

function recordOf(project: ProjectRecord, target: string): TargetRecord | undefined {
  return Object.hasOwn(project.targets, target) ? project.targets[target] : undefined
}

/** A branch goes back to where the point saw it, or to what its release was made from; nowhere else. */
function badMove(point: RollbackPoint, move: SeenBranch | null): string | undefined {
  if (move === null) return undefined
  if (point.git === null) return `${point.id} knows nothing of the repository`
  if (move.branch !== point.git.branch)
    return `${point.id} is of the branch ${point.git.branch}, not ${move.branch}`
  const known = [point.git.commit, point.release?.commit]
  return known.includes(move.to) ? undefined : `${point.id} does not name the commit ${move.to}`
}

function availableParts(point: RollbackPoint, move: SeenBranch | null): readonly TargetPart[] {
  const parts: TargetPart[] = []
  if (point.target !== null && point.database !== null) parts.push('database')
  if (point.target !== null && point.release !== null) parts.push('image')
  if (point.target !== null && Object.keys(point.environment).length > 0) parts.push('environment')
  if (move !== null && move.from !== move.to) parts.push('branch')
  return parts
}

function missingWords(point: RollbackPoint, part: TargetPart, available: readonly TargetPart[]): string {
  if (part === 'branch' && point.git !== null)
    return `the branch ${point.git.branch} cannot go back to ${point.id}: it is there already, or does not hold that commit`
  return `${point.id} does not hold: ${part} (it holds ${available.join(', ') || 'nothing'})`
}

function cannotBeUndone(
  changed: ChangedSince,
  point: RollbackPoint,
  parts: readonly TargetPart[],
): readonly string[] {
  const done = changed.irreversible.map(({ text, task, run }) => `${text} (${task} in run ${run})`)
  if (!parts.includes('database') || point.database?.kind !== 'hook') return done
  return [
    ...done,
    'what was written since is in the new point only: the restore command writes over what is there',
    'what is written after that point was made and before the target is held is lost: nothing keeps it',
  ]
}

function warningsOf(
  record: TargetRecord | null,
  point: RollbackPoint,
  parts: readonly TargetPart[],
  changed: ChangedSince,
): readonly string[] {
  const found: string[] = []
  const has = (part: TargetPart): boolean => parts.includes(part)
  if (point.tested?.ok === false)
    found.push(`restoring ${point.id} was tried and failed: ${point.tested.detail}`)
  if (!point.good)
    found.push(`${record?.spec.name ?? 'it'} was not known to be well when ${point.id} was made`)
  const migrated = changed.migrations.length > 0
  if (has('image') && !has('database') && point.database !== null && migrated)
    found.push(
      'the database stays as the migrations since have left it; the old release may not understand it',
    )
  if (has('database') && !has('image') && point.release !== null && changed.releases.length > 0)
    found.push('the release stays; it may not understand the old database')
  if (has('database') && !migrated)
    found.push('no migration ran since: without the database part, what was written since stays in place')
  return found
}

/** What must not differ between the preview and the start. */
function identity(point: RollbackPoint): unknown {
  const { id, key, release, database, environment, git, tested } = point
  return { id, key, release, hash: database?.hash ?? null, environment, git, bad: tested?.ok === false }
}

function words(steps: readonly RollbackStep[]): unknown {
  return steps.map(({ id, action, effect }) => ({ id, action, effect }))
}
