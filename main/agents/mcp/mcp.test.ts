import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { tasks } from '../../domain/testing/plan.ts'
import { House, PROJECT } from '../door/testing/house.ts'
import { mcp } from './mcp.ts'
import { connect, VERSIONS, WAYS } from './testing/connect.ts'
import { TOOLS } from './tools.ts'

/** The official client against a real engine's doors: what agents do with each other, tool by tool. */

const cases = VERSIONS.flatMap((version) => WAYS.map((way) => ({ version, way })))

describe.each(cases)('MCP $version by $way', ({ version, way }) => {
  let house: House
  let clients: Map<string, Client>
  const called = new Set<string>()
  beforeEach(async () => {
    house = await House.open({
      plan: tasks(['a', 'b'], { all: { workspace: 'repo' } }),
      doors: { mcp },
    })
    clients = new Map()
    for (const task of ['a', 'b']) clients.set(task, await connect(house, task, version, way))
  })
  afterEach(async () => {
    for (const client of clients.values()) await client.close()
    await house.close()
  })

  const say = async (task: string, name: string, args: Record<string, unknown> = {}) => {
    called.add(name)
    const result = await clients.get(task)!.callTool({ name, arguments: args })
    const texts = (result.content as { text: string }[]).map(({ text }) => text)
    return { isError: result.isError === true, text: texts.join('\n'), texts }
  }
  const ok = async (task: string, name: string, args: Record<string, unknown> = {}) => {
    const { isError, texts } = await say(task, name, args)
    expect([name, isError, isError ? texts : []]).toEqual([name, false, []])
    return texts[0] === 'Done.' ? {} : JSON.parse(texts[0]!)
  }

  it('says who it is, and offers every verb', async () => {
    const client = clients.get('a')!
    expect(client.getServerVersion()).toMatchObject({ name: 'amphitheatre' })
    expect(client.getInstructions()).toMatch(/Begin with "hello"/)
    expect(client.getServerCapabilities()).toEqual({ tools: {}, resources: {}, prompts: {} })
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([...TOOLS.keys()])
    expect(tools.find(({ name }) => name === 'hand_off')).toEqual(TOOLS.get('hand_off')!.tool)
  })

  it('carries out every tool', async () => {
    expect(await ok('a', 'hello')).toMatchObject({ agent: 'Worker/a#1', task: { id: 'a' } })
    await ok('a', 'progress', { percent: 40, text: 'half' })
    await ok('a', 'set_output', { name: 'port', value: 5432 })
    expect(await ok('a', 'checkpoint', { note: 'n', wait: 30 })).toMatchObject({ pending: false })
    await ok('a', 'record_risk', { id: 'r-1', title: 'R', level: 'high' })
    await ok('a', 'record_component', { name: 'api', status: 'done', change: 'made' })
    expect(await ok('a', 'checklist', { step: 'install_dependencies' })).toHaveProperty('done')
    expect(house.run.tasks.get(0)!.current).toMatchObject({
      progress: { percent: 40, text: 'half' },
      outputs: { port: '5432' },
    })

    await ok('b', 'join', { channel: '#build' })
    const sent = { to: '#build', type: 'UPDATE', content: 'done', payload: { n: [1] }, priority: 1 }
    expect(await ok('a', 'send_message', sent)).toEqual({ message: 1, recipients: ['b'] })
    await ok('b', 'leave', { channel: '#build' })
    expect((await ok('b', 'inbox', { wait: 5 })).messages).toMatchObject([
      { number: 1, from: 'Worker/a#1', priority: 1, payload: { n: [1] } },
    ])
    expect(await ok('b', 'mark_handled', { messages: [1] })).toEqual({ left: 0 })

    const asking = ok('a', 'ask', { to: 'b', text: 'which port?', wait: 40 })
    const { messages } = await ok('b', 'inbox', { wait: 40 })
    await ok('b', 'answer', { message: messages[0].number, text: '5432' })
    expect(await asking).toMatchObject({ answered: true, answer: { content: '5432' } })
    expect(await ok('a', 'ask_person', { question: 'go?', options: ['yes', 'no'] })).toMatchObject({
      answered: false,
    })

    mkdirSync(house.work('a'), { recursive: true })
    writeFileSync(join(house.work('a'), 'a.md'), '# é\n')
    const { hash } = await ok('a', 'publish_artifact', { path: 'a.md' })
    expect((await ok('b', 'list_artifacts')).artifacts).toMatchObject([{ path: 'a.md', hash }])
    expect((await say('b', 'get_artifact', { hash })).texts[1]).toBe('# é\n')
    const read = await clients.get('b')!.readResource({ uri: `artifact://${hash}` })
    expect(read.contents).toMatchObject([{ mimeType: 'text/markdown', text: '# é\n' }])

    const { ballot } = await ok('a', 'open_ballot', {
      question: 'q',
      options: ['x', 'y'],
      to: 'b',
      needed: 1,
    })
    expect(await ok('b', 'vote', { ballot, option: 'x' })).toMatchObject({ closed: true, result: 'x' })
    expect((await ok('a', 'list_ballots')).ballots).toHaveLength(1)
    await handOver(hash)
    const { held } = await ok('a', 'acquire_locks', { locks: ['docs/**', 'port:5432'] })
    expect([
      held,
      (await ok('b', 'acquire_locks', { locks: ['docs/a.md'], wait: 1, stay: true })).held,
    ]).toEqual([true, false])
    expect((await ok('a', 'renew_locks')).holds).toHaveLength(2)
    expect(await ok('a', 'release_locks', { locks: ['docs/**'] })).toMatchObject({ released: ['docs/**'] })
    expect((await ok('b', 'list_locks')).holds).toMatchObject([{ lock: 'docs/a.md', declared: false }])
    const conflict = await house.claimByHand('docs/a.md')
    expect((await ok('b', 'list_conflicts')).conflicts).toMatchObject([{ conflict, yours: true }])
    expect(await ok('b', 'settle_conflict', { conflict, action: 'merge' })).toMatchObject({
      votes: { b: 'merge' },
      settled: null,
    })
    const draft = { severity: 'P0', title: 'it answers 500', text: 'since a minute' }
    expect(await ok('a', 'open_incident', draft)).toEqual({ incident: 'i1' })
    expect((await ok('a', 'read_context')).files).toEqual([])
    expect([...called].toSorted()).toEqual([...TOOLS.keys()].toSorted())
  })

  async function handOver(hash: string): Promise<void> {
    const document = {
      title: 'api',
      to: 'b',
      completed: ['all'],
      artifacts: [{ path: 'a.md', type: 'document', hash }],
      knownIssues: ['none'],
      dependencies: ['none'],
      successCriteria: ['it answers'],
    }
    const first = await ok('a', 'hand_off', { document, wait: 40 })
    expect(first).toMatchObject({ handoff: 'h1', state: 'transferred' })
    await ok('b', 'clarify_hand_off', { handoff: 'h1', question: 'port?' })
    await ok('a', 'answer_clarification', { handoff: 'h1', answer: '5432' })
    expect(await ok('b', 'accept_hand_off', { handoff: 'h1' })).toMatchObject({ state: 'acknowledged' })
    await ok('a', 'hand_off', { document: { ...document, title: 'two' }, wait: 40 })
    const declined = await ok('b', 'decline_hand_off', { handoff: 'h2', reason: 'no' })
    expect(declined).toMatchObject({ state: 'returned', reason: 'declined: no' })
    expect((await ok('b', 'list_hand_offs')).handoffs).toHaveLength(2)
  }

  it('gives the context, the inbox and the template as resources', async () => {
    const folder = join(house.root, 'projects', PROJECT, 'context', 'agents', 'agent-Zoë')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'tasks.yaml'), 'a: 1\n')
    const client = clients.get('a')!
    const { resources } = await client.listResources()
    const file = resources.find(({ name }) => name.endsWith('tasks.yaml'))!
    expect(file).toMatchObject({
      uri: 'context://agents/agent-Zo%C3%AB/tasks.yaml',
      mimeType: 'application/yaml',
    })
    const uris = [file.uri, 'context://agents/agent-Zoë/tasks.yaml']
    for (const uri of uris)
      expect((await client.readResource({ uri })).contents).toMatchObject([{ uri, text: 'a: 1\n' }])
    expect(house.run.tasks.get(0)!.current!.checked).toContain('review_tasks')

    await ok('b', 'send_message', { to: 'a', type: 'UPDATE', content: 'hi' })
    const [inbox] = (await client.readResource({ uri: 'amphitheatre://inbox' })).contents
    expect(JSON.parse((inbox as { text: string }).text).messages).toMatchObject([{ content: 'hi' }])
    for (const { uri } of resources) await client.readResource({ uri })
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(2)
    for (const uri of [
      'context://nothing.yaml',
      'context://../x',
      'file:///etc/passwd',
      `artifact://${'0'.repeat(64)}`,
    ])
      await expect(client.readResource({ uri })).rejects.toThrow()
  })

  it('tells what to do first', async () => {
    const client = clients.get('a')!
    expect((await client.listPrompts()).prompts).toMatchObject([{ name: 'start_of_work' }])
    const { messages } = await client.getPrompt({ name: 'start_of_work' })
    expect((messages[0]!.content as { text: string }).text).toMatch(/\[ \] Review the state of the project/)
    await expect(client.getPrompt({ name: 'other' })).rejects.toThrow('Unknown prompt')
  })

  it('says in a result what the door refuses', async () => {
    const refused = [
      ['vote', { ballot: 'v9', option: 'x' }, /^Not done \(unknown\): /],
      ['progress', { percent: 140 }, /^Not done \(bad-request\): percent.*It takes: percent, text/],
      ['progress', { percent: 1, request_id: 'a b' }, /Request-Id is malformed/],
      ['progress', { request_id: 7 }, /request_id has to be a text/],
      ['inbox', { request_id: 'x' }, /request_id/],
      ['send_message', { to: 'nobody', type: 'UPDATE' }, /nobody/],
      ['get_artifact', { path: '../x' }, /no agent of this run/],
    ] as const
    for (const [name, args, words] of refused) {
      const { isError, text } = await say('a', name, args)
      expect([name, isError, text]).toEqual([name, true, expect.stringMatching(words)])
    }
    await expect(say('a', 'toString')).rejects.toThrow('Unknown tool: toString')
  })

  it('does what has one request_id once, and what has none each time', async () => {
    const message = { to: 'b', type: 'UPDATE', content: 'x' }
    const first = await ok('a', 'send_message', { ...message, request_id: 'r-1' })
    expect(await ok('a', 'send_message', { ...message, request_id: 'r-1' })).toEqual(first)
    await ok('a', 'send_message', message)
    await ok('a', 'send_message', message)
    expect((await ok('b', 'inbox')).messages).toHaveLength(3)
  })
})
