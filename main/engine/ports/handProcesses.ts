import type { ProcessRef, Signal } from '../../domain/registered/registered.ts'

/** Processes of this machine that are not the engine's: those of agents that were started by hand. */
export interface HandProcesses {
  /** The very process that is on record, and not over. */
  isAlive(process: ProcessRef): boolean
  /** Nothing where it is over, or is not ours to signal. Never throws. */
  signal(process: ProcessRef, signal: Signal): void
}
