import { DEFAULT_PREDICTION, DEFAULT_REORDER_FROM, type Prediction } from '../domain/conflicts/prediction.ts'
import type { ProjectFile } from './schema/project.ts'

/** What is done about conflicts that are foreseen, all of it said. */
export function predictionOf({ prediction }: ProjectFile): Prediction {
  const { action, reorder, reorder_from } = prediction ?? {}
  return {
    action: action ?? DEFAULT_PREDICTION.action,
    reorder: reorder ?? true,
    reorderFrom: reorder_from ?? DEFAULT_REORDER_FROM,
  }
}
