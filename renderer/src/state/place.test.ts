import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunId } from '../../../main/domain/ids.ts'
import { VIEWS } from '../../../preload/contract.ts'
import { formatPlace, parsePlace, placeIn } from './place.ts'

test('a place comes back from its address', () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && text.isWellFormed())
  const place = fc.record(
    { view: fc.constantFrom(...VIEWS), run: name.map((run) => run as RunId), task: name, at: name },
    { requiredKeys: ['view', 'run'] },
  )
  fc.assert(
    fc.property(place, (at) => {
      expect(parsePlace(formatPlace(at))).toEqual(at)
    }),
  )
})

test.each([
  ['', { view: 'house' }],
  ['#/nowhere', { view: 'house' }],
  ['#/graph', { view: 'graph' }],
  ['#/graph//', { view: 'graph' }],
  ['#/graph/%E0%A4%A', { view: 'graph' }],
  ['#/talk/r1//m12', { view: 'talk', run: 'r1', at: 'm12' }],
  ['#/agents/r1/compile', { view: 'agents', run: 'r1', task: 'compile' }],
])('%j', (hash, place) => {
  expect(parsePlace(hash)).toEqual(place)
})

test('another view keeps run and task, and not what was meant within the view before', () => {
  const point = { view: 'releases', run: 'r1' as RunId, task: 'deploy', at: 'p6' } as const
  expect(placeIn('incidents', point)).toEqual({ view: 'incidents', run: 'r1', task: 'deploy' })
})
