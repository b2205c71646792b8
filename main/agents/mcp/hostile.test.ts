import { afterAll, beforeAll, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House } from '../door/testing/house.ts'
import { type Said, say } from '../door/testing/say.ts'
import { mcp } from './mcp.ts'
import { socketFetch } from './testing/connect.ts'

/** What a client has no business to send, and what it may leave out, line by line over HTTP. */

let house: House
beforeAll(async () => {
  house = await House.open({
    plan: tasks(['a', 'b'], { all: { workspace: 'repo' } }),
    doors: { mcp },
  })
})
afterAll(() => house.close())

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Said> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return say({ socketPath: house.socket('a'), path: '/mcp', headers }, text)
}

const modern = (method: string, params: object = {}, meta: object = META) => ({
  jsonrpc: '2.0',
  id: 7,
  method,
  params: { ...params, _meta: meta },
})

const legacy = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 'x', method, params })

it('refuses what is no request of MCP, with a reason', async () => {
  const tools = modern('tools/list')
  const { 'io.modelcontextprotocol/clientCapabilities': _, ...incomplete } = META
  const unknownVersion = { ...META, 'io.modelcontextprotocol/protocolVersion': '2031-01-01' }
  const refused: readonly (readonly [string, unknown, number, number, RegExp, Record<string, string>?])[] = [
    ['a batch', [tools], 400, -32600, /one message/],
    ['a long batch', Array.from({ length: 500 }, () => tools), 400, -32600, /one message/],
    ['no version of JSON-RPC', { id: 1, method: 'tools/list' }, 400, -32600, /not a valid JSON-RPC/],
    ['a number', 7, 400, -32600, /not a valid JSON-RPC/],
    ['null', null, 400, -32600, /not a valid JSON-RPC/],
    ['nothing', '', 400, -32600, /not a valid JSON-RPC/],
    ['a null id', { ...tools, id: null }, 400, -32600, /not a valid JSON-RPC/],
    ['an unknown version', modern('tools/list', {}, unknownVersion), 400, -32022, /2031/],
    [
      'an unknown old version',
      legacy('tools/list'),
      400,
      -32000,
      /2020/,
      { 'mcp-protocol-version': '2020-01-01' },
    ],
    ['no capabilities', modern('tools/list', {}, incomplete), 400, -32602, /clientCapabilities/],
    ['another version in the header', tools, 400, -32020, /2025/, { 'mcp-protocol-version': '2025-11-25' }],
    ['another method in the header', tools, 400, -32020, /prompts/, { 'mcp-method': 'prompts/list' }],
    ['an unknown method', modern('tools/drop'), 404, -32601, /Method not found/],
    ['a method of before', modern('ping'), 404, -32601, /Method not found/],
    ['a method of __proto__', modern('__proto__'), 404, -32601, /Method not found/],
    ['an unknown tool', modern('tools/call', { name: 'constructor' }), 200, -32602, /Unknown tool/],
    [
      'arguments that are none',
      modern('tools/call', { name: 'hello', arguments: [1] }),
      200,
      -32602,
      /arguments/,
    ],
    ['a cursor nobody gave', modern('resources/list', { cursor: '-1' }), 200, -32602, /cursor/],
    [
      'a path out of the context',
      modern('resources/read', { uri: 'context://../../x' }),
      200,
      -32602,
      /path/,
    ],
    ['listening', modern('subscriptions/listen', { notifications: {} }), 200, -32603, /limit/],
    ['a page', tools, 403, -32600, /pages/, { origin: 'http://evil.example' }],
    ['another type', tools, 415, -32000, /application\/json/, { 'content-type': 'text/html' }],
  ]
  for (const [what, body, status, code, words, headers] of refused) {
    const said = await post(body, headers)
    const { error } = said.body as never as { error?: { code: number; message: string } }
    expect([what, said.status, error?.code, error?.message]).toEqual([
      what,
      status,
      code,
      expect.stringMatching(words),
    ])
  }
  expect(house.logged).toEqual([])
})

it('leaves bytes to the door: what is no JSON, too deep or too large', async () => {
  expect((await post('{')).body).toMatchObject({ ok: false, code: 'bad-request' })
  expect((await post('['.repeat(100_000))).body).toMatchObject({ ok: false, code: 'bad-request' })
  expect((await post(`"${'x'.repeat(1024 * 1024)}"`)).status).toBe(413)
})

it('takes from the body what headers leave out, names that no header can hold, too', async () => {
  expect((await post(modern('server/discover'))).body).toMatchObject({
    id: 7,
    result: { supportedVersions: ['2026-07-28'], instructions: expect.stringMatching(/hello/) },
  })
  const uri = 'context://agents/agent-Zoë/x.yaml'
  const { error } = (await post(modern('resources/read', { uri }))).body as never as { error: object }
  expect(error).toMatchObject({ code: -32602, data: { uri } })
})

it('answers both kinds of clients in JSON, and notifications with nothing', async () => {
  const initialize = legacy('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'c', version: '1' },
  })
  const said = await post(initialize)
  expect(said.headers['content-type']).toBe('application/json')
  expect(said.headers['mcp-session-id']).toBeUndefined()
  expect(said.body).toMatchObject({ id: 'x', result: { protocolVersion: '2025-11-25' } })
  const newer = { ...initialize, params: { ...initialize.params, protocolVersion: '2031-01-01' } }
  expect((await post(newer)).body).toMatchObject({ result: { protocolVersion: '2025-11-25' } })
  const { bytes, status } = await post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  expect([status, bytes.length]).toEqual([202, 0])
  expect((await post(legacy('ping'))).body).toMatchObject({ id: 'x', result: {} })
})

it('does what a repeated HTTP request asks once', async () => {
  const args = { to: 'b', type: 'UPDATE', content: 'x' }
  const call = modern('tools/call', { name: 'send_message', arguments: args })
  const texts = []
  for (let i = 0; i < 2; i++) texts.push((await post(call, { 'request-id': 'line-1' })).bytes.toString())
  expect(texts[0]).toBe(texts[1])
  expect(house.run.tasks.get(1)!.inbox).toHaveLength(1)
})

it('ends a wait whose client is gone', async () => {
  const leaving = new AbortController()
  const fetch = socketFetch(house.socket('a'))
  const wait = modern('tools/call', { name: 'inbox', arguments: { wait: 55 } })
  const init = { method: 'POST', body: JSON.stringify(wait), signal: leaving.signal }
  // Four may wait; a fifth is refused until they are gone.
  const waiting = Array.from({ length: 4 }, () => fetch('http://door/mcp', init).catch(() => undefined))
  await expect.poll(async () => (await fifth()).isError).toBe(true)
  leaving.abort()
  await Promise.all(waiting)
  await expect.poll(async () => (await fifth()).isError).toBeUndefined()
})

async function fifth(): Promise<{ readonly isError?: boolean }> {
  const wait = modern('tools/call', { name: 'inbox', arguments: { wait: 0.01 } })
  return ((await post(wait)).body as never as { result: { isError?: boolean } }).result
}
