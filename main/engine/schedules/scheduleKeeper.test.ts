import { describe, expect, test } from 'vitest'
import { commandId, type RunId } from '../../domain/ids.ts'
import type { ScheduleSpec } from '../../domain/schedules/schedule.ts'
import type { PlannedRun } from '../../domain/schedules/scheduleCommands.ts'
import { openMemoryStore } from '../../store/memoryStore.ts'
import type { Store } from '../ports/store.ts'
import type { RunningEngine } from '../startEngine.ts'
import {
  Clock,
  eventsOf,
  item,
  NEVER_PREPARED,
  NIGHTLY,
  PROJECT,
  register,
  Source,
  startWith,
} from './testing/house.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** By then a round has looked at what is new. */
const LATE = 31_000
const at = (text: string): number => Date.parse(text)

interface House {
  readonly store: Store
  readonly clock: Clock
  readonly source: Source
  engine: RunningEngine
}

/** 21 November, one in the morning: an hour before it is due. */
async function house(spec: Partial<ScheduleSpec> = {}): Promise<House> {
  const made = {
    store: openMemoryStore(),
    clock: new Clock(at('2026-11-21T01:00:00Z')),
    source: new Source(),
  }
  made.source.specs = [{ ...NIGHTLY, ...spec }]
  const engine = await startWith(made.store, made.clock, made.source)
  await register(engine)
  await made.clock.advance(0)
  return { ...made, engine }
}

/** The engine is gone for so long, and another one starts. */
async function away(of: House, ms: number): Promise<void> {
  await of.engine.close()
  await of.clock.advance(ms)
  of.engine = await startWith(of.store, of.clock, of.source)
  await of.clock.advance(0)
}

const fired = async ({ store }: House): Promise<readonly string[]> =>
  (await eventsOf(store, 'schedule.fired')).map(({ data }) =>
    new Date((data as { due: number }).due).toISOString(),
  )
const skipped = async ({ store }: House): Promise<readonly string[]> =>
  (await eventsOf(store, 'schedule.skipped')).map(({ data }) => (data as { why: string }).why)
const answer = (of: House, choice: 'run' | 'skip', id = `${choice}-${of.clock.now()}`) =>
  of.engine.dispatch(
    { type: 'schedule.answer', project: PROJECT, name: 'nightly', choice },
    'person:ann',
    commandId(id),
  )
const stopRun = async (of: House): Promise<void> => {
  const run = item(of.engine).last!.run as RunId
  await of.engine.dispatch({ type: 'run.stop', run, force: true }, 'person:ann', commandId(`stop-${run}`))
  await of.clock.advance(0)
}

