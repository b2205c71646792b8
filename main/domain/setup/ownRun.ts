import { startRun } from '../decideRun.ts'
import type { Draft, Verdict } from '../draft.ts'
import { type ProjectId, type RunId, runId } from '../ids.ts'
import type { Plan } from '../plan.ts'
import type { ProjectSetup } from './setup.ts'

/** Crockford's alphabet, as in the ids of all runs. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_DIGITS = 9
const SEED_DIGITS = 4

/**
 * Starts a run that follows from something on record. Its id derives from the time and from `seed` (what it is for),
 * so that the same command gives the same run; the id, or why the plan cannot run.
 */
export function startOwnRun(
  draft: Draft,
  project: ProjectId,
  setup: ProjectSetup,
  seed: string,
  plan: Plan,
): RunId | NonNullable<Verdict> {
  let at = draft.now
  let run = derivedRunId(at, seed)
  while (draft.state.runs.has(run)) run = derivedRunId(++at, seed)
  const refused = startRun(draft, { project, run, runner: setup.runner, plan })
  return refused ?? run
}

/** Sorts by time as every run's id does. */
export function derivedRunId(now: number, seed: string): RunId {
  return runId(digits(now, TIME_DIGITS) + digits(hash(seed), SEED_DIGITS))
}

function digits(value: number, count: number): string {
  let text = ''
  for (let rest = value; text.length < count; rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32]! + text
  return text
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
