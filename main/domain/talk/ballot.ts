import { z } from 'zod'

/** A question put to several agents, decided by counting: the framework's "agent consensus (2+ agree)". */
export const ballotDraftSchema = z.object({
  question: z.string().min(1).max(2_000),
  options: z.array(z.string().min(1).max(200)).min(2).max(20),
  /** Addresses of who may vote, as in a message. */
  to: z.string().min(1).max(200),
  /** Votes for one option that decide at once; by default more than half of the voters, and 2 at least. */
  needed: z.number().int().min(1).max(1_000).nullable().default(null),
  /** How long it is open, ms. */
  openMs: z
    .number()
    .int()
    .min(1_000)
    .max(7 * 24 * 3_600_000)
    .nullable()
    .default(null),
})
export type BallotDraft = z.infer<typeof ballotDraftSchema>
export type BallotDraftInput = z.input<typeof ballotDraftSchema>

export interface Ballot {
  /** `v1`, `v2`, … in its run. */
  readonly id: string
  /** Who asks; null for a person. */
  readonly by: number | null
  readonly question: string
  readonly options: readonly string[]
  readonly voters: readonly number[]
  readonly needed: number
  readonly openedAt: number
  readonly due: number
  readonly votes: readonly Vote[]
  /** Null while it is open. */
  readonly closed: {
    readonly at: number
    /** The option that won; null when none got enough. */
    readonly result: string | null
    readonly reason: 'decided' | 'all-voted' | 'time' | 'voters-gone'
  } | null
}

export interface Vote {
  /** Index in the plan; null for the person, whose vote decides. */
  readonly task: number | null
  readonly option: string
}

/** How many votes each option has, in the order of the options. */
export function tally(ballot: Ballot): readonly { readonly option: string; readonly votes: number }[] {
  return ballot.options.map((option) => ({
    option,
    votes: ballot.votes.filter((vote) => vote.option === option).length,
  }))
}
