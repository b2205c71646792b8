import { expect, test } from 'vitest'
import type { DomainEvent } from '../domain/events.ts'
import { tellLocks } from './lockEventLine.ts'

const lock = { kind: 'files', on: 'src/**', mode: 'exclusive' } as const
const asked = {
  type: 'locks.asked',
  holder: 'r1/a#1',
  locks: [lock],
  priority: 3,
  place: 0,
  overtakes: [],
} as const

test.each<[DomainEvent, string | undefined]>([
  [{ ...asked, locks: [lock], overtakes: [], begun: true }, 'waits for src/**'],
  [{ ...asked, locks: [lock], overtakes: [], begun: false }, undefined],
  [
    { type: 'locks.refused', holder: 'r1/a#1', locks: [lock], circle: ['r1/a#1', 'r1/b#1'] },
    'may not wait for src/**: a waits for b, b waits for a',
  ],
  [{ type: 'locks.withdrawn', holder: 'r1/a#1' }, 'waits for locks no longer'],
  [{ type: 'locks.released', holder: 'r1/a#1', locks: [lock], why: 'asked' }, 'gave back src/**'],
  [
    { type: 'locks.released', holder: 'r1/a#1', locks: null, why: 'lease' },
    'lost all it held: no sign of life',
  ],
  [{ type: 'locks.released', holder: 'r1/a#1', locks: null, why: 'person' }, 'all it held was taken from it'],
])('%j', (data, words) => {
  expect(tellLocks(data)?.[1]).toBe(words)
})
