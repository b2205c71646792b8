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
}

export const DEFAULT_PREDICTION: Prediction = { action: 'warn' }
