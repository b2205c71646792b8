import type { CommitId } from '../ids.ts'
import type { ConditionResult } from './gate.ts'

/** Where a gate stands: before the work of an attempt is merged, at the end of a phase, or before a deployment. */
export type GatePlace =
  | { readonly kind: 'task'; readonly task: number; readonly attempt: number }
  | { readonly kind: 'phase'; readonly phase: number }
  | { readonly kind: 'deploy'; readonly task: number }

const GATE_STATES = ['evaluating', 'waiting', 'passed', 'failed', 'skipped', 'void'] as const
/**
 * `waiting`: for people; `skipped`: a person let it pass, who is on record; `void`: what it said is about something that
 * is not there any more, it is evaluated anew when its turn comes.
 */
export type GateState = (typeof GATE_STATES)[number]

/** The gates of a run; absent until one is asked. */
export interface RunGates {
  /** Number of the latest evaluation or command of one: `gate-check#7`. */
  readonly last: number
  /** In the order they were first asked. */
  readonly records: readonly GateRecord[]
}

export interface GateRecord {
  /** `g1`; numbered in its run. */
  readonly id: string
  readonly gate: string
  readonly at: GatePlace
  readonly state: GateState
  /** Number of its latest evaluation in the run, from which its commands are numbered on. */
  readonly number: number
  /** How many numbers that evaluation takes. */
  readonly span: number
  /** How often it was evaluated. */
  readonly rounds: number
  /** Evaluations in a row of which nobody knows how they would have ended. */
  readonly lost: number
  readonly since: number
  /** What was looked at; null while that is not known, and where there is no code. */
  readonly commit: CommitId | null
  /** One for each condition; empty until it has been evaluated. */
  readonly results: readonly ConditionResult[]
  /** Of what is looked at now. */
  readonly approvals: readonly Approval[]
  readonly skipped: { readonly by: string; readonly at: number; readonly why: string } | null
  readonly trouble: { readonly error: string; readonly remedy: string; readonly since: number } | null
}

export interface Approval {
  /** Index of the condition. */
  readonly condition: number
  /** `person:ada`. */
  readonly by: string
  readonly at: number
  readonly yes: boolean
  readonly why: string
}

export const NO_GATES: RunGates = { last: 0, records: [] }

/** Something is still to happen to it. */
export function isOpen({ state }: GateRecord): boolean {
  return state === 'evaluating' || state === 'waiting'
}

/** It lets pass what stands before it. */
export function lets({ state }: GateRecord): boolean {
  return state === 'passed' || state === 'skipped'
}

export function samePlace(a: GatePlace, b: GatePlace): boolean {
  switch (a.kind) {
    case 'task':
      return b.kind === 'task' && a.task === b.task && a.attempt === b.attempt
    case 'phase':
      return b.kind === 'phase' && a.phase === b.phase
    case 'deploy':
      return b.kind === 'deploy' && a.task === b.task
  }
}
