import { z } from 'zod'
import type { Draft } from '../draft.ts'
import { attemptId, type ProjectId, type RunId } from '../ids.ts'
import type { Deed } from '../rollback/deeds.ts'
import type { ProjectRecord, State } from '../state.ts'
import { outdated } from './keeping.ts'
import { POINT_REASONS, type PointContent, type RollbackPoint } from './point.ts'

/**
 * Actions tell of points by outputs: `point` is the content of one whose files are complete, `tested` what came of
 * restoring one. Only outputs of the engine's own hands are taken for that; an agent may call its outputs as it likes.
 */
const POINT_OUTPUT = 'point'
const TESTED_OUTPUT = 'tested'

const texts = z.record(z.string(), z.string())
const release = z.object({
  version: z.string(),
  image: z.string().nullable(),
  detail: texts,
  commit: z.string().nullable(),
})
export const pointContentSchema = z.object({
  key: z.string().min(1).max(400),
  target: z.string().nullable(),
  why: z.enum(POINT_REASONS),
  name: z.string().nullable(),
  git: z.object({ branch: z.string(), commit: z.string() }).nullable(),
  release: release.nullable(),
  database: z
    .object({
      kind: z.enum(['postgres', 'sqlite', 'hook']),
      name: z.string(),
      hash: z.string(),
      bytes: z.number(),
      rows: z.record(z.string(), z.number()),
      schemaVersion: z.string().nullable(),
    })
    .nullable(),
  environment: texts,
  bytes: z.number(),
  at: z.number().optional(),
})

const pointTestSchema = z.object({
  point: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  ms: z.number().nullable(),
})

/** What an action that ended, well or not, made and tested. */
export function takePoints(
  draft: Draft,
  run: RunId,
  task: number,
  outputs: Readonly<Record<string, string>>,
): RollbackPoint | undefined {
  const { plan, project } = draft.run(run)
  if (plan.tasks[task]!.action === undefined || !draft.state.projects.has(project)) return undefined
  const point = parsed(pointContentSchema, outputs[POINT_OUTPUT])
  const test = parsed(pointTestSchema, outputs[TESTED_OUTPUT])
  if (test !== undefined) recordTest(draft, project, test)
  return point === undefined ? undefined : makePoint(draft, project, point)
}

function parsed<T>(schema: z.ZodType<T>, output: string | undefined): T | undefined {
  if (output === undefined) return undefined
  try {
    return schema.safeParse(JSON.parse(output)).data
  } catch {
    return undefined
  }
}

/** Puts one on record, once for its key, and lets those go that the policy does not keep beside it. */
export function makePoint(draft: Draft, project: ProjectId, content: PointContent): RollbackPoint {
  const record = draft.state.projects.get(project)!
  const known = record.points.find(({ key }) => key === content.key)
  if (known !== undefined) return known
  const point: RollbackPoint = {
    ...content,
    id: `p${record.lastPoint + 1}`,
    at: content.at ?? draft.now,
    by: draft.envelope.actor,
    good: isGood(record, content),
    pinned: false,
    tested: null,
    copiedTo: null,
  }
  draft.emit({ project, run: null }, { type: 'point.made', point })
  dropOutdated(draft, project)
  return point
}

/**
 * Was the target well as it stood? A migration that ran since its release was put there makes that unknown: the next
 * verification tells.
 */
function isGood(project: ProjectRecord, { target, key }: PointContent): boolean {
  if (target === null) return true
  const known = Object.hasOwn(project.targets, target) ? project.targets[target]! : undefined
  if (known === undefined || known.current === null || known.state !== 'healthy') return false
  if (known.current.verified === false) return false
  const since = known.current.at
  // The one it was made for has not begun when it is made.
  const isOwn = ({ run, task, attempt }: Deed): boolean => attemptId(run, task, attempt) === key
  return !project.deeds.some(
    (deed) => deed.kind === 'migrate' && deed.target === target && deed.at >= since && !isOwn(deed),
  )
}

function recordTest(draft: Draft, project: ProjectId, test: z.infer<typeof pointTestSchema>): void {
  const known = draft.state.projects.get(project)!.points.some(({ id }) => id === test.point)
  if (known) draft.emit({ project, run: null }, { type: 'point.tested', ...test })
}

export function dropOutdated(draft: Draft, project: ProjectId): void {
  const record = draft.state.projects.get(project)!
  for (const { point, why } of outdated(record, draft.now, (one) => runUsing(draft.state, one) !== undefined))
    draft.emit({ project, run: null }, { type: 'point.removed', point: point.id, why })
}

/** A run under way that goes back to it, tests it, or is a rollback whose own way back it is. */
export function runUsing(state: State, point: RollbackPoint): RunId | undefined {
  for (const run of state.runs.values()) {
    if (run.endedAt !== null) continue
    const { rollback } = run.plan
    if (rollback?.point.key === point.key) return run.id
    if (rollback !== undefined && point.key.startsWith(`${run.id}/`)) return run.id
    const tests = run.plan.tasks.some(
      ({ action }) => action?.do === 'test-point' && action.point === point.id,
    )
    if (tests) return run.id
  }
  return undefined
}
