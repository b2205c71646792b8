import type { Run } from '../../../../main/domain/state.ts'
import type { Like } from '../../words/language.ts'
import type { Tier, TierKind } from './tiers.ts'
import type { words } from './words.ts'

type W = Like<(typeof words)['en']>

/** Who does it or did it last; before that, who is meant to. */
export function roleOf(w: W, run: Run, index: number): string {
  const task = run.tasks.get(index)!
  const last = task.current ?? task.past.at(-1)
  return last?.role ?? run.plan.tasks[index]!.role ?? w.role.any
}

export function numberOfTier({ from, to }: Tier): string {
  if (from === null) return ''
  return to === null || to === from ? String(from) : `${from}–${to}`
}

/** `1 Build`, `Wave 3`, `Tier 2`. */
export function nameOfTier(w: W, kind: TierKind, tier: Tier): string {
  const number = numberOfTier(tier)
  if (number === '') return w.tier.none
  return tier.name === '' ? w.tier[kind](number) : `${number} ${tier.name}`
}
