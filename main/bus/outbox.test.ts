import { expect, test } from 'vitest'
import type { EventEnvelope } from '../domain/events.ts'
import { Driver } from '../domain/testing/driver.ts'
import { tasks } from '../domain/testing/plan.ts'
import { finish } from '../domain/testing/steps.ts'
import type { Bus, BusRecord } from '../engine/ports/bus.ts'
import { openBusDatabase } from './busDatabase.ts'
import { Outbox, type OutboxSource } from './outbox.ts'

/** A log that is there already and grows no more. */
function sourceOf(driver: Driver): OutboxSource {
  return {
    state: driver.state,
    read: async (after, limit): Promise<readonly EventEnvelope[]> =>
      driver.log.filter(({ seq }) => seq > after).slice(0, limit),
    onPublish: () => () => undefined,
  }
}

function recording(fail: () => boolean): Bus & { readonly records: BusRecord[] } {
  const records: BusRecord[] = []
  return {
    kind: 'embedded',
    records,
    publish: async (more) => {
      // The worst of failures: it was taken, and nobody is told.
      records.push(...more)
      if (fail()) throw new Error('gone')
    },
    subscribe: async () => ({ close: async () => undefined }),
    check: async () => ({ status: 'ready' }),
    close: async () => undefined,
  }
}

test('what the log says goes to its topics; after a failure the same ids and numbers go again', async () => {
  const driver = Driver.running(tasks(['a', 'b: a']))
  finish(driver, 'a')
  finish(driver, 'b')
  const { db } = openBusDatabase(':memory:')
  let failures = 2
  const bus = recording(() => failures-- > 0)
  const troubles: (string | null)[] = []
  const options = {
    bus,
    db,
    source: sourceOf(driver),
    origin: 'here',
    onTrouble: (reason: string | null) => void troubles.push(reason),
  }
  const outbox = Outbox.open(options, 0)
  await outbox.settled()
  await outbox.close()
  const ids = bus.records.map(({ id, n, key }) => `${id} ${key} ${n}`)
  expect(ids.slice(0, ids.length / 3)).toEqual(ids.slice(ids.length / 3, (ids.length / 3) * 2))
  expect(new Set(ids).size).toBe(ids.length / 3)
  expect([...new Set(bus.records.map(({ topic }) => topic))].toSorted()).toEqual([
    'agent.results',
    'agent.work',
    'pipeline.events',
  ])
  expect(troubles.slice(0, 3)).toEqual(['gone', 'gone', null])
  const again = Outbox.open({ ...options, bus: recording(() => false) }, 0)
  await again.settled()
  await again.close()
  expect(bus.records.filter(({ topic }) => topic === 'pipeline.events').map(({ n }) => n)).toEqual([
    1, 2, 1, 2, 1, 2,
  ])
  db.close()
})
