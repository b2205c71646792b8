import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { fakeCenter } from '../../api/testing/fakeCenter.ts'
import { stateToJson } from '../../domain/serialise.ts'
import type { AgentRequest } from '../../domain/talk/agentCommands.ts'
import { type MessageDraftInput, messageDraftSchema } from '../../domain/talk/message.ts'
import { Driver, PROJECT, RUN } from '../../domain/testing/driver.ts'
import { plan } from '../../domain/testing/plan.ts'
import { at, start } from '../../domain/testing/steps.ts'
import type { ControlCenter } from '../../engine/controlCenter.ts'
import { describeEvent } from '../eventLine.ts'
import { runProgram } from '../program.ts'

/** The engine of a driver as another process hosts it. */
function centerOf(driver: Driver): ControlCenter {
  return {
    ...fakeCenter(),
    snapshot: async () => stateToJson(driver.state),
    runs: async () => [],
    history: async ({ after, limit, run }) =>
      driver.log
        .filter((event) => event.seq > after && (run === undefined || event.run === run))
        .slice(0, limit),
    dispatch: async ({ command }) => {
      const rejection = driver.send(command)
      if (rejection !== undefined) return { ok: false, ...rejection }
      return { ok: true, seq: driver.state.seq, answer: { message: driver.run().talk.messages.count } }
    },
  }
}

async function amphi(driver: Driver, ...args: readonly string[]) {
  const texts = { out: '', err: '' }
  const stream = (name: 'out' | 'err'): NodeJS.WriteStream => {
    const through = new PassThrough()
    through.on('data', (data) => {
      texts[name] += String(data)
    })
    return through as unknown as NodeJS.WriteStream
  }
  const gone = new Promise<void>(() => undefined)
  const client = { ...centerOf(driver), pid: 7, gone, close: () => undefined }
  const engines = { connect: async () => client } as never
  const [stdout, stderr] = [stream('out'), stream('err')]
  const stdin = PassThrough.from(['from standard input']) as unknown as NodeJS.ReadStream
  const env = { COLUMNS: '120', LANG: 'C' }
  try {
    const code = await runProgram(args, { env, cwd: '/p', stdin, stdout, stderr, engines }, '1')
    return { code, ...texts }
  } catch (error) {
    return { code: 2, ...texts, err: (error as Error).message }
  }
}

function by(driver: Driver, task: string, request: AgentRequest): void {
  driver.must({ ...request, ...at(driver, task) })
}

function message(draft: MessageDraftInput): AgentRequest {
  return { type: 'agent.send', message: messageDraftSchema.parse(draft) }
}

function talking(): Driver {
  const driver = Driver.running(plan([['a', 'b']]))
  start(driver, 'a', 'b')
  by(driver, 'a', message({ to: 'b', type: 'REQUEST', content: `${'long '.repeat(1_000)}end\u001b[2J` }))
  by(driver, 'b', message({ to: 'sender', type: 'RESPONSE', correlation: '1', content: '5432' }))
  by(driver, 'a', message({ to: 'person', type: 'REQUEST', content: 'may I?' }))
  return driver
}

