import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attemptId, taskId } from '../../domain/ids.ts'
import { tasks } from '../../domain/testing/plan.ts'
import { type Behind, Call } from './call.ts'
import { TokenBucket } from './limits.ts'
import { House, PROJECT, RUN } from './testing/house.ts'
import { say } from './testing/say.ts'

let house: House
beforeEach(async () => {
  house = await House.open({ plan: tasks(['a', 'b', 'c'], { all: { workspace: 'repo' } }) })
})
afterEach(() => house.close())

test('hello tells who one is and registers', async () => {
  const { body } = await house.call('a', 'hello', {}, { id: null })
  expect(body).toMatchObject({
    ok: true,
    protocol: 1,
    agent: 'Worker/a#1',
    task: { id: 'a' },
    run: { id: RUN },
  })
  expect(house.run.tasks.get(0)!.current!.checked).toEqual(['register', 'review_tasks'])
})

test('progress, outputs, check-list, checkpoint, risk and component reach the state', async () => {
  expect((await house.call('a', 'progress', { percent: 40, text: 'half' })).body).toEqual({ ok: true })
  expect((await house.call('a', 'output', { name: 'port', value: 5432 })).body.ok).toBe(true)
  expect((await house.call('a', 'checklist', { step: 'install_dependencies' })).body.ok).toBe(true)
  expect((await house.call('a', 'checkpoint', { note: 'n', wait: 30 })).body).toMatchObject({
    pending: false,
    commit: 'c'.repeat(40),
  })
  expect((await house.call('a', 'risk', { id: 'r-1', title: 'R', level: 'high' })).body.ok).toBe(true)
  expect((await house.call('a', 'component', { name: 'api', status: 'done' })).body.ok).toBe(true)
  const attempt = house.run.tasks.get(0)!.current!
  expect(attempt).toMatchObject({
    progress: { percent: 40, text: 'half' },
    outputs: { port: '5432' },
    checked: ['install_dependencies'],
  })
  const project = house.engine.state.projects.get(PROJECT)!
  expect([project.risks['r-1']!.level, project.components['api']!.status]).toEqual(['high', 'done'])
})

test('a message is sent, waited for, read whole, handled', async () => {
  const waiting = house.call('b', 'inbox', { wait: 50 })
  const content = 'x'.repeat(5_000)
  const sent = await house.call('a', 'send', {
    to: 'b',
    type: 'UPDATE',
    priority: 'P1',
    content,
    payload: { n: 1 },
  })
  expect(sent.body).toMatchObject({ ok: true, message: 1, recipients: ['b'] })
  const { body } = await waiting
  expect(body.messages).toMatchObject([
    { number: 1, from: 'Worker/a#1', to: 'b', priority: 1, content, payload: { n: 1 }, recipients: ['b'] },
  ])
  expect((await house.call('b', 'inbox')).body.messages).toHaveLength(1)
  expect((await house.call('b', 'inbox', { after: 1 })).body.messages).toHaveLength(0)
  expect((await house.call('b', 'handled', { messages: 1 })).body).toEqual({ ok: true, left: 0 })
  expect((await house.call('b', 'inbox')).body.messages).toEqual([])
  expect((await house.call('c', 'handled', { messages: [1] })).status).toBe(404)
})

test('ask waits for the answer, which stays until it is handled', async () => {
  const asking = house.call('a', 'ask', { to: 'b', text: 'port?', wait: 50 }, { id: 'q1' })
  const { body: got } = await house.call('b', 'inbox', { wait: 50 })
  expect((await house.call('b', 'answer', { message: got.messages[0].number, text: '5432' })).body.ok).toBe(
    true,
  )
  const first = await asking
  expect(first.body).toMatchObject({
    answered: true,
    answer: { content: '5432', from: 'Worker/b#1', answers: 1 },
  })
  expect(first.body.message).toBe(1)
  expect((await house.call('a', 'ask', { to: 'b', text: 'port?', wait: 50 }, { id: 'q1' })).body).toEqual(
    first.body,
  )
  expect((await house.call('a', 'inbox')).body.messages).toHaveLength(1)
  expect((await house.call('b', 'inbox')).body.messages).toEqual([])
  expect((await house.call('a', 'ask', { to: 'b', text: 'more?' })).body).toMatchObject({ answered: false })
})

