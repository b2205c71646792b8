import { existsSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { messagesOf } from '../../domain/talk/messageLog.ts'
import { tasks } from '../../domain/testing/plan.ts'
import { faultyStore } from '../../store/faultyStore.ts'
import { House, RUN } from './testing/house.ts'
import { makeStray } from './testing/stray.ts'

let house: House
afterEach(() => house.close())

const PLAN = tasks(['a', 'b'], { all: { workspace: 'repo' } })

function sent(): readonly string[] {
  return [...messagesOf(house.run.talk.messages)].map(({ content }) => content)
}

test('a call with the same Request-Id takes effect once and gets the same answer, together and later', async () => {
  house = await House.open({ plan: PLAN })
  const message = { to: 'b', type: 'UPDATE', content: 'once' }
  const call = (): ReturnType<House['call']> => house.call('a', 'send', message, { id: 'm' })
  const together = await Promise.all([call(), call(), call()])
  const later = await call()
  for (const { body } of [...together, later])
    expect(body).toEqual({ ok: true, message: 1, recipients: ['b'] })
  expect(sent()).toEqual(['once'])
})

test('over a restart of the engine the answer to a call is given again, and a wait goes on', async () => {
  house = await House.open({ plan: PLAN })
  const before = await house.call('a', 'ask', { to: 'b', text: 'port?' }, { id: 'q' })
  expect(before.body).toMatchObject({ ok: true, message: 1, answered: false })
  const waiting = house
    .call('a', 'ask', { to: 'b', text: 'port?', wait: 50 }, { id: 'q' })
    .catch(() => undefined)
  const [folder] = readdirSync(house.base)
  await house.restart()
  expect((await waiting)?.status ?? 503).toBe(503)
  expect(readdirSync(house.base)).toEqual([folder])
  const again = house.call('a', 'ask', { to: 'b', text: 'port?', wait: 50 }, { id: 'q' })
  expect((await house.call('b', 'inbox', { wait: 50 })).body['messages']).toMatchObject([{ number: 1 }])
  await house.call('b', 'answer', { message: 1, text: '5432' })
  expect((await again).body).toMatchObject({ message: 1, answered: true, answer: { content: '5432' } })
  expect(sent()).toEqual(['port?', '5432'])
  // What was not handled comes again.
  expect((await house.call('a', 'inbox')).body['messages']).toMatchObject([{ answers: 1 }])
})

test('an id that named another call is told so, and nothing is done', async () => {
  house = await House.open({ plan: PLAN })
  await house.call('a', 'progress', { percent: 1 }, { id: 'x' })
  const calls = [
    house.call('a', 'send', { to: 'b', type: 'UPDATE' }, { id: 'x' }),
    house.call('a', 'ask', { to: 'b', text: '?' }, { id: 'x' }),
    house.call('a', 'handoff', { title: 't', to: 'b' }, { id: 'x' }),
    house.call('a', 'ballot', { question: '?', options: ['y', 'n'], to: 'b' }, { id: 'x' }),
  ]
  for (const { status, body } of await Promise.all(calls))
    expect([status, body['reason']]).toEqual([400, expect.stringContaining('another call')])
  expect(sent()).toEqual([])
})

test('a reply that is lost is given again', async () => {
  house = await House.open({ plan: PLAN })
  const gone = new AbortController()
  const lost = new Promise<void>((resolve) => {
    const call = request({
      socketPath: house.socket('a'),
      method: 'POST',
      path: '/v1/send',
      headers: { 'request-id': 'lost' },
      agent: false,
      signal: gone.signal,
    })
    call.on('error', () => resolve())
    call.end(JSON.stringify({ to: 'b', type: 'UPDATE', content: 'x' }))
  })
  await house.engine.whenState((state) => state.runs.get(RUN)!.talk.messages.count === 1)
  gone.abort()
  await lost
  const again = await house.call('a', 'send', { to: 'b', type: 'UPDATE', content: 'x' }, { id: 'lost' })
  expect(again.body).toMatchObject({ ok: true, message: 1 })
  expect(sent()).toEqual(['x'])
})

test('while the engine is stalled calls are told to come again, and what was asked is done once', async () => {
  let stalled = false
  house = await House.open({
    plan: PLAN,
    doors: { commandMs: 50 },
    wrapStore: (store) =>
      faultyStore(store, { next: (call) => (stalled && call === 'append' ? 'failBefore' : 'none') }),
  })
  stalled = true
  const call = (): ReturnType<House['call']> =>
    house.call('a', 'send', { to: 'b', type: 'UPDATE', content: 'x' }, { id: 's' })
  const told = await call()
  expect([told.status, told.headers['retry-after']]).toEqual([503, '2'])
  expect((await house.call('a', 'inbox')).status).toBe(200)
  stalled = false
  let said = await call()
  while (said.status === 503) said = await call()
  expect(said.body).toMatchObject({ ok: true, message: 1 })
  expect(sent()).toEqual(['x'])
})

test('when an attempt is over its calls say so, its waits end, and its folder goes', async () => {
  house = await House.open({ plan: PLAN })
  const { folder } = house.spec('a').door!
  const waiting = house.call('a', 'inbox', { wait: 50 })
  house.end('a')
  expect((await waiting.catch(() => ({ status: 410 }))).status).toBe(410)
  await house.engine.whenState((state) => state.runs.get(RUN)!.tasks.get(0)!.current?.exitedAt !== null)
  await house.engine.settled()
  while (existsSync(folder)) await new Promise((resolve) => setImmediate(resolve))
  expect(existsSync(house.spec('b').door!.folder)).toBe(true)
})

test('folders of attempts that are over go with the next start, those of others stay', async () => {
  house = await House.open({ plan: PLAN })
  const { folder } = house.spec('b').door!
  const stray = makeStray(folder)
  await house.restart()
  expect([existsSync(stray), existsSync(folder)]).toEqual([false, true])
  expect(existsSync(join(folder, 'door.sock'))).toBe(true)
})
