import { assertNever } from '../assertNever.ts'
import type { EventOf } from '../events.ts'
import { type LockTable, withGrant, withoutLocks, withoutWaiter, withWaiter } from './changes.ts'

export type LockEvent = EventOf<
  'locks.asked' | 'locks.granted' | 'locks.refused' | 'locks.withdrawn' | 'locks.released'
>

export function evolveLocks(table: LockTable, data: LockEvent, time: number): LockTable {
  switch (data.type) {
    case 'locks.asked': {
      const { holder, locks, priority, begun, place, overtakes } = data
      return withWaiter(table, { holder, locks, priority, begun, since: time }, { place, overtakes })
    }
    case 'locks.granted': {
      const next = withGrant(table, data, data.overtakes, time)
      if (next.lastToken !== data.token) throw new Error(`token ${data.token} is not the next one`)
      return next
    }
    case 'locks.refused':
      return table
    case 'locks.withdrawn':
      return withoutWaiter(table, data.holder)
    case 'locks.released':
      return withoutLocks(table, data.holder, data.locks ?? undefined)
    default:
      return assertNever(data, 'unknown event')
  }
}
