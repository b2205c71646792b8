import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TargetJob } from '../engine/ports/targets.ts'
import { type ExecutionEnd, execute } from './execute.ts'
import { Journal } from './journal.ts'
import { type ActionPlan, type Step, StepError } from './step.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amphitheatre-steps-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const KEYS = ['a', 'b', 'c', 'd'] as const

/** An outside that is a set of names: a step adds its own, putting it back takes it away. */
interface Outside {
  readonly there: Set<string>
  readonly calls: string[]
}

function planOf(
  outside: Outside,
  special: Readonly<Partial<Record<string, Partial<Step>>>> = {},
): ActionPlan {
  return {
    steps: KEYS.map((key) => ({
      key,
      title: `Step ${key}`,
      limitMs: 10_000,
      perform: async () => {
        outside.calls.push(key)
        outside.there.add(key)
        return { [key]: 'done', last: key }
      },
      undo: async () => {
        outside.calls.push(`-${key}`)
        outside.there.delete(key)
      },
      ...special[key],
    })),
    done: (facts) => ({ last: facts.last! }),
    failed: (_, { undone, past, words }) => ({ undone: String(undone), past: String(past), words }),
  }
}

interface Signals {
  readonly closing?: AbortSignal
  readonly stopping?: AbortSignal
}

async function run(plan: ActionPlan, signals: Signals = {}, said: string[] = []): Promise<ExecutionEnd> {
  const journal = new Journal(folder)
  try {
    return await execute({
      plan,
      journal,
      context: { job: {} as TargetJob, folder, say: (line) => said.push(line) },
      closing: signals.closing ?? new AbortController().signal,
      stopping: signals.stopping ?? new AbortController().signal,
      unpaused: () => Promise.resolve(),
      onStep: () => undefined,
    })
  } finally {
    journal.close()
  }
}

const fresh = (): Outside => ({ there: new Set(), calls: [] })
const failing = (words = 'no luck'): Partial<Step> => ({
  perform: () => Promise.reject(new StepError(words, 'Look there.')),
})

it('carries steps out in order and hands their facts on', async () => {
  const outside = fresh()
  expect(await run(planOf(outside))).toEqual({ is: 'done', outputs: { last: 'd' } })
  expect(outside.calls).toEqual(['a', 'b', 'c', 'd'])
})

it('puts back what was begun when one fails, the last first, and says why', async () => {
  const outside = fresh()
  const end = await run(planOf(outside, { c: failing() }))
  expect(end).toMatchObject({ is: 'failed', words: 'no luck. Look there.', cause: 'failed' })
  expect(outside.calls).toEqual(['a', 'b', '-c', '-b', '-a'])
  expect(end).toMatchObject({ outputs: { undone: 'true', past: 'false' } })
})

it('leaves what is before a final step, and goes on past an optional one', async () => {
  const outside = fresh()
  const end = await run(
    planOf(outside, { b: { final: true }, c: { ...failing(), optional: true }, d: failing() }),
  )
  expect(outside.calls).toEqual(['a', 'b', '-d', '-c'])
  expect(end).toMatchObject({ outputs: { past: 'true' } })
})

it('says what could not be put back, and puts back the rest', async () => {
  const outside = fresh()
  const stuck = { undo: () => Promise.reject(new Error('the disk is gone')) }
  const end = await run(planOf(outside, { b: stuck, d: failing() }))
  expect(end).toMatchObject({ is: 'failed', outputs: { undone: 'false' } })
  expect((end as { words: string }).words).toMatch(/no luck.*could not be put back \(Step b\).*disk is gone/)
  expect(outside.there).toEqual(new Set(['b']))
})

it('gives a step that hangs up at its time limit', async () => {
  const outside = fresh()
  const hangs = { limitMs: 20, perform: () => new Promise<undefined>(() => undefined) }
  const end = await run(planOf(outside, { b: hangs }))
  expect(end).toMatchObject({ is: 'failed', cause: 'timeout' })
  expect(outside.there.size).toBe(0)
})

it('tries again what may pass', async () => {
  const outside = fresh()
  let tries = 0
  const passing = {
    perform: () =>
      ++tries === 1
        ? Promise.reject(new StepError('busy', 'Wait.', { passing: true }))
        : Promise.resolve({ last: 'b' }),
  }
  expect(await run(planOf(outside, { b: passing }))).toMatchObject({ is: 'done' })
  expect(tries).toBe(2)
})

