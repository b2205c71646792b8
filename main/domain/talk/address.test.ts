import { describe, expect, test } from 'vitest'
import { roleName } from '../ids.ts'
import type { Driver } from '../testing/driver.ts'
import { finish } from '../testing/steps.ts'
import { by, talking } from '../testing/talk.ts'
import { isChannel, isTopic, resolveAddress } from './address.ts'
import { findHelper } from './helpers.ts'

/** Ann does a and c, Bob b; over is over; `api.build` is named like a topic. */
function people(): Driver {
  const driver = talking(['a', 'b', 'c', 'over', 'api.build'], {
    roles: {
      Ann: { id: 'agent-001', skills: ['ts'], tier: 1 },
      Bob: { id: 'agent-002', skills: ['ts', 'SQL'] },
    },
    with: { b: { role: 'Bob' }, over: { role: 'Bob' } },
  })
  finish(driver, 'over')
  by(driver, 'b', { type: 'agent.join', channel: '#ops' })
  by(driver, 'a', { type: 'agent.join', channel: '#ops' })
  by(driver, 'c', { type: 'agent.join', channel: 'agent.results' })
  return driver
}

const A = 0
const WHERE: readonly [
  to: string,
  from: number | null,
  tasks: readonly number[] | RegExp,
  person?: boolean,
][] = [
  ['b', A, [1]],
  [' b ', A, [1]],
  ['a', A, /writing to itself/],
  ['a', null, [0]],
  ['over', A, /over is over \(succeeded\)/],
  ['Ann/c#7', A, [2]],
  ['Nobody/b', A, [1]],
  ['Bob', A, [1]],
  ['agent-002', A, [1]],
  ['Ann', A, [2, 4]],
  ['Ann', 1, [0, 2, 4]],
  ['all', A, [1, 2, 4]],
  ['ALL_AGENTS', A, [1, 2, 4]],
  ['broadcast', null, [0, 1, 2, 4]],
  ['#ops', A, [1]],
  ['#ops', 2, [0, 1]],
  ['#nowhere', A, []],
  ['agent.results', A, [2]],
  ['pipeline.events', A, []],
  ['api.build', A, [4]],
  ['person', A, [], true],
  ['human', A, [], true],
  ['person:ann', A, [], true],
  ['nobody', A, /nobody called nobody/],
  ['__proto__', A, /nobody called/],
  ['#__proto__', A, /nobody called/],
]

test.each(WHERE)('%j from %j is %j', (to, from, expected, person = false) => {
  const resolved = resolveAddress(people().run(), to, from)
  if (expected instanceof RegExp)
    expect(resolved).toMatchObject({ ok: false, reason: expect.stringMatching(expected) })
  else expect(resolved).toEqual({ ok: true, receivers: { tasks: expected, person } })
})

test('a role of nobody else, and one that is over, say so', () => {
  const driver = talking(['a', 'b'], { roles: { Ann: {}, Bob: {} }, with: { b: { role: 'Bob' } } })
  expect(resolveAddress(driver.run(), 'Ann', A)).toMatchObject({ reason: 'no other agent is Ann' })
  finish(driver, 'b')
  expect(resolveAddress(driver.run(), 'Bob', A)).toMatchObject({ reason: expect.stringMatching(/all over/) })
})

describe('channels and topics', () => {
  test.each(['#a', '#a-b.c_9', 'a.b', 'pipeline.events.x', 'agent.build-master'])('%s', (name) =>
    expect(isChannel(name)).toBe(true),
  )
  test.each(['a', '#', '# a', '#-a', 'A.b', 'a.', '.a', 'a..b', `#${'x'.repeat(65)}`, 'a b.c'])(
    'not %j',
    (name) => expect(isChannel(name)).toBe(false),
  )
  test('a channel is no topic', () => expect(isTopic('#a.b')).toBe(false))
})

describe('help comes from', () => {
  test.each([
    ['who has most of the skills', ['ts', 'sql'], 1],
    ['the coordinator where none is named', [], 2],
    ['a person where nobody fits', ['cobol'], null],
  ] as const)('%s', (_name, skills, task) => {
    const expected = task === null ? { tasks: [], person: true } : { tasks: [task], person: false }
    expect(findHelper(people().run(), skills, A)).toEqual(expected)
  })

  test('among equals who is at work, then who has the emptiest inbox', () => {
    const driver = talking(['a', 'b', 'c', 'd: a'], { roles: { Ann: { skills: ['ts'] } } })
    expect(findHelper(driver.run(), ['ts'], A)).toMatchObject({ tasks: [1] })
    const run = driver.run()
    const busy = { ...run, tasks: run.tasks.set(1, { ...run.tasks.get(1)!, inbox: [1] }) }
    expect(findHelper(busy, ['ts'], A)).toMatchObject({ tasks: [2] })
    expect(driver.run().plan.roles[0]!.name).toBe(roleName('Ann'))
  })
})
