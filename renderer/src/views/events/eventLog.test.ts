import { expect, test } from 'vitest'
import type { EventEnvelope } from '../../../../main/domain/events.ts'
import { commandId, runId } from '../../../../main/domain/ids.ts'
import { EventLog, type History } from './eventLog.ts'

function event(seq: number): EventEnvelope {
  const id = commandId(`c${seq}`)
  const run = runId(seq % 10 === 0 ? 'rare' : 'common')
  const base = { seq, version: 1, project: null, causation: id, correlation: id, actor: 'engine' }
  return { ...base, type: 'run.paused', run, time: seq * 10, data: { type: 'run.paused' } }
}

/** A log of `count` events, and how many of them were handed out. */
function logOf(count: number) {
  const all = Array.from({ length: count }, (_, i) => event(i + 1))
  const told = { events: 0, requests: 0 }
  const history: History = async ({ after, limit, run }) => {
    const page = all
      .slice(after)
      .filter((one) => run === undefined || one.run === run)
      .slice(0, limit)
    told.events += page.length
    told.requests += 1
    return page
  }
  return { all, history, told }
}

const ALL = { run: undefined, fits: () => true }

test('begins at the end, goes back page by page, and drops what is far away', async () => {
  const { history, told } = logOf(100_000)
  const log = new EventLog(history, ALL, 100_000)
  await log.earlier()
  expect(log.store.getState()).toMatchObject({ from: 99_500, to: 100_000, atEnd: true, busy: false })
  for (let i = 0; i < 10; i++) await log.earlier()
  const { rows, from, to, atEnd } = log.store.getState()
  expect([rows.length, from, to, atEnd]).toEqual([3_000, 94_500, 97_500, false])
  expect(rows.every((row, i) => row.seq === from + 1 + i)).toBe(true)
  expect(told.events).toBe(5_500)
  for (let i = 0; i < 7; i++) await log.later()
  expect(log.store.getState()).toMatchObject({ from: 97_000, to: 100_000, atEnd: true })
})

test('live events are appended; unwatched, the window stays and stops following', async () => {
  const { history } = logOf(10)
  const log = new EventLog(history, ALL, 10)
  await log.earlier()
  log.append([event(10), event(11), event(12)], true)
  expect(log.store.getState().rows.map((row) => row.seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  const many = Array.from({ length: 3_100 }, (_, i) => event(13 + i))
  log.append(many, false)
  expect(log.store.getState()).toMatchObject({ to: 12, atEnd: false })
  const other = new EventLog(history, ALL, 10)
  other.append(
    Array.from({ length: 3_200 }, (_, i) => event(11 + i)),
    true,
  )
  expect(other.store.getState()).toMatchObject({ from: 210, to: 3_210, atEnd: true })
})

test('what came while pages were fetched is fetched afterwards', async () => {
  const { history } = logOf(20)
  const log = new EventLog(history, ALL, 15)
  const first = log.earlier()
  log.append([event(16)], true)
  await first
  expect(log.store.getState()).toMatchObject({ to: 15, atEnd: false })
  await log.later()
  expect(log.store.getState()).toMatchObject({ to: 20, atEnd: true })
})

test('of one run, and only what fits; a long search ends and can go on', async () => {
  const { history } = logOf(100_000)
  const rare = new EventLog(history, { run: runId('rare'), fits: () => true }, 100_000)
  await rare.earlier()
  const { rows } = rare.store.getState()
  expect(rows.length).toBeGreaterThanOrEqual(200)
  expect(rows.every((row) => row.run === 'rare')).toBe(true)
  const one = new EventLog(history, { run: undefined, fits: (row) => row.seq === 7 }, 100_000)
  await one.earlier()
  expect(one.store.getState().rows).toEqual([])
  expect(one.store.getState().from).toBeLessThanOrEqual(60_000)
  await one.earlier()
  await one.earlier()
  expect(one.store.getState()).toMatchObject({ from: 0, rows: [{ seq: 7 }] })
})

test('jumps to a place and a time', async () => {
  const { history, told } = logOf(100_000)
  const log = new EventLog(history, ALL, 100_000)
  expect(await log.seqAt(500_005, 100_000)).toBe(50_001)
  expect(told.requests).toBeLessThan(20)
  await log.jump(50_001)
  expect(log.store.getState()).toMatchObject({ from: 50_000, atEnd: false })
  expect(log.store.getState().rows[0]!.seq).toBe(50_001)
})

test('a failure is told and the next request tries again', async () => {
  let fails = true
  const { history } = logOf(10)
  const log = new EventLog(
    async (args) => (fails ? Promise.reject(new Error('away')) : history(args)),
    ALL,
    10,
  )
  await log.earlier()
  expect(log.store.getState()).toMatchObject({ error: { message: 'away' }, busy: false, rows: [] })
  fails = false
  await log.earlier()
  expect(log.store.getState()).toMatchObject({ error: undefined, from: 0 })
})
