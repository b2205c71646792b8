import { z } from 'zod'

/** What a project knows about itself beside its runs: risks and components, changed by agents and people. */

export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const
export const RISK_STATUSES = ['open', 'mitigated', 'accepted', 'closed'] as const

const text = z.string().max(4_000)
const word = z.string().min(1).max(200)

/** A risk as somebody records it; what is left out of a change stays as it was. */
export const riskChangeSchema = z.object({
  /** Lower-case letters, digits and dashes. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'an id holds lower-case letters, digits and dashes'),
  title: word.optional(),
  level: z.enum(RISK_LEVELS).optional(),
  status: z.enum(RISK_STATUSES).optional(),
  impact: text.optional(),
  mitigation: text.optional(),
  /** Null takes it from whoever had it. */
  owner: word.nullable().optional(),
})
export type RiskChange = z.infer<typeof riskChangeSchema>

export interface Risk {
  readonly id: string
  readonly title: string
  readonly level: (typeof RISK_LEVELS)[number]
  readonly status: (typeof RISK_STATUSES)[number]
  readonly impact: string
  readonly mitigation: string
  readonly owner: string | null
  /** Who changed it last, and when (engine ms). */
  readonly by: string
  readonly at: number
}

export const COMPONENT_STATUSES = ['planned', 'in_progress', 'in_review', 'done', 'blocked'] as const

export const componentChangeSchema = z.object({
  /** A path-like name: `components/terraform/vpc` or `api`. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, 'a component is named like a path')
    .max(200),
  status: z.enum(COMPONENT_STATUSES).optional(),
  description: text.optional(),
  owners: z.array(word).max(20).optional(),
  /** One line for its change history. */
  change: z.string().min(1).max(1_000).optional(),
})
export type ComponentChange = z.infer<typeof componentChangeSchema>

export interface Component {
  readonly name: string
  readonly status: (typeof COMPONENT_STATUSES)[number]
  readonly description: string
  readonly owners: readonly string[]
  /** The newest `KEPT_CHANGES`, oldest first; all of them are in the log. */
  readonly changes: readonly { readonly at: number; readonly by: string; readonly text: string }[]
  readonly by: string
  readonly at: number
}

export const KEPT_CHANGES = 200
/** Of one project. */
export const MAX_RISKS = 500
export const MAX_COMPONENTS = 500