test('two that ask each other do not both wait', async () => {
  const asking = house.call('a', 'ask', { to: 'b', text: 'port?', wait: 50 })
  await house.engine.whenState(() => house.run.tasks.get(0)!.current!.awaits !== undefined)
  const refused = await house.call('b', 'ask', { to: 'a', text: 'host?', wait: 50 })
  expect([refused.status, refused.body]).toMatchObject([
    409,
    {
      reason: 'message 2 was sent, but waiting for it would never end: b waits for a, a waits for b',
      remedy: 'Go on without waiting; the answer will come to your inbox.',
    },
  ])
  await house.call('b', 'answer', { message: 1, text: '80' })
  expect((await asking).body).toMatchObject({ answered: true })
})

test('a person answers what an agent asks', async () => {
  const asking = house.call('a', 'need-human', { question: 'deploy?', options: ['yes', 'no'], wait: 50 })
  await house.engine.whenState((state) => state.runs.get(RUN)!.attention.length > 0)
  await house.tell({ type: 'attention.answer', run: RUN, id: 'm1:question', choice: 'yes' })
  expect((await asking).body).toMatchObject({
    answered: true,
    answer: { content: 'yes', from: 'person:ann' },
  })
})

test('work is handed over, checked, asked about and accepted', async () => {
  await house.call('a', 'progress', { percent: 100 })
  const markdown = [
    '# Task Handoff: the API',
    '## From: Worker/a#1',
    '## To: b',
    '### Completed Work',
    '- routes',
    '### Known Issues',
    '- none',
    '### Dependencies',
    '- none',
    '### Success Criteria',
    '- tests pass',
  ].join('\n')
  const given = await house.call('a', 'handoff', { markdown, wait: 50 })
  expect(given.body).toMatchObject({ ok: true, handoff: 'h1', state: 'transferred', yours: 'given', to: 'b' })
  expect(given.body['checks'].filter(({ result }: { result: string }) => result === 'passed')).toHaveLength(5)
  const asking = house.call('b', 'clarify', { handoff: 'h1', question: 'where?', wait: 50 })
  await house.call('a', 'inbox', { wait: 50 })
  expect((await house.call('a', 'clarified', { handoff: 'h1', answer: 'src' })).body.ok).toBe(true)
  expect((await asking).body['clarifications']).toEqual([{ question: 'where?', answer: 'src' }])
  expect((await house.call('c', 'accept', { handoff: 'h1' })).status).toBe(403)
  expect((await house.call('b', 'accept', { handoff: 'h1' })).body).toMatchObject({ state: 'acknowledged' })
  expect((await house.call('b', 'handoffs')).body['handoffs']).toMatchObject([
    { handoff: 'h1', yours: 'received' },
  ])
  expect((await house.call('c', 'handoffs', { handoff: 'h1' })).status).toBe(403)
})

test('a hand-off as JSON that lacks something comes back with what its checks found', async () => {
  const { body } = await house.call('a', 'handoff', { title: 't', to: 'b', completed: ['x'], wait: 50 })
  expect(body).toMatchObject({ state: 'returned', reason: expect.stringContaining('success criteria') })
  expect((await house.call('b', 'decline', { handoff: 'h1', reason: 'no' })).status).toBe(409)
})

test('a ballot is opened, voted in and waited for', async () => {
  const ballot = { question: 'tabs?', options: ['yes', 'no'], to: 'all', wait: 50 }
  const opened = house.call('a', 'ballot', ballot)
  await house.call('b', 'inbox', { wait: 50 })
  await house.call('b', 'vote', { ballot: 'v1', option: 'no' })
  expect((await house.call('c', 'vote', { ballot: 'v1', option: 'no' })).body).toMatchObject({ result: 'no' })
  expect((await opened).body).toMatchObject({ ballot: 'v1', closed: true, result: 'no', by: 'Worker/a#1' })
  expect((await house.call('b', 'ballots')).body['ballots']).toHaveLength(1)
})

test('channels are joined and left', async () => {
  await house.call('b', 'join', { channel: '#ops' })
  expect(
    (await house.call('a', 'send', { to: '#ops', type: 'UPDATE', content: 'x' })).body['recipients'],
  ).toEqual(['b'])
  await house.call('b', 'leave', { channel: '#ops' })
  expect((await house.call('a', 'send', { to: '#ops', type: 'UPDATE', content: 'x' })).status).toBe(404)
})

