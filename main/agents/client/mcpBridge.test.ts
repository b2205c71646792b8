import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House } from '../door/testing/house.ts'
import { mcp } from '../mcp/mcp.ts'
import { runClient, waysOf } from './shells.ts'

/** `amphi-agent mcp` in front of the door's own MCP server. */

const folder = mkdtempSync(join(tmpdir(), 'amphi-bridge-'))
let house: House
beforeAll(async () => {
  house = await House.open({ plan: tasks(['a', 'b']), doors: { mcp } })
})
afterAll(async () => {
  await house.close()
  rmSync(folder, { recursive: true, force: true })
})

it.each(waysOf(folder).filter(({ name }) => !name.includes('files')))('$name', async (way) => {
  const client = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  }
  const text = `é "quoted" \\ ${way.name}\nsecond`
  const lines = [
    { id: 1, method: 'initialize', params: client },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/list' },
    { id: 3, method: 'tools/call', params: { name: 'progress', arguments: { percent: 50, text } } },
    { id: 4, method: 'no/such' },
  ].map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))
  const ran = await runClient(way, ['mcp'], {
    env: house.spec('a').door!.env,
    stdin: `${lines.join('\n')}\n`,
  })
  expect([ran.code, ran.err]).toEqual([0, ''])
  const answers = ran.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; result?: { tools?: unknown[] }; error?: unknown })
    // Where Node passes calls on, they are answered as they are done.
    .sort((a, b) => a.id - b.id)
  expect(answers.map(({ id, error }) => [id, error === undefined])).toEqual([
    [1, true],
    [2, true],
    [3, true],
    [4, false],
  ])
  expect(answers[1]!.result!.tools!.length).toBeGreaterThan(10)
  expect(house.run.tasks.get(0)!.current!.progress).toMatchObject({ percent: 50, text })
})
