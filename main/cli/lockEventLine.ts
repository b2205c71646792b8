import type { DomainEvent } from '../domain/events.ts'
import { circleWords } from '../domain/locks/circle.ts'
import { lockWords } from '../domain/locks/lock.ts'
import type { Mark } from '../domain/status.ts'

/** What an agent at work asked for beyond what it declared; undefined for what every start and end brings with it. */
export function tellLocks(data: DomainEvent): readonly [mark: Mark, text: string] | undefined {
  switch (data.type) {
    case 'locks.asked':
      return data.begun ? ['blocked', `waits for ${data.locks.map(lockWords).join(', ')}`] : undefined
    case 'locks.refused': {
      const what = data.locks.map(lockWords).join(', ')
      return ['blocked', `may not wait for ${what}: ${circleWords(data.circle)}`]
    }
    case 'locks.withdrawn':
      return ['running', 'waits for locks no longer']
    case 'locks.released': {
      const what = data.locks?.map(lockWords).join(', ') ?? 'all it held'
      if (data.why === 'asked') return ['running', `gave back ${what}`]
      return [
        'conflict',
        data.why === 'lease' ? `lost ${what}: no sign of life` : `${what} was taken from it`,
      ]
    }
    default:
      return undefined
  }
}
