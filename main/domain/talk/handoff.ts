import { z } from 'zod'
import { artifactRefSchema } from './message.ts'

/**
 * Work that goes from one agent to another, in the coordination framework's five steps. The tables below are the
 * only arrows; `OVERDUE` is a mark, not a state.
 *
 *   initiated ─► transferred ─► acknowledged ─► completed
 *       │  ▲          │  ▲
 *       ▼  │ again    ▼  │ answered
 *    returned      clarifying
 *
 * initiated: its checks run. returned: they failed, or the receiver declined; the giver may mend it and try again.
 * transferred: the receiver has it and has to confirm. clarifying: the receiver asked something. acknowledged: it is
 * the receiver's now. completed: the giver's own work is on record. withdrawn: nobody will take it any more.
 */
export const HANDOFF_STATES = [
  'initiated',
  'returned',
  'transferred',
  'clarifying',
  'acknowledged',
  'completed',
  'withdrawn',
] as const
export type HandoffState = (typeof HANDOFF_STATES)[number]

export const HANDOFF_ARROWS: Readonly<Record<HandoffState, readonly HandoffState[]>> = {
  initiated: ['returned', 'transferred', 'withdrawn'],
  returned: ['initiated', 'transferred', 'withdrawn'],
  transferred: ['clarifying', 'acknowledged', 'returned', 'withdrawn'],
  clarifying: ['transferred', 'acknowledged', 'returned', 'withdrawn'],
  acknowledged: ['completed'],
  completed: [],
  withdrawn: [],
}

const line = z.string().min(1).max(2_000)
const lines = z.array(line).max(100).default([])

/** What is handed over, section by section as in the framework's template. */
export const handoffDocumentSchema = z.object({
  title: z.string().min(1).max(200),
  /** The receiver: an agent, task or role. */
  to: z.string().min(1).max(200),
  completed: lines,
  artifacts: z
    .array(artifactRefSchema.extend({ status: z.enum(['final', 'draft']).default('final') }))
    .max(100)
    .default([]),
  /** `none` where there are none: an empty list is not an answer. */
  knownIssues: lines,
  dependencies: lines,
  successCriteria: lines,
  notes: z.string().max(16_000).default(''),
})
export type HandoffDocument = z.infer<typeof handoffDocumentSchema>
export type HandoffDocumentInput = z.input<typeof handoffDocumentSchema>

/** What has to be so before a hand-off goes over; the names are the framework's. */
export const MANDATORY_CHECKS = [
  'context_updated',
  'artifacts_accessible',
  'dependencies_documented',
  'known_issues_listed',
  'success_criteria_defined',
] as const
/** Each a command of the project file, run where the giver works. */
export const AUTOMATED_CHECKS = [
  'syntax_validation',
  'security_scanning',
  'dependency_analysis',
  'documentation_completeness',
] as const

/** Characters of what a check found. */
export const MAX_CHECK_DETAIL = 4_000

export const handoffCheckSchema = z.object({
  name: z.enum([...MANDATORY_CHECKS, ...AUTOMATED_CHECKS]),
  /** `unset`: the project file gives no command for it. */
  result: z.enum(['passed', 'failed', 'unset']),
  /** What was found, in words; the end of a command's output. */
  detail: z.string().max(MAX_CHECK_DETAIL),
})
export type HandoffCheck = z.infer<typeof handoffCheckSchema>

export interface Handoff {
  /** `h1`, `h2`, … in its run. */
  readonly id: string
  readonly state: HandoffState
  /** Index in the plan. */
  readonly from: number
  /** The attempt that gave it last. */
  readonly attempt: number
  readonly to: number
  readonly document: HandoffDocument
  readonly initiatedAt: number
  /** When it came into its present state. */
  readonly since: number
  readonly checks: readonly HandoffCheck[]
  /** Questions of the receiver and what the giver said. */
  readonly clarifications: readonly { readonly question: string; readonly answer: string | null }[]
  /** Why it was returned or withdrawn, in words. */
  readonly reason: string | null
  /** A person was told that it takes too long. */
  readonly overdue: boolean
}

export function isOpen(handoff: Handoff): boolean {
  return handoff.state !== 'completed' && handoff.state !== 'withdrawn'
}
