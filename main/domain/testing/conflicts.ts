import type { Conflict } from '../conflicts/conflict.ts'
import { type Driver, PROJECT } from './driver.ts'

export function conflictsOf(driver: Driver): readonly Conflict[] {
  return driver.state.projects.get(PROJECT)!.conflicts
}
