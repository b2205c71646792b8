import { createHash } from 'node:crypto'
import type { ProjectId } from '../domain/ids.ts'
import type { TargetSpec } from '../domain/targets/target.ts'
import type { PointCommits } from '../engine/ports/pointCommits.ts'
import { RunnerError } from '../engine/ports/runner.ts'
import { WorkspaceError } from '../engine/ports/workspaces.ts'
import type { ActionSpec } from '../targets/actions.ts'
import { type Step, StepError } from '../targets/step.ts'
import type { DatabaseKeeper } from './keeper.ts'
import { PointError } from './pointError.ts'

/** What points are made of and put back with. */
export interface PointTools {
  readonly dataDir: string
  readonly commits: PointCommits
  /** What acts on a target's place. */
  readonly placeOf: (project: ProjectId, target: TargetSpec) => PointPlace
}

/** A place as points see it. */
export interface PointPlace {
  /** Null where the target has no database. */
  readonly database: DatabaseKeeper | null
  /** Makes sure that its database is up. */
  ready(say: (line: string) => void, signal: AbortSignal): Promise<void>
  /** Makes sure that an image stays as long as a point names it. Null: the place keeps images itself. */
  readonly keepImage: ((image: string) => Promise<void>) | null
  /** Null where requests cannot be kept away: in words why not. */
  readonly hold: Hold | string
}

/** Calls may be repeated, and never overlap at one place. `run` is the one on whose behalf it is held. */
export interface Hold {
  hold(run: string, signal: AbortSignal, say: Say): Promise<void>
  /** Held, and noted before it happens: the data are not those of what answered any more. */
  exchanging(run: string, signal: AbortSignal, say: Say): Promise<void>
  /** It did not come to that. */
  notExchanged(run: string): Promise<void>
  /** Lets requests through to what answered before. Done already, it changes nothing. */
  open(signal: AbortSignal): Promise<void>
  /**
   * Nobody goes on with it: requests go to what answered before where its data are untouched; else they are refused at
   * once, for what answered would not understand what it finds.
   */
  letGo(signal: AbortSignal): Promise<HoldEnd>
  /** Null: it is not held. */
  look(): Promise<Held | null>
}

type Say = (line: string) => void

export type HoldEnd =
  | { readonly is: 'opened'; readonly version: string }
  | { readonly is: 'refusing' }
  | { readonly is: 'not-held' }

export interface Held {
  readonly run: string
  /** Requests are refused at once. */
  readonly refusing: boolean
  /** Requests waited as long as they may. */
  readonly expired: boolean
  /** It was to be let go, and could not be. */
  readonly left: boolean
}

/** Null: it is about the repository alone. */
export function targetOf({ action }: ActionSpec): TargetSpec | null {
  return action.target.name === '' ? null : action.target
}

/** Tells what one run restores from what another does; the same for all its attempts. */
export function markOf({ run }: Pick<ActionSpec, 'run'>): string {
  return createHash('sha256').update(run).digest('hex').slice(0, 12)
}

/** A step whose expected trouble is told with its remedy. */
export function step(made: Step): Step {
  const { perform, undo } = made
  return {
    ...made,
    perform: (context) => perform(context).catch(explain),
    ...(undo === undefined ? {} : { undo: (context) => undo(context).catch(explain) }),
  }
}

function explain(error: unknown): never {
  if (error instanceof PointError)
    throw new StepError(error.message, error.remedy, { passing: error.passing, cause: error })
  if (error instanceof WorkspaceError) {
    const passing = error.kind === 'transient'
    throw new StepError(sentence(error.message), error.remedy, { passing, cause: error })
  }
  if (error instanceof RunnerError || error instanceof StepError) throw error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC')
    throw new StepError('The disk is full.', 'Free some disk space, then retry.', { cause: error })
  throw error
}

export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(first) ? first : `${first}.`
}
