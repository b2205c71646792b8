import { setTimeout as delay } from 'node:timers/promises'
import { RunnerError } from '../engine/ports/runner.ts'
import type { Entry, FailCause, Journal } from './journal.ts'
import { isAway, isPassing, PATIENCE, Patience, UNDO_PATIENCE } from './patience.ts'
import { isFull, whenRoom } from './room.ts'
import { type ActionPlan, type Facts, type Step, type StepContext, StepError } from './step.ts'

/**
 * Carries an action out, from where its journal says it stands. Ends `done`, `failed` (everything before the failure
 * put back, or told what could not be), or `closed`: the program ends, and the next one takes it up.
 */
export interface Execution {
  readonly plan: ActionPlan
  readonly journal: Journal
  readonly context: Omit<StepContext, 'facts' | 'signal' | 'note'>
  /** The program ends: nothing further is begun. */
  readonly closing: AbortSignal
  /** It is to stop: at the end of the step that is under way, or now if it waits. */
  readonly stopping: AbortSignal
  /** Resolves when it may go on. */
  readonly unpaused: () => Promise<void>
  /** What is under way, for people. */
  readonly onStep: (step: Step, index: number) => void
}

export type ExecutionEnd =
  | { readonly is: 'done'; readonly outputs: Facts }
  | { readonly is: 'failed'; readonly outputs: Facts; readonly words: string; readonly cause: FailCause }
  | { readonly is: 'closed' }

const UNDO_LIMIT_MS = 120_000
const PAUSE_MS = 500

export async function execute(execution: Execution): Promise<ExecutionEnd> {
  const { plan, journal, closing, stopping } = execution
  for (const [index, step] of plan.steps.entries()) {
    const known = journal.known()
    if (known.failed !== null) break
    if (known.over.has(step.key)) continue
    await execution.unpaused()
    if (closing.aborted) return { is: 'closed' }
    if (stopping.aborted && !isPast(execution)) {
      if (!(await fail(execution, step, stopWords(stopping), 'stopped'))) return { is: 'closed' }
      break
    }
    execution.onStep(step, index)
    if (!known.begun.has(step.key) && !(await record(execution, { is: 'begun', step: step.key })))
      return { is: 'closed' }
    if ((await perform(execution, step)) === 'closed') return { is: 'closed' }
  }
  if (journal.known().failed === null) return { is: 'done', outputs: plan.done(journal.known().facts) }
  return turnBack(execution)
}

/** A step is done, or its failure is on record, or the program ends. */
async function perform(execution: Execution, step: Step): Promise<'over' | 'closed'> {
  const { closing, stopping, context } = execution
  const patience = new Patience(PATIENCE)
  for (;;) {
    const limit = AbortSignal.timeout(step.limitMs)
    const signal = isPast(execution)
      ? AbortSignal.any([closing, limit])
      : AbortSignal.any([closing, stopping, limit])
    try {
      const facts = await cut(step.perform(contextOf(execution, step, signal)), signal)
      return ended(await record(execution, { is: 'done', step: step.key, facts: facts ?? {} }))
    } catch (error) {
      if (closing.aborted) return 'closed'
      if (stopping.aborted && signal.aborted && !limit.aborted) {
        return ended(await fail(execution, step, stopWords(stopping), 'stopped'))
      }
      if (!limit.aborted && isPassing(error) && patience.lasts(error, Date.now())) {
        context.say(`${(error as Error).message} Trying again.`)
        await pause(closing)
        continue
      }
      const words = limit.aborted ? timeWords(step, error) : wordsOf(error)
      if (error instanceof StepError) {
        const { facts } = error
        const isNoted =
          isKnown(execution, facts) || (await record(execution, { is: 'noted', step: step.key, facts }))
        if (!isNoted) return 'closed'
      }
      if (step.optional !== true)
        return ended(await fail(execution, step, words, limit.aborted ? 'timeout' : 'failed'))
      context.say(`Not done, and not needed: ${step.title}. ${words}`)
      return ended(await record(execution, { is: 'skipped', step: step.key, words }))
    }
  }
}

