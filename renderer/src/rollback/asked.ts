import { createStore } from 'zustand/vanilla'
import type { ProjectId, RunId } from '../../../main/domain/ids.ts'

/** What is to be taken back; from an incident, a run, a target, the palette, or from outside of the page. */
export interface RollbackAsk {
  readonly project: ProjectId
  /** Null: the repository alone. */
  readonly target: string | null
  /** Undefined: the last good one. */
  readonly point?: string | undefined
  readonly incident?: string | undefined
}

interface Shown {
  readonly ask: RollbackAsk | undefined
  /** Set once it was ordered: it is watched from then on. */
  readonly run: RunId | undefined
}

const NOTHING: Shown = { ask: undefined, run: undefined }

export const rollbackAsked = createStore<Shown>(() => NOTHING)

export function askRollback(ask: RollbackAsk): void {
  rollbackAsked.setState({ ask, run: undefined })
}

export function watchRollback(run: RunId): void {
  rollbackAsked.setState({ run })
}

export function closeRollback(): void {
  rollbackAsked.setState(NOTHING)
}
