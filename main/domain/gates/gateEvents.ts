import { z } from 'zod'
import type { CommitId } from '../ids.ts'
import { RESULTS } from './gate.ts'

/** What happens to the gates of a run. That an answer is void no event says: it follows from what it was about. */
/** `g1` and its name, so that the log reads by itself. */
const which = { id: z.string(), gate: z.string() }
const number = z.number().int().min(1)
const task = z.number().int().min(0)

const placeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('task'), task, attempt: z.number().int().min(1) }),
  z.object({ kind: z.literal('phase'), phase: z.number().int().min(0) }),
  z.object({ kind: z.literal('deploy'), task }),
])

const result = z.object({
  state: z.enum(RESULTS),
  measured: z.string(),
  wanted: z.string(),
  evidence: z.string(),
  reports: z.array(z.object({ path: z.string(), hash: z.string(), bytes: z.number() })),
  figures: z.record(z.string(), z.number()),
})

export const GATE_EVENTS = [
  /** It is to be evaluated, for the first time or again. */
  z.object({ type: z.literal('gate.asked'), ...which, at: placeSchema, number, span: number }),
  z.object({
    type: z.literal('gate.evaluated'),
    ...which,
    number,
    /** What was looked at; null where there is no code. */
    commit: z
      .string()
      .transform((value) => value as CommitId)
      .nullable(),
    /** `waiting` for people; `lost`: nobody knows how it would have ended, it is done again. */
    verdict: z.enum(['passed', 'failed', 'waiting', 'lost']),
    results: z.array(result),
  }),
  z.object({ type: z.literal('gate.delayed'), ...which, number, error: z.string(), remedy: z.string() }),
  /** A person decided about one of its conditions. */
  z.object({
    type: z.literal('gate.decided'),
    ...which,
    condition: z.number().int().min(0),
    by: z.string(),
    yes: z.boolean(),
    why: z.string(),
    /** With what was decided so far. */
    result,
  }),
  z.object({
    type: z.literal('gate.settled'),
    ...which,
    state: z.enum(['passed', 'failed', 'skipped']),
    /** Why it failed, or why a person let it pass. */
    why: z.string(),
    /** Who let it pass; null unless a person did. */
    by: z.string().nullable(),
    /** What later evaluations are compared with. */
    figures: z.record(z.string(), z.number()),
  }),
  /** Its gates have let its work pass: it is merged now. */
  z.object({ type: z.literal('work.cleared'), task, attempt: z.number().int().min(1) }),
] as const