test('artifacts are published from the workspace or brought, listed, and got by hash and path', async () => {
  writeFileSync(join(house.work('a'), 'report.md'), 'fine')
  const published = await house.call('a', 'artifact', { path: 'report.md' })
  expect(published.body).toMatchObject({ path: 'report.md', type: 'document', bytes: 4 })
  const brought = await say(
    {
      socketPath: house.socket('a'),
      path: '/v1/artifacts/bin/tool?type=code',
      method: 'PUT',
      headers: { 'request-id': 'u' },
    },
    Buffer.from([0, 255, 10]),
  )
  expect(brought.body).toMatchObject({ ok: true, path: 'bin/tool', type: 'code', bytes: 3 })
  expect((await house.call('b', 'artifacts')).body['artifacts']).toHaveLength(2)
  const byPath = await house.call('b', 'artifact-get', { path: 'bin/tool' })
  expect([...byPath.bytes]).toEqual([0, 255, 10])
  expect(byPath.headers['x-artifact-sha256']).toBe(brought.body['hash'])
  expect((await house.call('b', 'artifact-get', { hash: published.body['hash'] })).bytes.toString()).toBe(
    'fine',
  )
  expect((await house.call('b', 'artifact-get', { hash: 'f'.repeat(64) })).status).toBe(404)
})

const waits = () => house.engine.state.projects.get(PROJECT)!.locks.waiters

test('locks are taken all at once, waited for, listed and given back', async () => {
  const first = await house.call('a', 'lock', { locks: ['src/**', 'env:staging'] })
  expect(first.body).toMatchObject({ ok: true, held: true, locks: ['src/**', 'env:staging'], token: 1 })
  const refused = await house.call('b', 'lock', { locks: ['src/x', 'docs/**'] })
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { reason: 'a holds src/**, env:staging (rule: NO two agents modify same file simultaneously)' },
  ])
  const waiting = house.call('b', 'lock', { locks: ['src/x', 'docs/**'], wait: 50 })
  await house.engine.whenState(() => waits().length > 0)
  expect((await house.call('b', 'locks')).body).toMatchObject({
    holds: [],
    waits: {
      locks: ['src/x', 'docs/**'],
      behind: [{ agent: 'Worker/a#1', holds: ['src/**', 'env:staging'] }],
    },
  })
  expect((await house.call('c', 'lock', { locks: ['docs/y'], shared: true })).body['reason']).toBe(
    'b asked for it before you',
  )
  expect((await house.call('a', 'unlock', { locks: ['src/**'] }, { id: 'u1' })).body).toMatchObject({
    released: ['src/**'],
    holds: [{ lock: 'env:staging', kind: 'resource', shared: false, declared: false }],
  })
  expect((await waiting).body).toMatchObject({ held: true })
  // The call repeated does nothing more; said anew it is refused.
  expect((await house.call('a', 'unlock', { locks: ['src/**'] }, { id: 'u1' })).status).toBe(200)
  expect((await house.call('a', 'unlock', { locks: ['src/**'] })).status).toBe(409)
})

test('who waits in vain gives up its place, unless it is to stay there', async () => {
  await house.call('a', 'lock', { locks: ['src/**'] })
  const vain = await house.call('b', 'lock', { locks: ['src/x'], wait: 0.05 })
  expect([vain.status, vain.body['reason'], waits()]).toEqual([409, 'Worker/a#1 holds src/**', []])
  const stays = { locks: ['src/x'], wait: 0.05, stay: true }
  expect((await house.call('b', 'lock', stays)).body).toMatchObject({
    held: false,
    behind: [{ agent: 'Worker/a#1' }],
  })
  const [place] = waits()
  expect((await house.call('c', 'lock', { locks: ['src/x'], wait: 0.05 })).body['reason']).toBe(
    'Worker/a#1 holds src/**; Worker/b#1 asked for it before you',
  )
  expect((await house.call('b', 'lock', stays)).body).toMatchObject({ held: false })
  expect(waits()).toEqual([place])
  const other = house.call('b', 'lock', { locks: ['src/x'], wait: 50 })
  await house.call('b', 'unlock', {})
  expect((await other).body['reason']).toBe('another call of yours gave up waiting for it')
})

