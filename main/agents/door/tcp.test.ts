import { readFileSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { DOOR_LIMITS } from './limits.ts'
import { House } from './testing/house.ts'
import { say } from './testing/say.ts'

let house: House
beforeEach(async () => {
  house = await House.open({ plan: tasks(['a', 'b']), doors: { transport: 'tcp' } })
})
afterEach(() => house.close())

function way(task: string): { readonly port: number; readonly token: string; readonly folder: string } {
  const { folder } = house.spec(task).door!
  const address = readFileSync(join(folder, 'address'), 'utf8')
  return { port: Number(new URL(address).port), token: readFileSync(join(folder, 'token'), 'utf8'), folder }
}

function hello(port: number, headers: Readonly<Record<string, string>>): ReturnType<typeof say> {
  return say({ port, path: '/v1/hello', headers }, '{}')
}

test('the token says who calls; it is a file of its agent and nowhere else', async () => {
  const [a, b] = [way('a'), way('b')]
  expect(a.token).toMatch(/^[0-9a-f]{64}$/)
  expect(a.token).not.toBe(b.token)
  expect(a.port).toBe(b.port)
  expect(house.spec('a').door!.env['AMPHITHEATRE_DOOR']).toBe(`http://127.0.0.1:${a.port}`)
  for (const [task, { port, token }] of [
    ['a', a],
    ['b', b],
  ] as const) {
    const said = await hello(port, { authorization: `Bearer ${token}` })
    expect(said.body).toMatchObject({ ok: true, task: { id: task } })
  }
  expect(statSync(join(a.folder, 'token')).mode & 0o777).toBe(0o400)
  expect(JSON.stringify(house.spec('a').door!.env)).not.toContain(a.token)
})

test.each([
  ['no token', {}, 401],
  ['nobody’s token', { authorization: `Bearer ${'0'.repeat(64)}` }, 401],
  ['something else', { authorization: 'Basic eDp5' }, 401],
])('with %s there is no way in', async (_, headers, status) => {
  const said = await hello(way('a').port, headers)
  expect(said.status).toBe(status)
  expect(said.body).toMatchObject({ code: 'unauthorized' })
})

test.each([
  ['another host', { host: 'evil.example' }],
  ['a page', { origin: 'http://evil.example' }],
])('%s is refused before its token is looked at', async (_, headers) => {
  const { port, token } = way('a')
  expect((await hello(port, { authorization: `Bearer ${token}`, ...headers })).status).toBe(403)
})

test('after a restart the token is the same, and the port where it is free', async () => {
  const before = way('a')
  await house.stop()
  await house.start()
  const { port, token } = { ...way('a') }
  expect(token).toBe(before.token)
  const said = await hello(port, { authorization: `Bearer ${token}`, host: 'host.docker.internal:1' })
  expect(said.status).toBe(200)
})

test('the token of an attempt that is over opens nothing', async () => {
  const { port, token } = way('a')
  house.end('a')
  for (;;) {
    const { status } = await hello(port, { authorization: `Bearer ${token}` })
    if (status === 401) break
    expect([200, 410]).toContain(status)
  }
})

test('who holds every connection and says nothing makes room for others', async () => {
  const { port, token } = way('b')
  const held = await Promise.all(
    Array.from({ length: DOOR_LIMITS.tcpConnections }, () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      return new Promise<typeof socket>((resolve) => socket.once('connect', () => resolve(socket)))
    }),
  )
  expect((await hello(port, { authorization: `Bearer ${token}` })).status).toBe(200)
  for (const socket of held) socket.destroy()
})
