import type { Attention } from '../../../main/domain/state.ts'

/** Does it wait for an answer: one of its choices, or words? What has neither is a notice. */
export function isAsking({ kind, choices }: Pick<Attention, 'kind' | 'choices'>): boolean {
  return choices.length > 0 || kind === 'question'
}
