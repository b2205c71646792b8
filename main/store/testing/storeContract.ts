import { expect, test } from 'vitest'
import { commandId, projectId, runId } from '../../domain/ids.ts'
import type { Store } from '../../engine/ports/store.ts'
import { KEPT_OUTCOMES } from '../retention.ts'
import {
  fullBatch,
  SHOP,
  sampleBatch,
  sampleEvent,
  sampleEvents,
  sampleOutcome,
  sampleRun,
  sampleTask,
} from './samples.ts'

/** Opens the same store again and again: what one wrote the next one reads. */
export type Opener = () => Promise<Store>

/** What every `Store` promises. `makeOpener` gives a fresh, empty place to store things each time. */
export function storeContract(makeOpener: () => Opener): void {
  appendContract(makeOpener)
  readContract(makeOpener)
  historyContract(makeOpener)
  keptContract(makeOpener)
}

function appendContract(makeOpener: () => Opener): void {
  test('an empty store is empty', async () => {
    const store = await makeOpener()()
    expect(await store.lastSeq()).toBe(0)
    expect(await store.read({ after: 0 })).toEqual([])
    expect(await store.keyFrame()).toBeUndefined()
    expect(await store.outcome(commandId('c'))).toBeUndefined()
    expect(await store.runs({})).toEqual([])
    expect(await store.tasks(runId('r'))).toEqual([])
    expect(await store.getMeta('install')).toBeUndefined()
    await store.close()
  })

  test('what was appended is read again by the next opener, in one piece', async () => {
    const open = makeOpener()
    const first = await open()
    const batches = [fullBatch(1, 1), fullBatch(2, 100), fullBatch(102, 3)]
    for (const batch of batches) await first.append(batch)
    await first.close()
    const second = await open()
    expect(await second.lastSeq()).toBe(104)
    expect(await second.read({ after: 0 })).toEqual(batches.flatMap((batch) => batch.events))
    const rows = batches.flatMap((batch) => batch.taskRows).map((row) => row.task)
    expect(
      (await second.tasks(rows.length > 0 ? batches[0]!.events[0]!.run! : runId(''))).map((row) => row.task),
    ).toEqual(rows.sort())
    for (const { command, outcome } of batches.flatMap((batch) => batch.outcomes)) {
      expect(await second.outcome(command)).toBe(outcome)
    }
    await second.close()
  })

  test('a batch that does not continue the log is refused and leaves no trace', async () => {
    const store = await makeOpener()()
    await store.append(fullBatch(1, 2))
    for (const events of [[sampleEvent(2)], [sampleEvent(4)], [sampleEvent(3), sampleEvent(5)]]) {
      const batch = sampleBatch({ events, outcomes: [sampleOutcome('stray')] })
      await expect(store.append(batch)).rejects.toThrow(RangeError)
    }
    expect(await store.lastSeq()).toBe(2)
    expect(await store.outcome(commandId('stray'))).toBeUndefined()
    await store.append(fullBatch(3, 1))
    expect(await store.lastSeq()).toBe(3)
    await store.close()
  })

  test('a batch may hold nothing but outcomes, and the first outcome of a command stands', async () => {
    const store = await makeOpener()()
    await store.append(sampleBatch({ outcomes: [sampleOutcome('c1', 'refused')] }))
    await store.append(sampleBatch({ outcomes: [sampleOutcome('c1', 'other'), sampleOutcome('c2')] }))
    expect(await store.outcome(commandId('c1'))).toBe('refused')
    expect(await store.outcome(commandId('c2'))).toBe('ok')
    expect(await store.lastSeq()).toBe(0)
    await store.close()
  })

  test('a closed store answers no more', async () => {
    const store = await makeOpener()()
    await store.close()
    await expect(store.lastSeq()).rejects.toThrow(/closed/)
    await expect(store.append(fullBatch(1, 1))).rejects.toThrow(/closed/)
    await expect(store.read({ after: 0 })).rejects.toThrow(/closed/)
  })
}

function readContract(makeOpener: () => Opener): void {
  test('events are read after a number, up to a limit, of one run', async () => {
    const store = await makeOpener()()
    const other = runId('other')
    const events = sampleEvents(1, 10).map((event) =>
      event.seq % 3 === 0 ? { ...event, run: other } : event,
    )
    await store.append(sampleBatch({ events }))
    const seqs = async (query: Parameters<Store['read']>[0]): Promise<number[]> =>
      (await store.read(query)).map((event) => event.seq)
    expect(await seqs({ after: 7 })).toEqual([8, 9, 10])
    expect(await seqs({ after: -5, limit: 2 })).toEqual([1, 2])
    expect(await seqs({ after: 2, limit: 3 })).toEqual([3, 4, 5])
    expect(await seqs({ after: 2, limit: 0 })).toEqual([])
    expect(await seqs({ after: 10 })).toEqual([])
    expect(await seqs({ after: 99 })).toEqual([])
    expect(await seqs({ after: 3, run: other })).toEqual([6, 9])
    expect(await seqs({ after: 0, run: other, limit: 1 })).toEqual([3])
    expect(await seqs({ after: 0, run: runId('none') })).toEqual([])
    await store.close()
  })

  test('an event comes back as it was, with nulls, and with data of any kind', async () => {
    const store = await makeOpener()()
    const data = {
      type: 'odd',
      text: '\u0000 \u2028 "quoted" 統合 😀',
      list: [1.5, null, true, { deep: [] }],
    }
    const event = { ...sampleEvent(1), project: null, run: null, data } as ReturnType<typeof sampleEvent>
    await store.append(sampleBatch({ events: [event] }))
    expect(await store.read({ after: 0 })).toEqual([event])
    await store.close()
  })
}

