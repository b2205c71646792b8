import { afterEach, describe, expect, test } from 'vitest'
import type { Bus, BusRecord, BusSubscription } from '../../engine/ports/bus.ts'

/** A bus of one kind, and the same bus again after its process died. */
export interface BusBench {
  open(): Promise<Bus>
  /** Everything the bus holds stays; nobody is told. */
  reopen(): Promise<Bus>
  /** A topic no other test uses. */
  topic(): string
  close(): Promise<void>
}

export function record(topic: string, n: number, key = 'k'): BusRecord {
  return { id: `${key}-${n}`, topic, key, n, time: n, body: JSON.stringify({ n }) }
}

/** Collects what comes; `when` resolves when so many records have. */
export function collector(): {
  readonly records: BusRecord[]
  readonly handler: (record: BusRecord) => Promise<void>
  when(count: number): Promise<void>
} {
  const records: BusRecord[] = []
  const wake: (() => void)[] = []
  return {
    records,
    handler: async (one) => {
      records.push(one)
      for (const resolve of wake.splice(0)) resolve()
    },
    when: async (count) => {
      while (records.length < count) await new Promise<void>((resolve) => wake.push(resolve))
    },
  }
}

/** What every bus promises; see `engine/ports/bus.ts`. */
export function busContract(name: string, makeBench: () => Promise<BusBench>): void {
  describe(`the ${name} bus`, () => {
    const benches: BusBench[] = []
    const open = async (): Promise<{ bench: BusBench; bus: Bus; topic: string }> => {
      const bench = await makeBench()
      benches.push(bench)
      return { bench, bus: await bench.open(), topic: bench.topic() }
    }
    afterEach(async () => {
      for (const bench of benches.splice(0)) await bench.close()
    })

    test('every group gets every record, those of a key in their order', async () => {
      const { bus, topic } = await open()
      const [a, b] = [collector(), collector()]
      await bus.subscribe({ topic, group: 'a' }, a.handler)
      const records = [1, 2, 3].flatMap((n) => [record(topic, n, 'x'), record(topic, n, 'y')])
      await bus.publish(records)
      await bus.subscribe({ topic, group: 'b' }, b.handler)
      await Promise.all([a.when(6), b.when(6)])
      for (const { records: got } of [a, b])
        for (const key of ['x', 'y'])
          expect(got.filter((one) => one.key === key)).toEqual(records.filter((one) => one.key === key))
    })

    test('the members of a group share its records', async () => {
      const { bus, topic } = await open()
      const [a, b] = [collector(), collector()]
      await bus.subscribe({ topic, group: 'g' }, a.handler)
      await bus.subscribe({ topic, group: 'g' }, b.handler)
      await bus.publish(Array.from({ length: 20 }, (_, i) => record(topic, 1, `k${i}`)))
      while (a.records.length + b.records.length < 20)
        await Promise.race([a.when(a.records.length + 1), b.when(b.records.length + 1)])
      const ids = [...a.records, ...b.records].map(({ id }) => id)
      expect(new Set(ids).size).toBe(20)
    })

    test('what is refused comes again, and holds up its own key only', async () => {
      const { bus, topic } = await open()
      const seen: string[] = []
      const done = collector()
      let refusals = 2
      await bus.subscribe({ topic, group: 'g' }, async (one) => {
        seen.push(one.id)
        if (one.id === 'x-1' && refusals-- > 0) throw new Error('not now')
        await done.handler(one)
      })
      await bus.publish([record(topic, 1, 'x'), record(topic, 2, 'x'), record(topic, 1, 'y')])
      await done.when(3)
      expect(seen.filter((id) => id === 'x-1')).toHaveLength(3)
      expect(done.records.map(({ id }) => id)).toEqual(['y-1', 'x-1', 'x-2'])
    })

    test('after a death what was not acknowledged comes again, what was does not', async () => {
      const { bench, bus, topic } = await open()
      const stuck: BusRecord[] = []
      const first = collector()
      await bus.subscribe({ topic, group: 'g' }, async (one) => {
        if (one.n === 2) {
          stuck.push(one)
          await new Promise(() => undefined)
        }
        await first.handler(one)
      })
      await bus.publish([record(topic, 1), record(topic, 2), record(topic, 3), record(topic, 1, 'other')])
      await first.when(2)
      const again = await bench.reopen()
      const second = collector()
      await again.subscribe({ topic, group: 'g' }, second.handler)
      await second.when(2)
      expect(second.records.filter(({ key }) => key === 'k').map(({ n }) => n)).toEqual([2, 3])
    })

    test('publishing the same again is no loss and no disorder', async () => {
      const { bus, topic } = await open()
      const got = collector()
      const records = [record(topic, 1), record(topic, 2)]
      await bus.publish(records)
      await bus.publish(records)
      await bus.publish([record(topic, 3)])
      await bus.subscribe({ topic, group: 'g' }, got.handler)
      await got.when(3)
      const firsts = got.records.filter((one, i) => got.records.findIndex(({ id }) => id === one.id) === i)
      expect(firsts.map(({ n }) => n)).toEqual([1, 2, 3])
    })

    test('who leaves gets nothing more; the rest of the group goes on', async () => {
      const { bus, topic } = await open()
      const [a, b] = [collector(), collector()]
      const leaving: BusSubscription = await bus.subscribe({ topic, group: 'g' }, a.handler)
      await leaving.close()
      await bus.subscribe({ topic, group: 'g' }, b.handler)
      await bus.publish([record(topic, 1), record(topic, 2)])
      await b.when(2)
      expect(a.records).toEqual([])
    })
  })
}
