import type { TargetJob } from '../engine/ports/targets.ts'

/**
 * An action is a list of steps, made anew from its job after every start of the program: the list must depend on
 * nothing else. Steps are carried out in order; what is known of them is in the journal (journal.ts).
 */
export interface Step {
  /** Unique in its action, for ever the same. */
  readonly key: string
  /** For people: `Start the new container`. */
  readonly title: string
  /** Of `perform`; ms. It failed if it takes longer. */
  readonly limitMs: number
  /**
   * Brings it about. It may have been begun before, by a program that was killed at any point of it: looks outside
   * first, and adopts or finishes what is there. Answers what later steps and the result need.
   */
  readonly perform: (context: StepContext) => Promise<Facts | undefined>
  /**
   * Leaves the outside as it was before the step, however far that came. Idempotent. A step without it changes
   * nothing that matters when the action fails.
   */
  readonly undo?: (context: StepContext) => Promise<void>
  /** Its failure is told and the action goes on: what matters is done by then. */
  readonly optional?: boolean
  /** Nothing before it is undone any more when a later step fails. */
  readonly final?: boolean
}

export type Facts = Readonly<Record<string, string>>

export interface StepContext {
  readonly job: TargetJob
  /** Facts of all steps so far, later ones over earlier ones. */
  readonly facts: Facts
  /** Of the action, private to it; removed with it. */
  readonly folder: string
  /** Aborted at the step's time limit, when the action is stopped by force, and when the program ends. */
  readonly signal: AbortSignal
  /** A line of output. */
  readonly say: (line: string) => void
  /** Keeps facts now, before the step ends: what an `undo` needs though `perform` is cut short. */
  readonly note: (facts: Facts) => void
}

/** How an action is carried out. */
export interface ActionPlan {
  readonly steps: readonly Step[]
  /** After the last step. */
  readonly done: (facts: Facts) => Facts
  /** After a failure. `undone`: everything was put back; else `half` says what was not, in words. */
  readonly failed: (facts: Facts, failure: ActionFailure) => Facts
}

export interface ActionFailure {
  readonly step: string
  /** Cause and next step, in words. */
  readonly words: string
  readonly undone: boolean
  /** A final step was behind it: what the action is for was done. */
  readonly past: boolean
}

/** Expected trouble in a step: its cause, and what a person can do. `passing`: it may work when tried again. */
export class StepError extends Error {
  readonly remedy: string
  readonly passing: boolean
  /** Known by the step that failed, kept for the result. */
  readonly facts: Facts
  constructor(
    message: string,
    remedy: string,
    options: ErrorOptions & { readonly passing?: boolean; readonly facts?: Facts } = {},
  ) {
    super(message, options)
    this.name = 'StepError'
    this.remedy = remedy
    this.passing = options.passing ?? false
    this.facts = options.facts ?? {}
  }
}
