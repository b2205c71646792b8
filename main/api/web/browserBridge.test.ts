import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HostInfo } from '../../../preload/contract.ts'
import type { AttemptId } from '../../domain/ids.ts'
import { eventually } from '../pages/testing/eventually.ts'
import { FakeLink } from '../pages/testing/fakeLink.ts'
import { listen, pagesContract } from '../pages/testing/pagesContract.ts'
import { fakeCenter, manyEvents } from '../testing/fakeCenter.ts'
import { enter, openBridge, parts, WebFixture } from './testing/webFixture.ts'

const attempt = 'r1/a#1' as AttemptId
let fixture: WebFixture

beforeEach(() => {
  fixture = new WebFixture()
})
afterEach(() => fixture.remove())

pagesContract('a page in a browser', async (given) => {
  const server = await fixture.serve(given)
  const bridge = openBridge(server, await enter(server))
  return {
    bridge,
    close: async () => {
      bridge.close()
      await eventually(() => expect(server.open).toBe(0))
    },
  }
})

test('the page is told that its connection is lost, its streams end, and it comes back by itself', async () => {
  const given = { ...parts(), link: new FakeLink(fakeCenter({ events: manyEvents(3) })) }
  const server = await fixture.serve(given)
  const bridge = openBridge(server, await enter(server))
  const connection = listen(bridge, 'connection')
  const ended = listen(bridge, 'ended')
  await bridge.request('follow', { stream: 1, from: 0 })
  await bridge.request('output', { stream: 2, attempt, from: 0, follow: true })
  bridge.sockets[0]!.terminate()
  await eventually(() =>
    expect(connection.map(({ status }) => status)).toEqual(['connected', 'lost', 'connected']),
  )
  expect(ended).toMatchObject([
    { stream: 1, error: { kind: 'lost' } },
    { stream: 2, error: { kind: 'lost' } },
  ])
  // Of a stream that is gone there is nothing left to say.
  expect(await bridge.request('ack', { stream: 1, weight: 3 })).toBeNull()
  await bridge.request('follow', { stream: 1, from: 0 })
  bridge.close()
})

test('what was asked when the connection broke is refused as lost', async () => {
  const center = fakeCenter()
  const asked = vi.spyOn(center, 'diff').mockReturnValue(new Promise(() => undefined))
  const server = await fixture.serve({ ...parts(), link: new FakeLink(center) })
  const bridge = openBridge(server, await enter(server))
  const answer = expect(bridge.request('diff', { project: 'p', run: 'r' } as never)).rejects.toMatchObject({
    kind: 'lost',
    remedy: expect.stringContaining('amphi serve'),
  })
  await eventually(() => expect(asked).toHaveBeenCalled())
  bridge.sockets[0]!.terminate()
  await answer
  // The next request waits for the next connection.
  expect(await bridge.request('snapshot', {})).toMatchObject({ seq: 7 })
  bridge.close()
})

test('an open page comes back to a program that was started again at the same port', async () => {
  const first = await fixture.serve()
  const visitor = await enter(first)
  const bridge = openBridge(first, visitor)
  const connection = listen(bridge, 'connection')
  await bridge.request('snapshot', {})
  await first.close()
  await eventually(() => expect(connection.at(-1)).toMatchObject({ status: 'lost' }))
  const host: HostInfo = { ...parts().host, version: '2.0.0' }
  const second = await fixture.serve({ host, port: first.port })
  expect(second.port).toBe(first.port)
  bridge.wake()
  expect(await bridge.request('host', {})).toMatchObject({ version: '2.0.0' })
  await eventually(() => expect(connection.at(-1)).toMatchObject({ status: 'connected' }))
  bridge.close()
})

test('a browser that is not let in any more is told to open the address again', async () => {
  const server = await fixture.serve()
  const { cookie } = await enter(server)
  const bridge = openBridge(server, { cookie, key: 'stale' })
  const connection = listen(bridge, 'connection')
  await eventually(() =>
    expect(connection).toEqual([
      {
        status: 'lost',
        reason: expect.stringContaining('not let in'),
        remedy: expect.stringContaining('address'),
      },
    ]),
  )
  bridge.close()
})
