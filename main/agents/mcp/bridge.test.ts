import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterEach, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House, type HouseOptions } from '../door/testing/house.ts'
import { mcp } from './mcp.ts'
import { connect } from './testing/connect.ts'

/** `amphi-mcp`: what it does beyond passing lines on. */

let house: House
const clients: Client[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await house.close()
})

const begin = async (doors: HouseOptions['doors'] = {}): Promise<Client> => {
  house = await House.open({
    plan: tasks(['a', 'b'], { all: { workspace: 'repo' } }),
    doors: { mcp, ...doors },
  })
  const client = await connect(house, 'a', '2026-07-28', 'amphi-mcp')
  clients.push(client)
  return client
}

const inboxOfB = (): readonly number[] => house.run.tasks.get(1)!.inbox
const message = (text: string) => ({ to: 'b', type: 'UPDATE', content: text })

it('does other calls while some wait, and ends those that are cancelled', async () => {
  const client = await begin()
  const wait = { name: 'inbox', arguments: { wait: 55 } }
  const leaving = new AbortController()
  const waiting = Array.from({ length: 4 }, () => client.callTool(wait, { signal: leaving.signal }))
  const ended = Promise.allSettled(waiting)
  const fifth = async () => (await client.callTool({ ...wait, arguments: { wait: 0.01 } })).isError ?? false
  await expect.poll(fifth).toBe(true)
  leaving.abort()
  expect((await ended).map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
  await expect.poll(fifth).toBe(false)
})

it('waits for an engine that is started again, and says nothing twice', async () => {
  const client = await begin()
  const send = (text: string) => client.callTool({ name: 'send_message', arguments: message(text) })
  await send('before')
  await house.stop()
  const across = send('across')
  await house.start()
  expect(JSON.parse(((await across).content as { text: string }[])[0]!.text)).toMatchObject({ message: 2 })
  expect(inboxOfB()).toEqual([1, 2])
})

it('says in the form of MCP what the door refuses before MCP is asked', async () => {
  const client = await begin()
  const large = client.callTool({ name: 'send_message', arguments: message('x'.repeat(1024 * 1024)) })
  await expect(large).rejects.toThrow(/larger than 1048576 bytes\. Publish large things/)
  const { env, folder } = house.spec('a').door!
  const program = join(folder, 'bin', 'amphi-mcp')
  const alone = (input: string, more: Record<string, string>) =>
    spawnSync(process.execPath, [program], { input, env: { ...env, ...more }, encoding: 'utf8' })
  const gone = { AMPHITHEATRE_DOOR: join(house.root, 'nowhere'), AMPHITHEATRE_RETRY_SECONDS: '0.1' }
  const { stdout } = alone('{"jsonrpc":"2.0","id":5,"method":"ping"}\n\nnot json\n', gone)
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(said).toMatchObject([
    { error: { code: -32700 } },
    { id: 5, error: { message: expect.stringMatching(/does not answer/) } },
  ])
  expect(alone('', { AMPHITHEATRE_DOOR: '' })).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/no door here/),
  })
})

it('calls over TCP with the token of the door’s folder', async () => {
  const client = await begin({ transport: 'tcp' })
  expect(house.spec('a').door!.env['AMPHITHEATRE_DOOR']).toMatch(/^http:/)
  await client.callTool({ name: 'send_message', arguments: message('x') })
  expect(inboxOfB()).toHaveLength(1)
})
