import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { messagesOf } from '../../domain/talk/messageLog.ts'
import { tasks } from '../../domain/testing/plan.ts'
import { serveSpool } from '../door/spool.ts'
import { House, RUN } from '../door/testing/house.ts'
import { type Ran, runClient, waysOf } from './shells.ts'

/** The client against a real engine's doors, by every way there is. */

const folder = mkdtempSync(join(tmpdir(), 'amphi-client-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Everything that JSON has to escape, a shell could expand, and UTF-8. */
const AWKWARD = 'a "b" \\c \\n $HOME `id` %s\n\ttab\r \u0001\u001f\u007f é 漢 😀 \'q\' *  two'

/** Every character an argument can hold that JSON or a shell might mind. */
const EVERY = `${String.fromCharCode(...Array.from({ length: 127 }, (_, i) => i + 1))}\u0080\u00ff\u2028\ufeff\u{10ffff}.`

const ways = waysOf(folder)
it.runIf(process.env['CI'] !== undefined)('is shown in every way', () => {
  expect(ways).toHaveLength(3)
})

describe.each(ways)('amphi-agent, $name', (way) => {
  let house: House
  beforeEach(async () => {
    house = await House.open({
      plan: tasks(['a', 'b', 'c'], { all: { workspace: 'repo' } }),
      doors: { spool: serveSpool({ owner: null, log: (line) => void house.logged.push(line) }) },
    })
    for (const task of ['a', 'b', 'c']) mkdirSync(join(house.work(task), '.git'))
  })
  afterEach(() => house.close())

  const run = (task: string, args: readonly string[], stdin: string | Uint8Array = ''): Promise<Ran> => {
    const { door, exchange } = house.spec(task)
    return runClient(way, args, {
      env: { ...door!.env, AMPHITHEATRE_OUTPUT: join(exchange, 'output'), AMPHITHEATRE_RETRY_SECONDS: '20' },
      stdin,
      cwd: house.work(task),
    })
  }
  const ok = async (task: string, ...args: readonly string[]): Promise<string> => {
    const { code, out, err } = await run(task, args)
    expect([args, code, err.replace(/^amphi-agent: m\d+ from .*\n/, '')]).toEqual([args, 0, ''])
    return out
  }

  it('says who one is and what one does', async () => {
    expect(await ok('a', 'hello')).toMatch(/^agent: Worker\/a#1\nrole: /)
    expect(JSON.parse(await ok('a', 'hello', '--json'))).toMatchObject({ ok: true, agent: 'Worker/a#1' })
    await ok('a', 'progress', '40', AWKWARD.slice(0, 200))
    await ok('a', 'output', 'port', '-1')
    await ok('a', 'output', 'text', AWKWARD)
    await ok('a', 'output', 'every', EVERY)
    await ok('a', 'risk', 'r-1', '--title', 'A "risk"', '--level', 'high', '--owner', 'a')
    await ok(
      'a',
      'component',
      'api/core',
      '--status',
      'done',
      '--change',
      'made',
      '--owner',
      'a',
      '--owner',
      'b',
    )
    expect(await ok('a', 'checklist', 'install_dependencies')).toContain('[x] install_dependencies: ')
    expect(await ok('a', 'checkpoint', 'half', 'way', '--wait', '20')).toBe(`kept as ${'c'.repeat(40)}\n`)
    await ok('a', 'progress', '-', 'no number')
    const attempt = house.run.tasks.get(0)!.current!
    expect(attempt.outputs).toEqual({ port: '-1', text: AWKWARD, every: EVERY })
    expect(attempt.progress).toMatchObject({ percent: null, text: 'no number' })
    const [project] = house.engine.state.projects.values()
    expect(project!.risks['r-1']).toMatchObject({ title: 'A "risk"', level: 'high', owner: 'a' })
    expect(project!.components['api/core']).toMatchObject({ owners: ['a', 'b'] })
  })

  it('carries any text there and back', async () => {
    await ok(
      'a',
      'send',
      'b',
      AWKWARD,
      '--subject',
      '"s" \\',
      '--priority',
      'P1',
      '--tag',
      'x',
      '--tag',
      'y z',
    )
    const long = `${'long line '.repeat(5_000)}\n${AWKWARD}\n\nend`
    await run('a', ['send', 'b', '-', '--type', 'ALERT', '--payload', 'payload.json'], long).then(
      ({ code }) => expect(code).toBe(2),
    )
    writeFileSync(join(house.work('a'), 'payload.json'), '{"n": [1, 2]}\n')
    expect(
      (await run('a', ['send', 'b', '-', '--type', 'ALERT', '--payload', 'payload.json'], long)).out,
    ).toBe('m2 to b\n')
    const inbox = JSON.parse(await ok('b', 'inbox', '--json')) as { messages: Record<string, unknown>[] }
    expect(inbox.messages).toMatchObject([
      { content: AWKWARD, subject: '"s" \\', priority: 1, tags: ['x', 'y z'], type: 'UPDATE', payload: null },
      { content: long, type: 'ALERT', payload: { n: [1, 2] } },
    ])
    const words = await ok('b', 'inbox', '--limit', '1')
    expect(words).toMatch(/^m1 UPDATE P1 from Worker\/a#1: "s" \\\n {2}to: b\n/)
    expect(words).toContain('  | a "b" \\c \\n $HOME `id` %s\n  | \ttab')
    expect(words).toMatch(/\n\n1 more in your inbox\n$/)
    expect(await ok('b', 'handled', 'm1', '2')).toBe('0 left in your inbox\n')
    expect(await ok('b', 'inbox')).toBe('')
  })

  it('takes messages in the forms of the frameworks', async () => {
    const form = { type: 'request_help', payload: { text: 'stuck "here"' }, to: 'b' }
    expect((await run('a', ['send', '--json', '-'], JSON.stringify(form))).out).toBe('m1 to b\n')
    expect(await ok('b', 'inbox')).toContain('kind: request_help')
  })

  it('asks, waits, answers; the answer is handled once it is printed', async () => {
    const asking = run('a', ['ask', 'b', 'which', 'port?', '--wait', '40'])
    const inbox = await ok('b', 'inbox', '--wait', '40')
    expect(inbox).toMatch(/^m1 REQUEST P2 from Worker\/a#1\n/)
    await ok('b', 'answer', 'm1', '8080\nor "so"')
    expect(await asking).toEqual({
      code: 0,
      out: '8080\nor "so"\n',
      err: 'amphi-agent: m2 from Worker/b#1 answers m1\n',
    })
    expect(await ok('a', 'inbox')).toBe('')
    // By a name: a question that was answered and handled is answered again, and nothing is sent anew.
    const named = ['--once', 'port', 'ask', 'b', 'by name', '--wait', '30']
    const first = run('a', named)
    await ok('b', 'inbox', '--wait', '30')
    await ok('b', 'answer', '3', 'yes')
    expect([await first, await run('a', named)].map(({ code, out }) => [code, out])).toEqual([
      [0, 'yes\n'],
      [0, 'yes\n'],
    ])
    expect(await ok('a', 'inbox')).toBe('')
    const late = await run('a', ['ask', 'b', 'and now?', '--wait', '1'])
    expect(late).toEqual({
      code: 1,
      out: '',
      err: 'amphi-agent: no answer within 1 seconds\nIt will come to your inbox.\n',
    })
    expect([...messagesOf(house.run.talk.messages)]).toHaveLength(5)
    expect(await ok('a', 'ask', 'b', 'later', '--wait', '0')).toBe('no answer yet to m6\n')
    expect(
      await ok('a', 'need-human', 'Is it "fine"?', '--option', 'yes', '--option', 'no', '--wait', '0'),
    ).toBe('no answer yet to m7\n')
  })

  it('hands over, clarifies, accepts, declines', async () => {
    const document = `# Task Handoff: The "API"
### Completed Work
- routes
### Known Issues
- none
### Dependencies
- none
### Success Criteria
- it answers
`
    await ok('a', 'progress', '90', 'ready')
    writeFileSync(join(house.work('a'), 'h.md'), document)
    const given = await ok('a', 'handoff', '--to', 'b', 'h.md')
    expect(given).toMatch(/^h1 transferred \(given\) from Worker\/a#1 to b: The "API"\n/)
    const clarifying = run('b', ['clarify', 'h1', 'which', 'version?', '--wait', '40'])
    await house.engine.whenState((state) => state.runs.get(RUN)!.talk.handoffs[0]!.state === 'clarifying')
    await ok('a', 'clarified', 'h1', 'two')
    expect((await clarifying).out).toMatch(/question:\n {4}which version\?\n {2}answer:\n {4}two\n/)
    expect(await ok('b', 'accept', 'h1')).toMatch(/^h1 acknowledged \(received\)/)
    const second = await run('a', ['handoff', '--to', 'c', '-'], document)
    expect(second.out).toMatch(/^h2 transferred/)
    expect(await ok('c', 'decline', 'h2', 'not', 'mine')).toMatch(/^h2 returned .*\n {2}reason: .*not mine/)
    expect(await ok('a', 'handoffs')).toMatch(/^h1 [\s\S]*\n\nh2 /)
    expect(await ok('a', 'handoffs', 'h1')).not.toContain('h2')
  })

  it('publishes and fetches files byte by byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256))
    const hash = createHash('sha256').update(bytes).digest('hex')
    mkdirSync(join(house.work('a'), 'sub dir'))
    writeFileSync(join(house.work('a'), 'sub dir', 'a b.bin'), bytes)
    expect(await ok('a', 'artifact', './sub dir/a b.bin')).toBe(
      `${hash} code sub dir/a b.bin (70000 bytes)\n`,
    )
    expect(await ok('b', 'artifacts')).toBe(`${hash} code sub dir/a b.bin (70000 bytes) from a\n`)
    await ok('b', 'get', hash, 'got.bin')
    expect(readFileSync(join(house.work('b'), 'got.bin')).equals(bytes)).toBe(true)
    const outside = join(folder, `outside-${Math.random()}.txt`)
    writeFileSync(outside, 'outside')
    expect(await ok('b', 'artifact', outside, '--type', 'config', '--name', 'x é+%/o.txt')).toMatch(
      /^[0-9a-f]{64} config x é\+%\/o\.txt \(7 bytes\)\n$/,
    )
    expect(await ok('c', 'get', 'x é+%/o.txt', '-')).toBe('outside')
    expect(await ok('a', 'send', 'c', 'see', '--artifact', 'sub dir/a b.bin')).toBe('m1 to c\n')
    expect(await ok('c', 'inbox')).toContain(`  artifact: ${hash} code sub dir/a b.bin (70000 bytes)\n`)
    const none = await run('c', ['get', 'd'.repeat(64), 'none'])
    expect([none.code, none.err]).toEqual([
      1,
      'amphi-agent: refused: no agent of this run has published that\n"artifacts" lists what there is.\n',
    ])
    expect(readdirSync(house.work('c'))).toEqual(['.git'])
  })

  it('votes, joins and reads the context', async () => {
    expect(await ok('a', 'ballot', 'Tabs?', 'yes', 'no', 'a "third"', '--to', 'all')).toMatch(
      /^v1 open until /,
    )
    await ok('b', 'vote', 'v1', 'a "third"')
    await ok('c', 'vote', 'v1', 'a "third"')
    expect(await ok('a', 'ballots', 'v1')).toMatch(/^v1 closed \(decided\): a "third"\n/)
    expect(await ok('a', 'join', '#build')).toBe('joined #build\n')
    await ok('b', 'send', '#build', 'it works')
    expect(await ok('a', 'inbox')).toContain('  | it works\n')
    expect(await ok('a', 'leave', '#build')).toBe('left #build\n')
    expect((await run('a', ['context', 'no such'])).code).toBe(1)
  })

  it('takes locks, waits for them, tells held from not held, and gives them back', async () => {
    expect(await ok('a', 'lock', 'acquire', 'src/api/**', 'port:5432')).toBe('held: src/api/**, port:5432\n')
    expect(await ok('b', 'lock', 'acquire', 'docs/"a" b.md', '--shared')).toBe(
      'held: docs/"a" b.md (shared)\n',
    )
    const refused = await run('b', ['lock', 'acquire', 'src/api/x.ts'])
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(
        /^amphi-agent: refused: a holds src\/api\/\*\*, port:5432 \(rule: NO two agents modify same file simultaneously\)\n/,
      ),
    ])
    const waited = await run('b', ['lock', 'acquire', 'src/api/x.ts', '--wait', '1s'])
    expect([waited.code, waited.out, waited.err]).toEqual([
      1,
      '',
      expect.stringContaining('Worker/a#1 holds src/api/**, port:5432\n'),
    ])
    expect(await ok('b', 'lock', 'list')).toMatch(/^holds docs\/"a" b\.md \(files, shared, until 20\S+Z\)\n$/)
    const waiting = run('b', ['lock', 'acquire', 'src/api/x.ts', '--wait', '1m', '--json'])
    await house.engine.whenState((state) => [...state.projects.values()][0]!.locks.waiters.length > 0)
    expect((await run('b', ['lock', 'list'])).out).toContain('  behind Worker/a#1, who holds src/api/**')
    expect(await ok('a', 'lock', 'release', 'src/api/**')).toMatch(
      /^released: src\/api\/\*\*\nholds port:5432 \(resource, until \S+\)\n$/,
    )
    expect(JSON.parse((await waiting).out)).toMatchObject({ held: true, locks: ['src/api/x.ts'] })
    expect(await ok('b', 'lock', 'release', '--all')).toMatch(/^released: .*\nholds nothing\n$/)
    expect(await ok('a', 'lock', 'renew', 'port:5432')).toMatch(/^holds port:5432 /)
    expect((await run('a', ['lock', 'renew', 'src/api/**'])).code).toBe(1)
    for (const args of [[], ['frob'], ['acquire'], ['acquire', 'x/y', '--wait', 'soon'], ['release']])
      expect((await run('a', ['lock', ...args])).code).toBe(2)
  })

  it('lists conflicts and says how they should be settled', async () => {
    expect(await ok('a', 'conflicts')).toBe('you have no part in a conflict\n')
    await ok('a', 'lock', 'acquire', 'brew/hops.py')
    const id = await house.claimByHand('brew/hops.py')
    const listed = await ok('a', 'conflicts')
    expect(listed).toMatch(
      new RegExp(`^${id} .*hops\\.py\n  level 1: Agents decide\n  recommended: wait \\(`),
    )
    expect(listed).toContain('  can be settled with: wait, terminate, merge, split, dismiss\n')
    expect((await run('b', ['settle', id, 'merge'])).err).toContain(`you have no part in ${id}`)
    expect(await ok('a', 'settle', id, 'merge')).toContain(id)
    expect((await run('a', ['settle', 'nine', 'merge'])).code).not.toBe(0)
    await ok('a', 'lock', 'release', '--all')
  })

  it('opens an incident, and tells more of the one that is open', async () => {
    const text = ['--text', 'since 14:06']
    expect(await ok('a', 'incident', 'open', 'P0', 'Checkout', 'fails', ...text)).toBe('i1\n')
    expect((await run('a', ['incident', 'open', 'P0', 'x', '--target', 'nowhere'])).err).toContain(
      'there is no target nowhere',
    )
    for (const args of [['open'], ['close', 'i1', 'x'], ['open', 'P0', '--text', 'x']])
      expect((await run('a', ['incident', ...args])).code).toBe(2)
    expect((await run('a', ['incident', 'open', 'P9', 'x'])).code).not.toBe(0)
  })

  it('says why something is refused, and what to do', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, err: RegExp])[] = [
      [['send', 'nobody', 'x'], 1, /^amphi-agent: refused: .+\n.+\n$/],
      [['handled', '99'], 1, /^amphi-agent: refused: /],
      [['answer', '99', 'x'], 1, /^amphi-agent: refused: /],
      [['accept', 'h9'], 1, /refused/],
      [['progress'], 2, /something is missing\namphi-agent progress 40/],
      [['progress', 'half'], 2, /percent has to be a number, and is "half"/],
      [['send', 'b', 'x', '--priority', 'P7'], 2, /priority has to be/],
      [['send', 'b', 'x', '--colour', 'red'], 2, /there is no option --colour/],
      [['inbox', '--wait'], 2, /--wait needs a value/],
      [['inbox', '--wait', 'long'], 2, /wait has to be a whole number/],
      [['handled', 'x'], 2, /N has to be a whole number/],
      [['handoff', 'missing.md'], 2, /missing.md cannot be read/],
      [['artifact', 'missing'], 2, /missing is no file/],
      [['dance'], 2, /there is no verb dance/],
      [[], 2, /^amphi-agent VERB/],
    ]
    const large = await run('a', ['send', 'b', '-'], 'x'.repeat(1_500_000))
    expect([large.code, large.err]).toEqual([1, expect.stringContaining('larger than 1048576 bytes')])
    for (const [args, code, err] of cases) {
      const ran = await run('a', args)
      expect([args, ran.code, ran.out]).toEqual([args, code, ''])
      expect(ran.err).toMatch(err)
    }
    expect((await run('a', ['help'])).out).toContain('amphi-agent VERB')
    expect((await run('a', ['help', 'send'])).out).toContain('--skill')
    expect((await run('a', ['inbox', '--help'])).out).toContain('amphi-agent inbox')
  })

  it('goes on over a restart of the engine, and is counted once', async () => {
    await ok('a', 'progress', '1')
    await house.stop()
    const sending = run('a', ['send', 'b', 'over the gap'])
    const waiting = run('b', ['inbox', '--wait', '40'])
    await house.start()
    expect(await sending).toEqual({ code: 0, out: 'm1 to b\n', err: '' })
    expect((await waiting).out).toContain('over the gap')
    expect([...messagesOf(house.run.talk.messages)]).toHaveLength(1)
  })

  it('is told when its attempt is over', async () => {
    const { door, exchange } = house.spec('a')
    const env = {
      ...door!.env,
      AMPHITHEATRE_OUTPUT: join(exchange, 'output'),
      AMPHITHEATRE_RETRY_SECONDS: '1',
    }
    house.end('a')
    await house.engine.whenState((state) => [...state.runs.values()][0]!.tasks.get(0)!.current === null)
    const ran = await runClient(way, ['progress', '5'], { env })
    expect([1, 3]).toContain(ran.code)
    const nowhere = await runClient(way, ['progress', '5'])
    expect([nowhere.code, nowhere.err]).toEqual([3, expect.stringContaining('there is no door here')])
  })
})
