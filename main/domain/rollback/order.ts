import type { RollbackPoint, TargetPart } from '../points/point.ts'

/** What a person ordered, frozen into the plan of the run that carries it out. */
export interface RollbackOrder {
  readonly target: string | null
  /** As it was on record when it was ordered. */
  readonly point: RollbackPoint
  readonly parts: readonly TargetPart[]
  readonly why: string
  readonly incident: string | null
}
