import { expect, test } from 'vitest'
import type { Conflict, ConflictCause } from '../../../../main/domain/conflicts/conflict.ts'
import { Driver, PROJECT, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { start } from '../../../../main/domain/testing/steps.ts'
import { conflictCount } from '../../frame/counts.ts'
import { firstKeep, keepers, matchesConflict, optionsOf, sidesOf, sortConflicts } from './cards.ts'

const holder = (task: string): string => `${RUN}/${task}#1`

function clash(cause: ConflictCause, ...files: string[]) {
  const driver = Driver.running(tasks(['a', 'b'], { with: { b: { priority: 4 } } }))
  start(driver, 'a', 'b')
  driver.must({
    type: 'report.conflict',
    project: PROJECT,
    cause,
    parties: [holder('b'), holder('a')],
    files,
    text: 'they meet',
    evidence: [{ holder: holder('b'), text: 'wrote it', patch: 'ab' }],
  })
  return { driver, conflict: driver.state.projects.get(PROJECT)!.conflicts[0]! }
}

test('the better claim stands first, each side with its own evidence and vote', () => {
  const { conflict } = clash('overlap', 'x')
  const sides = sidesOf({ ...conflict, votes: { [holder('a')]: 'wait' } })
  expect(sides.map(({ holder, evidence, vote }) => [holder, evidence.length, vote])).toEqual([
    [holder('a'), 0, 'wait'],
    [holder('b'), 1, undefined],
  ])
})

test('what is recommended comes first, what costs work last', () => {
  const { conflict } = clash('overlap', 'x')
  const shown = (keep: string) =>
    optionsOf(conflict, keep).map(({ action, recommended }) => [action, recommended])
  expect(shown(firstKeep(conflict))).toEqual([
    ['wait', true],
    ['merge', false],
    ['split', false],
    ['dismiss', false],
    ['terminate', false],
  ])
  // The same for the other one is nobody's advice.
  expect(shown(holder('b')).map(([, recommended]) => recommended)).not.toContain(true)
  expect(optionsOf(conflict, holder('b'))[0]).toMatchObject({ keep: holder('b'), others: [holder('a')] })
})

test('every option that is offered is taken', () => {
  for (const cause of ['overlap', 'duplicate', 'undeclared-write', 'predicted'] as const) {
    const { conflict } = clash(cause, 'x')
    for (const { action, keep } of optionsOf(conflict, firstKeep(conflict))) {
      const { driver } = clash(cause, 'x')
      const rest = keep === '' ? {} : { keep }
      const done = driver.send({
        type: 'conflict.resolve',
        project: PROJECT,
        conflict: 'c1',
        action,
        ...rest,
      })
      expect([cause, action, done]).toEqual([cause, action, undefined])
      expect(conflictCount(driver.state)).toBe(0)
    }
  }
})

test('who goes first is chosen only between those at work, and not where one is at fault', () => {
  const all = () => true
  expect(keepers(clash('overlap').conflict, all)).toHaveLength(2)
  expect(keepers(clash('overlap').conflict, (one) => one === holder('a'))).toEqual([holder('a')])
  expect(keepers(clash('undeclared-write').conflict, all)).toEqual([])
})

test('open ones stand first, the gravest before the others and what is foreseen last; settled ones by time', () => {
  const { conflict } = clash('overlap', 'x')
  const settled = (at: number) => ({
    action: 'dismiss' as const,
    keep: null,
    by: 'engine',
    at,
    verified: null,
    detail: '',
  })
  const made: readonly Conflict[] = [
    { ...conflict, id: 'c1', resolution: settled(5) },
    { ...conflict, id: 'c2', cause: 'predicted' },
    { ...conflict, id: 'c3', since: 9 },
    { ...conflict, id: 'c4', since: 3 },
    { ...conflict, id: 'c5', level: 2 },
    { ...conflict, id: 'c6', resolution: settled(7) },
  ]
  const { open, settled: over } = sortConflicts(made)
  expect(open.map(({ id }) => id)).toEqual(['c5', 'c4', 'c3', 'c2'])
  expect(over.map(({ id }) => id)).toEqual(['c6', 'c1'])
})

test.each([
  ['src/hops.py', true],
  ['HOPS b', true],
  ['c1', true],
  ['technical', true],
  ['other', false],
])('%s finds it: %j', (text, found) => {
  expect(matchesConflict(clash('overlap', 'src/hops.py').conflict, text)).toBe(found)
})
