import type { ScheduleSpec } from '../../domain/schedules/schedule.ts'
import type { PlannedRun } from '../../domain/schedules/scheduleCommands.ts'
import type { ProjectRecord } from '../../domain/state.ts'

/**
 * Where things that are run by the clock come from: the project's file, and any part of the engine that has to do
 * something regularly. Names are unique in a project over all sources; the first that has one keeps it.
 */
export interface ScheduleSource {
  /** `file`, `points`. */
  readonly name: string
  /** All there are in a project now. Cheap: asked about twice a minute. Never throws. */
  schedules(project: ProjectRecord): Promise<FoundSchedules>
  /** What is run for one of them, found out at the moment it is due. Never throws. */
  plan(project: ProjectRecord, name: string): Promise<PlannedRun>
}

export type FoundSchedules =
  | { readonly ok: true; readonly specs: readonly ScheduleSpec[] }
  /** Those that are known stay, and the trouble is shown. */
  | { readonly ok: false; readonly detail: string; readonly remedy: string }
