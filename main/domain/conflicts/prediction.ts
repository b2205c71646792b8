/** What is done about a conflict that is foreseen; whatever it is, both sides are told and it is shown. */
export const PREDICTION_ACTIONS = [
  /** Nothing is looked for. */
  'none',
  /** They settle it among themselves, or a person does. */
  'warn',
  /** Who has the lesser claim stands still until the other's work is merged. */
  'hold',
  /** Who has the lesser claim is given the other's changes to take in. */
  'take-in',
] as const
export type PredictionAction = (typeof PREDICTION_ACTIONS)[number]

export interface Prediction {
  readonly action: PredictionAction
  /** Is ready work that probably clashes with work under way put behind? Missing in older plans: it is. */
  readonly reorder?: boolean
  /** The odds from which on it does, above 0 to 1; missing in older plans. */
  readonly reorderFrom?: number
}

/** A file that clashed in its only run has odds of 2/3, in one of three runs of 2/5. */
export const DEFAULT_REORDER_FROM = 0.4

export const DEFAULT_PREDICTION: Prediction = { action: 'warn' }

/** The odds from which on ready work is put behind; null where it never is. */
export function reorderFrom({ reorder, reorderFrom: from }: Prediction = DEFAULT_PREDICTION): number | null {
  return reorder === false ? null : (from ?? DEFAULT_REORDER_FROM)
}
