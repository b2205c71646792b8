import { z } from 'zod'
import type { ProjectId, RunId } from '../ids.ts'

/** What people ask of rollback points. `point` is its id, `p14`. */
const project = z
  .string()
  .min(1)
  .transform((value) => value as ProjectId)
const run = z
  .string()
  .min(1)
  .transform((value) => value as RunId)
const point = z.string().min(1).max(100)

export const POINT_COMMANDS = [
  z.object({ type: z.literal('point.pin'), project, point }),
  z.object({ type: z.literal('point.unpin'), project, point }),
  z.object({ type: z.literal('point.remove'), project, point }),
  /** Starts a run that makes one: of a target, or of the repository alone. */
  z.object({
    type: z.literal('point.make'),
    project,
    run,
    target: z.string().min(1).max(200).nullable(),
    name: z.string().min(1).max(200).nullable(),
  }),
  /** Starts a run that restores it into a scratch place and compares. */
  z.object({ type: z.literal('point.test'), project, run, point }),
  /** Starts a run that drops databases which rollbacks have put aside. */
  z.object({
    type: z.literal('point.drop-aside'),
    project,
    run,
    target: z.string().min(1).max(200),
    names: z.array(z.string().min(1).max(1_000)).min(1).max(100),
    /** Also those that a rollback cannot be undone whole without. */
    anyway: z.boolean(),
  }),
] as const

export type PointReport =
  | {
      readonly type: 'report.point-copied'
      readonly project: ProjectId
      readonly point: string
      readonly to: string | null
      readonly trouble: string | null
    }
  /** Time has passed: points may be too old. */
  | { readonly type: 'report.points-aged'; readonly project: ProjectId }
