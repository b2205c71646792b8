import { z } from 'zod'
import { type Release, TARGET_STATES, type TargetState } from './target.ts'

/**
 * What an action tells of what it did, as the outputs of its task: `release` (JSON), `verified`, `state`, `reason`,
 * `point`, `taken-down` (`data`, or empty). Written by the target runner alone; they are read again here, as anything from outside is.
 */
export interface ActionOutcome {
  readonly release: Release | null
  readonly verified: boolean | null
  readonly state: TargetState | null
  readonly reason: string | null
  /** Id of the rollback point made right before. */
  readonly before: string | null
  /** Nothing of it runs any more; null: it was not about that. */
  readonly takenDown: { readonly data: boolean } | null
}

export const TAKEN_DOWN = 'taken-down'

const releaseSchema = z.object({
  version: z.string().max(200),
  image: z.string().max(500).nullable(),
  detail: z.record(z.string(), z.string()),
  commit: z.string().nullable(),
})

const NONE: ActionOutcome = {
  release: null,
  verified: null,
  state: null,
  reason: null,
  before: null,
  takenDown: null,
}

export function readActionOutcome(outputs: Readonly<Record<string, string>>): ActionOutcome {
  const text = (name: string): string | null => (Object.hasOwn(outputs, name) ? outputs[name]! : null)
  const verified = text('verified')
  const takenDown = text(TAKEN_DOWN)
  return {
    ...NONE,
    release: releaseIn(text('release')),
    verified: verified === null ? null : verified === 'true',
    state: TARGET_STATES.find((state) => state === text('state')) ?? null,
    reason: text('reason'),
    before: text('before'),
    takenDown: takenDown === null ? null : { data: takenDown === 'data' },
  }
}

function releaseIn(json: string | null): Release | null {
  if (json === null) return null
  try {
    const parsed = releaseSchema.safeParse(JSON.parse(json))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
