import { expect, test } from 'vitest'
import type { EventEnvelope } from '../domain/events.ts'
import { Driver } from '../domain/testing/driver.ts'
import { configure, open } from '../domain/testing/incidents.ts'
import { openMemoryStore } from '../store/memoryStore.ts'
import { EventFeed } from './feed.ts'
import { NewsDelivery } from './newsDelivery.ts'
import type { Delivery, Notifier } from './ports/notifier.ts'
import type { Store } from './ports/store.ts'
import type { Scheduling } from './scheduling.ts'

/** An engine whose events come when the test says so, and whose waiting costs nothing. */
class House {
  readonly store: Store = openMemoryStore()
  readonly driver = new Driver()
  feed = new EventFeed(this.store)
  readonly lines: string[] = []
  readonly pauses: number[] = []
  #stored = 0
  delivery: NewsDelivery | undefined

  async commit(): Promise<void> {
    const events = this.driver.log.slice(this.#stored) as EventEnvelope[]
    this.#stored = this.driver.log.length
    if (events.length > 0) await this.store.append({ events, outcomes: [], runRows: [], taskRows: [] })
    this.feed.publish(events)
  }

  async start(...notifiers: readonly Notifier[]): Promise<void> {
    await this.commit()
    this.delivery?.close()
    this.feed = new EventFeed(this.store)
    const scheduling: Scheduling = {
      now: () => 0,
      immediate: setImmediate,
      after: (ms, task) => {
        // A time limit never passes here; a pause passes at once.
        if (ms === 30_000) return () => undefined
        this.pauses.push(ms)
        const timer = setImmediate(task)
        return () => clearImmediate(timer)
      },
    }
    const { store, feed, driver } = this
    const log = (line: string): void => void this.lines.push(line)
    this.delivery = new NewsDelivery({ store, feed, state: () => driver.state, scheduling, log })
    this.delivery.open(notifiers)
    await idle()
  }
}

/** All that can go on has gone on: nothing here waits for the outside. */
async function idle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
}

class Told implements Notifier {
  readonly got: Delivery[] = []
  readonly name: string
  fail = 0
  hold: Promise<void> | undefined

  constructor(name = 'chat') {
    this.name = name
  }

  async deliver(delivery: Delivery): Promise<void> {
    this.got.push(delivery)
    await this.hold
    if (this.fail-- > 0) throw new Error('the line is dead')
  }

  get said(): readonly string[] {
    return this.got.map(({ news, again }) => `${news.type} ${news.key}${again ? ' again' : ''}`)
  }
}

const acknowledge = { type: 'incident.acknowledge', project: 'p', incident: 'i1' } as never

function house(): House {
  const made = new House()
  configure(made.driver, { playbooks: [] })
  return made
}

test('a new notifier is told what comes from then on, in order, with severity, actions and link', async () => {
  const place = house()
  place.driver.must(open({ target: 'shop' }))
  const told = new Told()
  await place.start(told)
  expect(told.got).toEqual([])
  place.driver.must(open({ target: null, title: 'Slow' }))
  place.driver.must({ ...(acknowledge as object), incident: 'i2' } as never)
  await place.commit()
  await idle()
  expect(told.said).toEqual(['tell p!i2', 'withdraw p!i2'])
  expect(told.got[0]!.news).toMatchObject({ severity: 'P0', link: { view: 'incidents', at: 'p~i2' } })
})

test('what fails is tried again, later each time, and says that it may be the second time', async () => {
  const place = house()
  const [told, other] = [new Told(), new Told('mail')]
  told.fail = 3
  await place.start(told, other)
  place.driver.must(open())
  await place.commit()
  await idle()
  expect(told.said).toEqual(['tell p!i1', 'tell p!i1 again', 'tell p!i1 again', 'tell p!i1 again'])
  expect(new Set(told.got.map(({ seq }) => seq)).size).toBe(1)
  expect(place.pauses).toEqual([5_000, 10_000, 20_000])
  expect(place.lines[0]).toContain('news for chat')
  // The others do not wait for it.
  expect(other.said).toEqual(['tell p!i1'])
})

test('an engine that dies while it delivers delivers again, and tells nothing else twice', async () => {
  const place = house()
  const told = new Told()
  await place.start(told)
  place.driver.must(open())
  await place.commit()
  await idle()
  told.hold = new Promise(() => undefined)
  place.driver.must(acknowledge)
  await place.commit()
  await idle()
  expect(told.said).toEqual(['tell p!i1', 'withdraw p!i1'])
  told.hold = undefined
  await place.start(told)
  expect(told.said).toEqual(['tell p!i1', 'withdraw p!i1', 'withdraw p!i1 again'])
  await place.start(told)
  expect(told.got).toHaveLength(3)
})

test('what happened while no engine told it is told by the next', async () => {
  const place = house()
  const told = new Told()
  await place.start(told)
  place.delivery!.close()
  place.driver.must(open())
  await place.start(told)
  expect(told.said).toEqual(['tell p!i1'])
})