describe('what is run by the clock', () => {
  test('is shown with its next run, and begins when it is due', async () => {
    const of = await house()
    expect(item(of.engine)).toMatchObject({ next: at('2026-11-21T02:00:00Z'), waiting: null, last: null })
    await of.clock.advance(HOUR - 1)
    expect(of.engine.state.runs.size).toBe(0)
    await of.clock.advance(LATE)
    expect([...of.engine.state.runs.values()]).toMatchObject([{ plan: { epic: 'test' }, runner: 'none' }])
    const { next, last } = item(of.engine)
    expect(next).toBe(at('2026-11-22T02:00:00Z'))
    expect(last).toMatchObject({ due: at('2026-11-21T02:00:00Z'), run: [...of.engine.state.runs.keys()][0] })
    await of.engine.close()
  })

  test('begins once for one due time, whatever the clock does', async () => {
    const of = await house()
    await of.clock.advance(HOUR + LATE)
    await stopRun(of)
    of.clock.offset = -2 * HOUR
    await of.clock.advance(3 * HOUR)
    expect(await fired(of)).toEqual(['2026-11-21T02:00:00.000Z'])
    of.clock.offset = 0
    await of.clock.advance(HOUR)
    expect(await fired(of)).toHaveLength(1)
    await of.engine.close()
  })

  test('a clock that was years ahead for a while does not stop it for years', async () => {
    const of = await house({ missed: 'run' })
    of.clock.offset = 400 * DAY
    await of.clock.advance(LATE)
    expect(await fired(of)).toHaveLength(1)
    await stopRun(of)
    of.clock.offset = 0
    await of.clock.advance(HOUR + LATE)
    expect((await fired(of)).at(-1)).toBe('2026-11-21T02:00:00.000Z')
    await of.engine.close()
  })

  test.each([
    ['skip', 0, ['missed']],
    ['run', 1, []],
    ['ask', 0, []],
  ] as const)('missed while the program was off: %s', async (missed, runs, why) => {
    const of = await house({ missed })
    await away(of, 3 * DAY)
    expect(await fired(of)).toHaveLength(runs)
    expect(await skipped(of)).toEqual(why)
    if (missed === 'run') expect(await fired(of)).toEqual(['2026-11-23T02:00:00.000Z'])
    if (missed === 'ask') {
      expect(item(of.engine).waiting).toMatchObject({ on: 'ask', due: at('2026-11-23T02:00:00Z') })
      await away(of, 600_000)
      expect(await fired(of)).toEqual([])
      await answer(of, 'run')
      await of.clock.advance(LATE)
      expect(await fired(of)).toEqual(['2026-11-23T02:00:00.000Z'])
      expect(item(of.engine).waiting).toBeNull()
    }
    await of.engine.close()
  })

  test('a start that is a little late is no miss', async () => {
    const of = await house()
    await away(of, HOUR + 60_000)
    expect(await fired(of)).toHaveLength(1)
    await of.engine.close()
  })

  test.each([
    ['skip', ['overlap'], 1],
    ['queue', [], 2],
  ] as const)('while the run before is under way: %s', async (overlap, why, runs) => {
    const of = await house({ cron: '0 * * * *', overlap })
    await of.clock.advance(HOUR + LATE)
    await of.clock.advance(HOUR)
    expect(await fired(of)).toHaveLength(1)
    expect(await skipped(of)).toEqual(why)
    if (overlap === 'queue') {
      expect(item(of.engine).waiting).toMatchObject({ on: 'overlap', due: at('2026-11-21T03:00:00Z') })
      // One waits: another would only do the same once more.
      await of.clock.advance(HOUR)
      expect(await skipped(of)).toEqual(['overlap'])
    }
    await stopRun(of)
    await of.clock.advance(LATE)
    expect(await fired(of)).toHaveLength(runs)
    expect(item(of.engine).waiting).toBeNull()
    await of.engine.close()
  })

  test('a file that cannot be read is shown, and what was due begins when it can', async () => {
    const of = await house({ missed: 'run' })
    of.source.trouble = { detail: 'amphitheatre.yaml:3:1: unknown key', remedy: 'Correct it.' }
    of.source.planned = async () => ({ ok: false, ...of.source.trouble! })
    await of.clock.advance(HOUR + LATE)
    const { schedules } = of.engine.state.projects.get(PROJECT)!
    expect(schedules.trouble['file']).toMatchObject({ detail: 'amphitheatre.yaml:3:1: unknown key' })
    expect(schedules.items['nightly']!.waiting).toMatchObject({ on: 'trouble', remedy: 'Correct it.' })
    await of.clock.advance(HOUR)
    expect((await eventsOf(of.store, 'schedule.waits')).length).toBe(1)
    of.source.trouble = null
    of.source.planned = async () => ({ ok: true, runner: 'none', plan: NEVER_PREPARED })
    await of.clock.advance(LATE)
    expect(of.engine.state.projects.get(PROJECT)!.schedules.trouble).toEqual({})
    expect(await fired(of)).toEqual(['2026-11-21T02:00:00.000Z'])
    await of.engine.close()
  })

  test('changed in the file it follows the new times; taken out it is gone', async () => {
    const of = await house()
    of.source.specs = [{ ...NIGHTLY, cron: '30 0 * * *' }]
    await of.clock.advance(LATE)
    expect(item(of.engine).next).toBe(at('2026-11-22T00:30:00Z'))
    await of.clock.advance(2 * HOUR)
    expect(await fired(of)).toEqual([])
    of.source.specs = []
    await of.clock.advance(LATE)
    expect(of.engine.state.projects.get(PROJECT)!.schedules.items).toEqual({})
    await of.engine.close()
  })

  test('a person may have it now, and leave out what waits', async () => {
    const of = await house({ missed: 'ask' })
    expect(await answer(of, 'skip')).toMatchObject({ ok: false, rejected: 'not-now' })
    expect(await answer(of, 'run')).toMatchObject({ ok: true })
    await of.clock.advance(LATE)
    expect(of.engine.state.runs.size).toBe(1)
    await stopRun(of)
    await of.clock.advance(HOUR)
    expect(await fired(of)).toHaveLength(2)
    await stopRun(of)
    await away(of, DAY + HOUR)
    expect(await answer(of, 'skip', 'again')).toMatchObject({ ok: true })
    await of.clock.advance(LATE)
    expect(await skipped(of)).toEqual(['person'])
    expect(item(of.engine).waiting).toBeNull()
    await of.engine.close()
  })
})

describe('an engine that dies', () => {
  test.each(['before the plan is read', 'while it is read', 'after it fired'])(
    '%s: it begins exactly once',
    async (when) => {
      const of = await house({ missed: 'run' })
      const reading = Promise.withResolvers<PlannedRun>()
      if (when === 'while it is read') of.source.planned = () => reading.promise
      if (when !== 'before the plan is read') await of.clock.advance(HOUR + LATE)
      // It is not closed: it is as if it had never been. What it would still say comes too late.
      const dead = of.engine
      of.source.planned = async () => ({ ok: true, runner: 'none', plan: NEVER_PREPARED })
      await dead.close()
      await of.clock.advance(2 * HOUR)
      of.engine = await startWith(of.store, of.clock, of.source)
      await of.clock.advance(LATE)
      reading.resolve({ ok: true, runner: 'none', plan: NEVER_PREPARED })
      await of.clock.advance(LATE)
      expect(await fired(of)).toEqual(['2026-11-21T02:00:00.000Z'])
      expect((await eventsOf(of.store, 'run.started')).length).toBe(1)
      await of.engine.close()
    },
  )
})