function historyContract(makeOpener: () => Opener): void {
  test('runs are listed newest first, of all projects or one, and the last shape of a row counts', async () => {
    const store = await makeOpener()()
    const rows = [sampleRun(1), sampleRun(2, { project: projectId('blog') }), sampleRun(3)]
    await store.append(sampleBatch({ runRows: rows }))
    const ended = sampleRun(1, { status: 'completed', endedAt: 99, summary: '{}' })
    const twin = sampleRun(4, { startedAt: rows[2]!.startedAt })
    await store.append(sampleBatch({ runRows: [sampleRun(1, { status: 'stopping' }), ended, twin] }))
    expect(await store.runs({})).toEqual([twin, rows[2], rows[1], ended])
    expect(await store.runs({ limit: 2 })).toEqual([twin, rows[2]])
    expect(await store.runs({ project: SHOP })).toEqual([twin, rows[2], ended])
    expect(await store.runs({ project: SHOP, limit: 1 })).toEqual([twin])
    expect(await store.runs({ project: projectId('none') })).toEqual([])
    await store.close()
  })

  test('tasks are listed by name, and the last shape of a row counts', async () => {
    const store = await makeOpener()()
    const run = runId('r1')
    const unknowns = { outcome: null, role: null, startedAt: null, endedAt: null, cause: 'lost' } as const
    await store.append(sampleBatch({ taskRows: [sampleTask(run, 'b'), sampleTask(run, 'a', unknowns)] }))
    await store.append(sampleBatch({ taskRows: [sampleTask(run, 'b', { attempts: 2 })] }))
    await store.append(sampleBatch({ taskRows: [sampleTask(runId('r2'), 'c')] }))
    expect(await store.tasks(run)).toEqual([
      sampleTask(run, 'a', unknowns),
      sampleTask(run, 'b', { attempts: 2 }),
    ])
    await store.close()
  })
}

function keptContract(makeOpener: () => Opener): void {
  test('the newest key frames are kept, and one of every 50,000 events', async () => {
    const open = makeOpener()
    const store = await open()
    await store.append(sampleBatch({ events: sampleEvents(1, 120_000) }))
    const taken = [5_000, 20_000, 45_000, 51_000, 60_000, 99_000, 101_000, 110_000, 115_000, 120_000]
    for (const seq of taken) await store.writeKeyFrame({ seq, json: `{"at":${seq}}` })
    await store.writeKeyFrame({ seq: 120_000, json: '{"at":"again"}' })
    await store.close()
    const again = await open()
    const kept: number[] = []
    for (let frame = await again.keyFrame(); frame; frame = await again.keyFrame(frame.seq - 1))
      kept.push(frame.seq)
    expect(kept).toEqual([120_000, 115_000, 110_000, 101_000, 51_000, 5_000])
    expect(await again.keyFrame()).toEqual({ seq: 120_000, json: '{"at":"again"}' })
    expect(await again.keyFrame(51_000)).toEqual({ seq: 51_000, json: '{"at":51000}' })
    expect(await again.keyFrame(4_999)).toBeUndefined()
    await again.close()
  })

  test('a key frame ahead of the log is refused', async () => {
    const store = await makeOpener()()
    await store.append(fullBatch(1, 1))
    await expect(store.writeKeyFrame({ seq: 2, json: '{}' })).rejects.toThrow(RangeError)
    expect(await store.keyFrame()).toBeUndefined()
    await store.close()
  })

  test('the oldest outcomes are forgotten, the newest kept', async () => {
    const store = await makeOpener()()
    const total = KEPT_OUTCOMES + 5_000
    for (let from = 0; from < total; from += 5_000) {
      const outcomes = Array.from({ length: 5_000 }, (_, i) => sampleOutcome(`c${from + i}`))
      await store.append(sampleBatch({ outcomes }))
    }
    expect(await store.outcome(commandId('c0'))).toBeUndefined()
    expect(await store.outcome(commandId('c4999'))).toBeUndefined()
    expect(await store.outcome(commandId('c5000'))).toBe('ok')
    expect(await store.outcome(commandId(`c${total - 1}`))).toBe('ok')
    await store.close()
  })

  test('meta values are kept apart from the log', async () => {
    const open = makeOpener()
    const store = await open()
    await store.setMeta('install', 'a')
    await store.setMeta('clock', '1')
    await store.setMeta('install', 'b')
    await store.close()
    const again = await open()
    expect(await again.getMeta('install')).toBe('b')
    expect(await again.getMeta('clock')).toBe('1')
    expect(await again.lastSeq()).toBe(0)
    await again.close()
  })
}
