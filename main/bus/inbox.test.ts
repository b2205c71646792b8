import { expect, test } from 'vitest'
import type { BusRecord } from '../engine/ports/bus.ts'
import { openBusDatabase } from './busDatabase.ts'
import { Inbox } from './inbox.ts'
import { record } from './testing/busContract.ts'
import { unrulyBus } from './testing/unrulyBus.ts'

/** mulberry32: the same seed, the same chances. */
function chances(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const MESSAGES = Number(process.env['R9_MESSAGES'] ?? 20_000)
const PAIRS = 50

test(`R9: ${MESSAGES} messages over a bus that repeats, reorders and forgets: each once, in order per pair`, async () => {
  const { db } = openBusDatabase(':memory:')
  const random = chances(9)
  const bus = unrulyBus({ duplicated: 0.3, reordered: 0.3, acksLost: 0.1 }, random)
  const taken = new Map<string, number[]>()
  let count = 0
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const inbox = await Inbox.open({
    bus,
    db,
    topic: 't.t',
    group: 'g',
    take: async ({ key, n }: BusRecord) => {
      if (random() < 0.01) throw new Error('the engine is away')
      const before = taken.get(key)
      if (before === undefined) taken.set(key, [n!])
      else before.push(n!)
      if (++count === MESSAGES) finish()
    },
  })
  for (let n = 1; n <= MESSAGES / PAIRS; n++)
    await bus.publish(Array.from({ length: PAIRS }, (_, pair) => record('t.t', n, `pair${pair}`)))
  await finished
  await inbox.close()
  const wanted = Array.from({ length: MESSAGES / PAIRS }, (_, i) => i + 1)
  expect(bus.deliveries()).toBeGreaterThan(MESSAGES * 1.2)
  for (let pair = 0; pair < PAIRS; pair++) expect(taken.get(`pair${pair}`)).toEqual(wanted)
  db.close()
})

test('after a restart it goes on where it was, and takes nothing again', async () => {
  const { db } = openBusDatabase(':memory:')
  const taken: number[] = []
  const life = async (): Promise<{ feed: (n: number) => Promise<void>; inbox: Inbox }> => {
    let feed: (record: BusRecord) => Promise<void> = async () => undefined
    const bus = {
      ...unrulyBus({ duplicated: 0, reordered: 0, acksLost: 0 }, () => 1),
      subscribe: async (_: unknown, handler: typeof feed) => {
        feed = handler
        return { close: async () => undefined }
      },
    }
    const take = async ({ n }: BusRecord): Promise<void> => void taken.push(n!)
    const inbox = await Inbox.open({ bus, db, topic: 't.t', group: 'g', take })
    return { feed: (n) => feed(record('t.t', n)), inbox }
  }
  const first = await life()
  await first.feed(1)
  const early = first.feed(3).catch((error: Error) => error.message)
  await first.inbox.close()
  expect(await early).toBe('the inbox is closed')
  const second = await life()
  await Promise.all([second.feed(1), second.feed(3), second.feed(2)])
  expect(taken).toEqual([1, 2, 3])
  await second.inbox.close()
  db.close()
})