/** Puts back what was begun, the last first, down to the last final step. */
async function turnBack(execution: Execution): Promise<ExecutionEnd> {
  const { plan, journal, closing, context } = execution
  const { failed, begun } = journal.known()
  const reached = plan.steps.findIndex(({ key }) => key === failed!.step)
  const floor = plan.steps.findLastIndex((step, i) => i < reached && step.final === true)
  const back = plan.steps.slice(floor + 1, reached + 1).toReversed()
  for (const step of back) {
    if (step.undo === undefined || !begun.has(step.key)) continue
    if (closing.aborted) return { is: 'closed' }
    if (journal.known().undone.has(step.key)) continue
    context.say(`Putting back: ${step.title}`)
    if ((await putBack(execution, step)) === 'closed') return { is: 'closed' }
  }
  const { facts, stuck } = journal.known()
  const words = [failed!.words, ...stuck.map((one) => one.words)].join(' ')
  const failure = { step: failed!.step, words, undone: stuck.length === 0, past: floor >= 0 }
  return { is: 'failed', outputs: plan.failed(facts, failure), words, cause: failed!.cause }
}

async function putBack(execution: Execution, step: Step): Promise<'over' | 'closed'> {
  const { closing, context } = execution
  const patience = new Patience(UNDO_PATIENCE)
  for (;;) {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(UNDO_LIMIT_MS)])
    try {
      await cut(step.undo!(contextOf(execution, step, signal)), signal)
      return ended(await record(execution, { is: 'undone', step: step.key }))
    } catch (error) {
      if (closing.aborted) return 'closed'
      // Room may be made: half put back is worse than late.
      if ((isPassing(error) || isFull(error)) && patience.lasts(error, Date.now())) {
        context.say(`${(error as Error).message} Trying again.`)
        await pause(closing)
        continue
      }
      const words = `It could not be put back (${step.title}): ${wordsOf(error)}`
      context.say(words)
      return ended(await record(execution, { is: 'stuck', step: step.key, words }))
    }
  }
}

function contextOf(execution: Execution, step: Step, signal: AbortSignal): StepContext {
  const { journal, context } = execution
  return {
    ...context,
    facts: journal.known().facts,
    signal,
    note: (facts) => {
      if (!isKnown(execution, facts)) journal.write({ is: 'noted', step: step.key, facts })
    },
  }
}

/** Noted by a try of before. Where that was cut short by it, this one has to come further. */
function isKnown({ journal }: Execution, facts: Facts): boolean {
  const known = journal.known().facts
  return Object.entries(facts).every(([name, value]) => known[name] === value)
}

function fail(execution: Execution, step: Step, words: string, cause: FailCause): Promise<boolean> {
  execution.context.say(`${step.title}: ${words}`)
  return record(execution, { is: 'failed', step: step.key, words, cause })
}

/** On disk when it resolves; false: the program ended while there was no room for it. */
function record({ journal, closing }: Execution, entry: Entry): Promise<boolean> {
  return whenRoom(closing, () => journal.write(entry))
}

function ended(recorded: boolean): 'over' | 'closed' {
  return recorded ? 'over' : 'closed'
}

/** Is what the action is for done? Then a stop has nothing to stop. */
function isPast({ plan, journal }: Execution): boolean {
  const { over } = journal.known()
  return plan.steps.some(({ final, key }) => final === true && over.has(key))
}

/** Ends with the signal, whatever the call does: no call outside goes without a time limit. */
async function cut<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    // What goes on behind our back must not end the program.
    work.catch(() => undefined)
    aborted.promise.catch(() => undefined)
  }
}

export function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const remedy = remedyOf(error)
  return `${message}${/[.!?]$/.test(message) ? '' : '.'}${remedy}`
}

function remedyOf(error: unknown): string {
  if (error instanceof StepError || error instanceof RunnerError) return ` ${error.remedy}`
  if (isFull(error)) return ' Free some room on the disk of the data folder, then do it again.'
  return isAway(error) ? ' See that Docker runs, then do it again.' : ''
}

function timeWords(step: Step, error: unknown): string {
  const cause = error instanceof StepError ? ` ${error.message}` : ''
  return `It did not end within ${Math.round(step.limitMs / 1000)} s.${cause}`
}

function stopWords({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : 'It was stopped.'
}

async function pause(closing: AbortSignal): Promise<void> {
  await delay(PAUSE_MS, undefined, { signal: closing }).catch(() => undefined)
}
