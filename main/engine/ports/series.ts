import type { ProjectId } from '../../domain/ids.ts'

/** One point of a series; kept with retention, may be lost. */
export interface SeriesPoint {
  /** Engine ms. */
  readonly at: number
  /** Null: of the machine. */
  readonly project: ProjectId | null
  readonly measure: string
  /** Null: all roles together, or the machine. */
  readonly role: string | null
  readonly value: number
}

export interface SeriesQuery {
  readonly project: ProjectId | null
  readonly measure: string
  readonly role: string | null
  /** Engine ms; default all that are kept. */
  readonly from?: number
  /** The newest so many; default 1,000. */
  readonly limit?: number
}