test('a waiting call that nobody listens to any more leaves the line', async () => {
  await house.call('a', 'lock', { locks: ['src/**'] })
  const socket = connect(house.socket('b'))
  const body = JSON.stringify({ locks: ['src/x'], wait: 50 })
  socket.write(
    `POST /v1/lock HTTP/1.1\r\nHost: d\r\nRequest-Id: r\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await house.engine.whenState(() => waits().length > 0)
  socket.destroy()
  await house.engine.whenState(() => waits().length === 0)
})

test('a wait goes on over a restart of the engine', async () => {
  await house.call('a', 'lock', { locks: ['src/**'] })
  await house.call('b', 'lock', { locks: ['src/x'], wait: 0.05, stay: true })
  await house.restart()
  const waiting = house.call('b', 'lock', { locks: ['src/x'], wait: 50 })
  await house.call('a', 'unlock', { all: true })
  expect((await waiting).body).toMatchObject({ held: true })
})

test('a wait that would never end is refused in words', async () => {
  await house.call('a', 'lock', { locks: ['src/**'] })
  await house.call('b', 'lock', { locks: ['docs/**'] })
  const waiting = house.call('a', 'lock', { locks: ['docs/x'], wait: 50 })
  await house.engine.whenState(() => waits().length > 0)
  expect((await house.call('b', 'lock', { locks: ['src/x'], wait: 50 })).body).toMatchObject({
    code: 'not-now',
    reason:
      'waiting for it would never end: b waits for a, a waits for b (rule: NO cross-agent cyclic dependencies (deadlock prevention))',
  })
  await house.call('b', 'unlock', { all: true })
  expect((await waiting).body).toMatchObject({ held: true })
})

test('what is no lock is refused with what to write instead', async () => {
  const reason = async (word: string) => (await house.call('a', 'lock', { locks: [word] })).body
  expect(await reason('Makefile')).toMatchObject({
    code: 'bad-request',
    remedy: 'Write file:Makefile for the file, or resource:Makefile for something that is no file.',
  })
  expect(await reason('../x')).toMatchObject({
    code: 'bad-request',
    reason: expect.stringContaining('leaves'),
  })
  expect(await reason('port:a b')).toMatchObject({ code: 'bad-request' })
  for (const word of ['file:Makefile', 'resource:cache', 'cache', 'database_schema', './src/'])
    expect([word, (await reason(word))['held']]).toEqual([word, true])
})

test('the context is listed and read; reading it counts for the check-list', async () => {
  const { context } = house.spec('a').door!
  writeFileSync(join(context, 'project_state.yaml'), 'status: fine\n')
  expect((await house.call('a', 'context')).body['files']).toEqual([
    { path: 'project_state.yaml', bytes: 13 },
  ])
  expect((await house.call('a', 'context', { path: 'project_state.yaml' })).body['text']).toBe(
    'status: fine\n',
  )
  expect(house.run.tasks.get(0)!.current!.checked).toContain('review_state')
})

test('who asks for words gets words', async () => {
  const accept = { headers: { accept: 'text/plain' } }
  await house.call('a', 'send', { to: 'b', type: 'UPDATE', content: 'hello there' })
  const said = await house.call('b', 'inbox', {}, accept)
  expect(said.headers['content-type']).toContain('text/plain')
  expect(said.bytes.toString()).toContain('hello there')
  const refused = await house.call('b', 'accept', { handoff: 'x' }, accept)
  expect([refused.status, refused.bytes.toString()]).toEqual([400, expect.stringContaining('like h3')])
})

test('files are published two at a time', async () => {
  writeFileSync(join(house.work('a'), 'big'), Buffer.alloc(16 * 1024 * 1024))
  const publish = (): ReturnType<House['call']> => house.call('a', 'artifact', { path: 'big' })
  const statuses = (await Promise.all([publish(), publish(), publish(), publish()])).map((one) => one.status)
  expect(statuses.toSorted()).toEqual([200, 200, 429, 429])
})

test('what one attempt may have the log keep is bounded', async () => {
  const { engine } = house
  const id = attemptId(RUN, taskId('a'), 1)
  const of = { project: PROJECT, run: RUN, task: 0, attempt: 1, id, exchange: '', onHost: false }
  const signal = new AbortController().signal
  const call = new Call(
    { engine, commandMs: 10_000 } as unknown as Behind,
    { of, folder: '', context: '', closed: signal },
    {
      waiting: 0,
      commands: 0,
      uploads: 0,
      uploadedBytes: 0,
      words: new TokenBucket(1, 400, performance.now()),
    },
    { requestId: null, signal },
  )
  const say = (text: string): Promise<unknown> => call.again({ type: 'agent.progress', percent: 1, text })
  await say('x'.repeat(300))
  await expect(say('y'.repeat(300))).rejects.toThrow(/bytes a second/)
})
