import type { Report } from '../domain/commands.ts'
import type { Effect } from '../domain/effects.ts'
import type { EffectType } from '../domain/events.ts'
import type { Run } from '../domain/state.ts'
import { agentPause, agentResume, agentStop } from './effects/agentControl.ts'
import { agentStart } from './effects/agentStart.ts'
import { gateEvaluate } from './effects/gateEffects.ts'
import { mergeAdvance, mergeCheck } from './effects/mergeEffects.ts'
import { runApply, runDiscard, runPrepare } from './effects/runEffects.ts'
import { workPutBack, workSetAside } from './effects/strayEffects.ts'
import { handoffValidate, workCheckpoint } from './effects/talkEffects.ts'
import { workCommit, workMerge, workspaceCut } from './effects/workEffects.ts'
import type { AttemptView, World } from './world.ts'

/** What an effect is about: an attempt, or a whole run. */
export interface EffectContext {
  readonly world: World
  readonly effect: Effect
  readonly run: Run
  /** Null for effects of a whole run. */
  readonly view: AttemptView | null
  /** It may have been begun before (a restart, a failure): look outside first. */
  readonly again: boolean
  /** Aborted when the engine is closed: what takes long ends then, and is taken up by the next start. */
  readonly signal: AbortSignal
}

/**
 * One type of effect. Its key is `<type>:<attempt or run>`, see domain/effects.ts.
 * `perform` brings it about and says what to report; with `again` set it first looks outside and adopts or finishes
 * what is there. It throws RunnerError or WorkspaceError for expected trouble.
 */
export interface EffectHandler {
  readonly perform: (context: EffectContext) => Promise<Report | undefined>
  /** How it is undone when the run turns away from it; in words, for the documentation and the test matrix. */
  readonly compensation: string
  readonly retry: RetryClass
}

/** Waits between tries, ms: doubling from `first` to `most`. */
export interface RetryClass {
  readonly first: number
  readonly most: number
}

const OUTSIDE: RetryClass = { first: 200, most: 10_000 }
const LOCAL: RetryClass = { first: 100, most: 5_000 }

/** Effects that are on record. `agent.clean` and `run.release` are not: see cleaner.ts. */
export type RecordedEffect = Exclude<EffectType, 'agent.clean' | 'run.release'>

export const HANDLERS: Readonly<Record<RecordedEffect, EffectHandler>> = {
  'run.prepare': { perform: runPrepare, compensation: 'the run is discarded', retry: LOCAL },
  'workspace.cut': {
    perform: workspaceCut,
    compensation: 'the clone is removed with its attempt',
    retry: LOCAL,
  },
  'agent.start': {
    perform: agentStart,
    compensation: 'the container is removed with its attempt',
    retry: OUTSIDE,
  },
  'agent.stop': { perform: agentStop, compensation: 'none: what is stopped stays so', retry: OUTSIDE },
  'agent.pause': { perform: agentPause, compensation: 'agent.resume', retry: OUTSIDE },
  'agent.resume': { perform: agentResume, compensation: 'agent.pause', retry: OUTSIDE },
  'handoff.validate': { perform: handoffValidate, compensation: 'the hand-off is withdrawn', retry: OUTSIDE },
  'work.checkpoint': {
    perform: workCheckpoint,
    compensation: 'the next checkpoint replaces it',
    retry: LOCAL,
  },
  'work.set-aside': { perform: workSetAside, compensation: 'work.put-back', retry: LOCAL },
  'work.put-back': {
    perform: workPutBack,
    compensation: 'none: its agent may write what was put back',
    retry: LOCAL,
  },
  'work.commit': { perform: workCommit, compensation: 'the commit is not merged', retry: LOCAL },
  'work.merge': { perform: workMerge, compensation: 'the run is discarded', retry: LOCAL },
  'merge.check': { perform: mergeCheck, compensation: 'its container and clone are removed', retry: OUTSIDE },
  'merge.advance': { perform: mergeAdvance, compensation: 'the run is discarded', retry: LOCAL },
  'gate.evaluate': {
    perform: gateEvaluate,
    compensation: 'its containers and clones are removed',
    retry: OUTSIDE,
  },
  'run.apply': {
    perform: runApply,
    compensation: 'the branch can be moved back: its old commit is kept',
    retry: LOCAL,
  },
  'run.discard': { perform: runDiscard, compensation: 'none: asked for by a person', retry: LOCAL },
}

export type { Report }