test('messages are printed whole, with what became of them, and nothing in them moves the cursor', async () => {
  const { code, out } = await amphi(talking(), 'messages')
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d {2}m1 a#1 -> b {2}- REQUEST P2 {2}\[answered by m2\]$/)
  expect(lines[1]).toMatch(/^ {4}(long ){1000}end\^\[\[2J$/)
  expect(lines.slice(2)).toEqual([
    expect.stringMatching(/m2 b#1 -> a \(sender\) {2}- RESPONSE P2 {2}\[answers m1; open: a\]/),
    '    5432',
    expect.stringMatching(/m3 a#1 -> person .*\[waits for an answer; open: person\]/),
    '    may I?',
  ])
})

test.each([
  [
    ['--with', 'b'],
    [1, 2],
  ],
  [['--with', 'person'], [3]],
  [
    ['--thread', 't1'],
    [1, 2],
  ],
  [['--unread'], [3]],
])('messages %j are %j', async (args, numbers) => {
  const { out } = await amphi(talking(), 'messages', 'latest', '--json', ...args)
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).number),
  ).toEqual(numbers)
})

test('messages that were read are not unread any more', async () => {
  const driver = talking()
  by(driver, 'b', message({ to: 'person', type: 'UPDATE', content: 'half way' }))
  await amphi(driver, 'messages', '--unread', '--read')
  expect(driver.run().talk.personInbox).toEqual([])
  expect((await amphi(driver, 'messages', '--unread')).out).toBe('No message is like that.\n')
})

test('a person writes, replies, and answers a question in words', async () => {
  const driver = talking()
  expect(
    await amphi(driver, 'send', 'latest', 'b', 'stop', '--priority', 'p1', '--type', 'alert'),
  ).toMatchObject({
    code: 0,
    out: 'm4 sent to b in test#1\n',
  })
  expect(driver.events('message.sent').at(-1)).toMatchObject({ draft: { type: 'ALERT', priority: 1 } })
  await amphi(driver, 'send', 'test#1', 'sender', '-', '--reply', 'm3')
  expect(driver.events('message.sent').at(-1)).toMatchObject({
    answers: 3,
    draft: { type: 'RESPONSE', content: 'from standard input' },
  })
  by(driver, 'b', message({ to: 'person', type: 'REQUEST', content: 'and I?' }))
  expect((await amphi(driver, 'answer', 'm6', 'yes, do')).code).toBe(0)
  expect(driver.events('message.sent').at(-1)).toMatchObject({ answers: 6, draft: { content: 'yes, do' } })
})

test.each([
  [['send', 'latest', 'nobody', 'hi'], /nobody called nobody/],
  [['send', 'latest', 'b', ' '], /nothing to send/],
  [['send', 'latest', 'b', 'x'.repeat(65_537)], /65537 characters/],
  [['send', 'latest', 'b', 'hi', '--reply', 'x'], /such as m12/],
  [['answer', 'm9', 'yes'], /Nothing called "m9"/],
  [['handoffs', 'latest', 'h9'], /no hand-off h9/],
  [['handoffs', '--transfer'], /needs the hand-off/],
  [['risks', 'set', 'Bad Id', '--title', 'x'], /lower-case letters/],
  [['risks', 'add', 'x'], /no "add"/],
  [['context', 'global/risk_registr.yaml'], /no file/],
])('%j is refused', async (args, reason) => {
  expect(await amphi(talking(), ...args)).toMatchObject({ code: 2, err: expect.stringMatching(reason) })
})

test('the board of hand-offs, and one of them as Markdown', async () => {
  const driver = talking()
  const lists = { completed: ['routes'], artifacts: [], knownIssues: ['none'], dependencies: ['none'] }
  const document = { title: 'the API', to: 'b', ...lists, successCriteria: ['tests pass'], notes: '' }
  by(driver, 'a', { type: 'agent.hand-off', handoff: null, document })
  driver.must({ type: 'report.validated', ...at(driver, 'a'), handoff: 'h1', checks: [] })
  const board = (await amphi(driver, 'handoffs')).out.split('\n')
  expect(board[0]).toMatch(/^ID +STATE +FROM +TO +FOR +TITLE$/)
  expect(board[1]).toMatch(/^h1 +o transferred +a +b +.* +the API$/)
  expect((await amphi(driver, 'handoffs', 'h1')).out).toMatch(
    /# Task Handoff: the API[\s\S]*## From: a[\s\S]*- routes[\s\S]*### State\ntransferred/,
  )
  expect(JSON.parse((await amphi(driver, 'handoffs', '--json')).out)).toMatchObject({
    id: 'h1',
    from: 'a',
    to: 'b',
  })
  expect((await amphi(driver, 'handoffs', 'h1', '--withdraw')).out).toBe('h1 withdrawn\n')
})

test('risks and components are recorded and listed, and the context has them', async () => {
  const driver = talking()
  expect((await amphi(driver, 'risks')).out).toBe('No risk of p is known.\n')
  await amphi(driver, 'risks', 'set', 'disk-full', '--title', 'The disk runs full', '--level', 'high')
  await amphi(
    driver,
    'components',
    'set',
    'terraform/vpc',
    '--owner',
    'a',
    '--owner',
    'b',
    '--change',
    'subnets',
  )
  expect((await amphi(driver, 'risks')).out).toMatch(/disk-full +! high +open .*ann .*The disk runs full/)
  expect((await amphi(driver, 'components', '--project', PROJECT)).out).toMatch(
    /terraform\/vpc .* a, b .*subnets/,
  )
  expect((await amphi(driver, 'context')).out).toMatch(/components\/terraform\/vpc\/state\.yaml +\d+/)
  expect((await amphi(driver, 'context', 'global/risk_register.yaml')).out).toMatch(
    /^risks:\n- id: disk-full\n/,
  )
  expect((await amphi(driver, 'context', '--rebuild')).out).toBe('3 files: 1 written again, 0 removed\n')
})

test('the status shows what waits for words and what was not read', async () => {
  const driver = talking()
  const { out } = await amphi(driver, 'status')
  expect(out).toMatch(/amphi answer m3:question "…" --run test#1/)
  expect(out).toMatch(/1 message is for you {2}amphi messages test#1 --unread/)
  expect(JSON.parse((await amphi(driver, 'status', 'latest', '--json')).out)).toMatchObject({
    asks: [{ id: 'm3:question', kind: 'question', about: 'm3' }],
    unread: 1,
  })
})

test('every event of the conversation has a line, but receipts', () => {
  const driver = talking()
  by(driver, 'a', { type: 'agent.progress', percent: 40, text: 'half way\nthere' })
  by(driver, 'a', { type: 'agent.take', limit: 10 })
  by(driver, 'a', { type: 'agent.risk', risk: { id: 'r', title: 'a risk' } })
  const lines = driver.log
    .filter(({ run, type }) => run === RUN && /^(message|agent\.prog|risk)/.test(type))
    .map((event) => describeEvent(event, driver.state))
  expect(lines.map((line) => line && `${line.subject}: ${line.text}`)).toEqual([
    expect.stringMatching(/^Worker\/a#1: m1 request to b: (long )+long?…$/),
    'Worker/b#1: m2 answer to m1 to a: 5432',
    undefined,
    'Worker/a#1: m3 request to person: may I?',
    'Worker/a#1: 40 % half way …',
    undefined,
    'ann: risk r (medium, open): a risk',
  ])
})

test('a choice an agent gave can be copied into a shell, which obeys nothing in it', async () => {
  const driver = Driver.running(plan([['a']]))
  start(driver, 'a')
  const options = ['$(touch x)', "it's", 'no']
  by(driver, 'a', message({ to: 'person', type: 'REQUEST', content: 'may I?', options }))
  const { out } = await amphi(driver, 'status')
  expect(out).toContain(String.raw`'$(touch x)'|'it'\''s'|no`)
})