it('stops at a safe point: a waiting step at once, everything put back; past the final step it goes on', async () => {
  const outside = fresh()
  const stop = new AbortController()
  const waits: Partial<Step> = {
    perform: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
        stop.abort('It was stopped.')
      }),
  }
  const end = await run(planOf(outside, { c: waits }), { stopping: stop.signal })
  expect(end).toMatchObject({ is: 'failed', cause: 'stopped', words: 'It was stopped.' })
  expect(outside.there.size).toBe(0)

  rmSync(join(folder, 'journal.jsonl'))
  const late = fresh()
  const lateStop = new AbortController()
  const stops = async () => void lateStop.abort('It was stopped.')
  const past = await run(planOf(late, { b: { final: true, perform: stops } }), { stopping: lateStop.signal })
  expect(past).toMatchObject({ is: 'done' })
})

/**
 * The program is killed at any point any number of times: before or after what a step or its putting back does, and
 * before or after that is in the journal. The outside ends as it would have.
 */
it('ends the same however often it is killed', async () => {
  const moments = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 })
  const fails = fc.option(fc.constantFrom(...KEYS), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(moments, fails, async (kills, failAt) => {
      rmSync(join(folder, 'journal.jsonl'), { force: true })
      const outside = fresh()
      let end: ExecutionEnd = { is: 'closed' }
      for (const after of [...kills, Number.POSITIVE_INFINITY]) {
        let left = after
        const closing = new AbortController()
        const tick = (): void => {
          if (--left <= 0) closing.abort(new Error('killed'))
          closing.signal.throwIfAborted()
        }
        const plan = planOf(outside)
        const steps = plan.steps.map((step) => ({
          ...step,
          perform: async (context: Parameters<Step['perform']>[0]) => {
            tick()
            if (step.key === failAt) throw new StepError('no luck', 'Look there.')
            const facts = await step.perform(context)
            tick()
            return facts
          },
          undo: async (context: Parameters<Step['perform']>[0]) => {
            tick()
            await step.undo!(context)
            tick()
          },
        }))
        end = await run({ ...plan, steps }, { closing: closing.signal })
        if (end.is !== 'closed') break
      }
      expect(end.is).toBe(failAt === undefined ? 'done' : 'failed')
      expect(outside.there).toEqual(new Set(failAt === undefined ? KEYS : []))
    }),
    { numRuns: 100 },
  )
})

/** Each start of the program comes further in the journal than the one before, or none would ever come to the end. */
it('comes to its end though it is killed after every line of its journal', async () => {
  const fails = fc.option(fc.constantFrom(...KEYS), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fails, async (failAt) => {
      rmSync(join(folder, 'journal.jsonl'), { force: true })
      const outside = fresh()
      const { steps, ...rest } = planOf(outside)
      const noting = steps.map((step): Step => {
        const { key, perform, undo } = step
        return {
          ...step,
          perform: async (context) => {
            context.note({ [`${key}-held`]: 'true' })
            if (key === failAt) throw new StepError('no luck', 'Look there.', { facts: { half: 'true' } })
            return perform(context)
          },
          undo: async (context) => {
            context.note({ [`${key}-back`]: 'true' })
            await undo!(context)
          },
        }
      })
      let end: ExecutionEnd = { is: 'closed' }
      for (let starts = 0; end.is === 'closed'; starts++) {
        expect(starts).toBeLessThan(30)
        end = await upToOneLine({ ...rest, steps: noting })
      }
      expect(end.is).toBe(failAt === undefined ? 'done' : 'failed')
      expect(outside.there).toEqual(new Set(failAt === undefined ? KEYS : []))
    }),
    { numRuns: 10 },
  )
})

/** Killed as soon as a line more is in its journal: nothing comes after that. */
async function upToOneLine(plan: ActionPlan): Promise<ExecutionEnd> {
  const journal = new Journal(folder)
  const closing = new AbortController()
  const write = journal.write.bind(journal)
  journal.write = (entry) => {
    if (!closing.signal.aborted) write(entry)
    closing.abort(new Error('killed'))
    throw closing.signal.reason
  }
  const context = { job: {} as TargetJob, folder, say: () => undefined }
  const never = new AbortController().signal
  try {
    return await execute({
      ...{ plan, journal, context, closing: closing.signal, stopping: never },
      unpaused: () => Promise.resolve(),
      onStep: () => undefined,
    })
  } catch (error) {
    if (error !== closing.signal.reason) throw error
    return { is: 'closed' }
  } finally {
    journal.close()
  }
}
