import { z } from 'zod'
import type { AttemptId, ProjectId, RunId } from '../main/domain/ids.ts'
import { TARGET_PARTS } from '../main/domain/points/point.ts'

/**
 * What pages and clients of the local socket ask in the same words. Where they differ is how much may be asked for at
 * once: a page holds all of an answer, a client of the socket may be told more.
 */
export const id = <T extends string>() =>
  z
    .string()
    .min(1)
    .max(200)
    .transform((value) => value as T)
export const count = z.int().min(0)
export const none = z.strictObject({})

export const queries = {
  tasks: z.strictObject({ run: id<RunId>() }),
  usage: none,
  health: none,
  vitals: none,
  series: z.strictObject({
    project: id<ProjectId>().nullable(),
    measure: z.string().min(1).max(200),
    role: z.string().max(200).nullable(),
    from: z.number().optional(),
    limit: z.int().min(1).max(10_000).optional(),
  }),
  diff: z.strictObject({ project: id<ProjectId>(), run: id<RunId>() }),
  patch: z.strictObject({ project: id<ProjectId>(), hash: z.string().max(200) }),
  targetSight: z.strictObject({
    project: id<ProjectId>(),
    target: z.string().max(200),
    aside: z.boolean().optional(),
  }),
  commitsBetween: z.strictObject({
    project: id<ProjectId>(),
    from: z.string().max(100),
    to: z.string().max(100),
  }),
  rollbackPreview: z.strictObject({
    project: id<ProjectId>(),
    target: z.string().max(200).nullable(),
    point: z.string().max(100),
    parts: z.array(z.enum(TARGET_PARTS)).optional(),
  }),
} as const

/** Events after a sequence number, `most` at once. */
export const historyUpTo = (most: number) =>
  z.strictObject({ after: count, limit: z.int().min(1).max(most), run: id<RunId>().optional() })

export const runsUpTo = (most: number) =>
  z.strictObject({ project: id<ProjectId>().optional(), limit: z.int().min(1).max(most).optional() })

/** A terminal of at most so many columns and rows. */
export const resizeUpTo = (most: number) =>
  z.strictObject({
    attempt: id<AttemptId>(),
    columns: z.int().min(1).max(most),
    rows: z.int().min(1).max(most),
  })
