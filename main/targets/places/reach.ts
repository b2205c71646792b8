import type { Release, TargetSpec } from '../../domain/targets/target.ts'
import { type Facts, type StepContext, StepError } from '../step.ts'

/** What is released, or was. */
export interface Shipped {
  readonly image: string
  readonly version: string
}

/**
 * A place that is reached by a program: what is there is looked up, brought there, and gone back to. Every call has
 * its time limit by the context's signal, and may come again after the program was killed.
 */
export interface Reach {
  readonly target: TargetSpec
  /** Null where nobody can ask it over HTTP. */
  readonly url: string | null
  /** What to go back to, as facts of text; empty for nothing. */
  before(context: StepContext): Promise<Facts>
  release(context: StepContext, what: Shipped): Promise<void>
  /** Undoes `release`, by what `before` found. */
  back(context: StepContext): Promise<void>
  /** Null: it has no way to. */
  readonly restart: ((context: StepContext) => Promise<void>) | null
  /** Nothing of it runs there any more. Null: it has no way to. */
  readonly takeDown: ((context: StepContext, withData: boolean) => Promise<void>) | null
  /** In words what is wrong; null for nothing, or where nothing can be asked. */
  health(context: StepContext): Promise<string | null>
  /** Adapter's own record of the release. */
  detail(facts: Facts): Release['detail']
}

/** Which data are its own, only who keeps them there knows. */
export function keepsData(target: string): StepError {
  return new StepError(
    `The data of ${target} are not this program's to remove.`,
    'Take it down without its data, and remove those by hand.',
  )
}
