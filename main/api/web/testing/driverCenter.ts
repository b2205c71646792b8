import { stateToJson } from '../../../domain/serialise.ts'
import type { Driver } from '../../../domain/testing/driver.ts'
import { EventFeed } from '../../../engine/feed.ts'
import type { Store } from '../../../engine/ports/store.ts'
import { type FakeCenter, fakeCenter } from '../../testing/fakeCenter.ts'

/** An engine by the real rules and the real feed, held in memory. */
export interface DriverCenter extends FakeCenter {
  /** Tells followers of what happened in the driver since the last time. */
  publish(): void
}

export function driverCenter(driver: Driver): DriverCenter {
  const read: Store['read'] = async ({ after, limit }) => {
    // Sequence numbers begin at 1 and have no gaps.
    return driver.log.slice(after, limit === undefined ? undefined : after + limit)
  }
  const feed = new EventFeed({ read } as Store)
  let published = driver.log.length
  return {
    ...fakeCenter(),
    snapshot: async () => stateToJson(driver.state),
    history: ({ after, limit }) => read({ after, limit }),
    events: (from, signal) => feed.from(from, signal),
    publish() {
      feed.publish(driver.log.slice(published))
      published = driver.log.length
    },
  }
}
