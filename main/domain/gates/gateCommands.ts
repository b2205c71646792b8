import { z } from 'zod'
import type { CommitId, RunId } from '../ids.ts'
import type { Measured } from './gate.ts'

/** What people ask of gates. `gate` is its id in the run (`g3`), or its name for the one that was asked last. */
const run = z
  .string()
  .min(1)
  .transform((value) => value as RunId)
const gate = z.string().min(1).max(200)
const why = z.string().max(4_000).default('')

export const GATE_COMMANDS = [
  z.object({
    type: z.literal('gate.approve'),
    run,
    gate,
    yes: z.boolean().default(true),
    /** What the person looked at; where it is another by now they are told so. Null without code; unset: whatever it is. */
    commit: z
      .string()
      .transform((value) => value as CommitId)
      .nullable()
      .optional(),
    /** Index of one condition; all that wait for this person unless set. */
    condition: z.number().int().min(0).nullable().default(null),
    why,
  }),
  z.object({ type: z.literal('gate.skip'), run, gate, why }),
  z.object({ type: z.literal('gate.evaluate'), run, gate }),
] as const

/** What the engine found where it looked. */
export type GateReport = {
  readonly type: 'report.gate-evaluated'
  readonly run: RunId
  readonly number: number
  readonly commit: CommitId | null
  /** One for each condition; undefined: nobody knows how it would have ended. */
  readonly measured: readonly Measured[] | undefined
}
