import type {
  Check,
  CheckId,
  Folder,
  ProjectView,
  SpawnRequest,
  StartRequest,
  StartResult,
} from '../../preload/contract.ts'
import type { ControlCenter } from '../engine/controlCenter.ts'

/**
 * What the pages need of the machine they are served from, beside the engine: looking at the machine, choosing a
 * project, reading its file, starting its epics. Works with any engine, in this process or another.
 */
export interface Desk {
  checks(): Promise<readonly Check[]>
  /** Resolves to the check as it is afterwards; throws DeskError when it could not be mended. */
  mend(check: CheckId, onProgress: (line: string) => void): Promise<Check>
  /** Throws DeskError for what is not a folder or may not be read. */
  browse(path: string | null): Promise<Folder>
  project(center: ControlCenter, path: string): Promise<ProjectView>
  init(center: ControlCenter, path: string): Promise<ProjectView>
  start(
    center: ControlCenter,
    request: StartRequest,
    onProgress: (line: string) => void,
  ): Promise<StartResult>
  spawn(
    center: ControlCenter,
    request: SpawnRequest,
    onProgress: (line: string) => void,
  ): Promise<StartResult>
}

/** An expected failure of the desk; `remedy` says what a person can do. */
export class DeskError extends Error {
  readonly remedy: string
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DeskError'
    this.remedy = remedy
  }
}
