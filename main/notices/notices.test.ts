import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { desktopSummary } from '../desktop/summary.ts'
import { fakeParts } from '../desktop/testing/fakeParts.ts'
import { wordsFor } from '../desktop/words.ts'
import { messageDraftSchema } from '../domain/talk/message.ts'
import { Driver, PROJECT, RUN } from '../domain/testing/driver.ts'
import { approval, found, gate, ofCommand, withGates } from '../domain/testing/gates.ts'
import { plan, tasks } from '../domain/testing/plan.ts'
import { addRegistered } from '../domain/testing/registered.ts'
import { fail, finish, retry, start } from '../domain/testing/steps.ts'
import { gather, isOnScreen, type News, type Notice, newsOf } from './notices.ts'
import { Notifier } from './notifier.ts'

const WORDS = wordsFor('en-GB')

function newsOfRun(act: (driver: Driver) => void): readonly News[] {
  const news: News[] = []
  const driver = new Driver([
    (_, event, after) => {
      const one = newsOf(event, after, WORDS)
      if (one !== undefined) news.push(one)
    },
  ])
  act(driver)
  return news
}

describe('what is worth telling', () => {
  it('is a gate that waits for a person, with its answers, and leads to it', () => {
    const news = newsOfRun((driver) => {
      const signed = gate('signed', [approval()])
      driver.start(withGates(plan([['a'], ['b']]), [signed], { phases: { 0: ['signed'] } }))
      finish(driver, 'a')
      driver.must(found(driver, 'signed', ofCommand(true)))
      const { id } = driver.run().attention[0]!
      driver.must({ type: 'attention.answer', run: RUN, id, choice: 'approve' })
    })
    expect(news.map(({ type }) => type)).toEqual(['tell', 'withdraw'])
    expect((news[0] as News & { type: 'tell' }).notice).toMatchObject({
      kind: 'needs-you',
      place: { view: 'graph', run: RUN, at: 'gate:phase:0' },
      question: { run: RUN, choices: ['approve', 'reject'] },
    })
    expect(WORDS.choices).toMatchObject({ approve: 'Approve', reject: 'Reject' })
  })

  it('is that a run is done', () => {
    const news = newsOfRun((driver) => {
      driver.start(tasks(['a', 'b']))
      start(driver, 'a', 'b')
      driver.advance(72_000)
      finish(driver, 'a', 'b')
    })
    expect(news).toEqual([
      {
        type: 'tell',
        notice: expect.objectContaining({
          kind: 'done',
          title: 'Test #1 is done',
          body: '2 tasks in 1 m 12 s',
          place: { view: 'house', run: RUN },
        }),
      },
    ])
  })

  it('is a question, and that it has been answered', () => {
    const news = newsOfRun((driver) => {
      driver.start(tasks(['a']))
      fail(driver, 'a')
      retry(driver, 'a')
    })
    const asked = news[0] as News & { type: 'tell' }
    expect(asked.notice).toMatchObject({
      kind: 'needs-you',
      title: 'Test #1 needs you',
      place: { view: 'graph', run: RUN, task: 'a' },
      question: { run: RUN, choices: ['retry', 'skip'] },
    })
    expect(news).toContainEqual({ type: 'withdraw', key: asked.notice.key })
  })

  it('is what an agent asks, answered in words, and leads to the conversation', () => {
    const news = newsOfRun((driver) => {
      driver.start(tasks(['a']))
      start(driver, 'a')
      const message = messageDraftSchema.parse({ to: 'person', type: 'REQUEST', subject: 'Which account?' })
      driver.must({ type: 'agent.send', run: RUN, task: 0, attempt: 1, message })
    })
    const asked = news[0] as News & { type: 'tell' }
    expect(asked.notice).toMatchObject({
      body: 'Which account?',
      place: { view: 'talk', run: RUN, at: 'm1' },
      question: { run: RUN, id: 'm1:question', choices: [] },
    })
  })

  it('is a conflict that agents cannot settle: the file, both names, and the way to its card', () => {
    const news = newsOfRun((driver) => {
      driver.start(tasks(['agent-1', 'agent-5']))
      start(driver, 'agent-1', 'agent-5')
      const parties = [`${RUN}/agent-1#1`, `${RUN}/agent-5#1`]
      const found = { parties, files: ['hops.py', 'x.py'], text: 'agent-5 wrote hops.py', evidence: [] }
      driver.must({ type: 'report.conflict', project: PROJECT, cause: 'undeclared-write', ...found })
      driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'allow' })
    })
    const asked = news[0] as News & { type: 'tell' }
    expect(asked.notice).toMatchObject({
      kind: 'needs-you',
      title: 'Conflict: hops.py and 1 more',
      body: 'agent-1 and agent-5: agent-5 wrote hops.py',
      place: { view: 'conflicts', run: RUN, at: 'c1' },
      question: { choices: ['allow', 'discard'], labels: ['Let it', 'Set its changes aside'] },
    })
    expect(news.at(-1)).toEqual({ type: 'withdraw', key: asked.notice.key })
  })

  it('is a conflict of agents started by hand, which no run asks about, with the way to its card', () => {
    const news = newsOfRun((driver) => {
      addRegistered(driver, 'one', ['src/a.ts'])
      addRegistered(driver, 'two', ['docs/b.md'])
      const paths = ['src/a.ts']
      driver.must({ type: 'registered.wrote', project: PROJECT, agent: 'agent-2', files: paths })
      expect(desktopSummary(driver.state)).toMatchObject({ needsYou: 1, look: 'needs-you' })
      driver.must({ type: 'conflict.resolve', project: PROJECT, conflict: 'c1', action: 'allow' })
      expect(desktopSummary(driver.state).needsYou).toBe(0)
    })
    const [asked] = news as [News & { type: 'tell' }]
    expect(asked.notice).toMatchObject({
      kind: 'needs-you',
      title: 'Conflict: src/a.ts',
      place: { view: 'conflicts', at: 'c1' },
      question: null,
    })
    expect(news.at(-1)).toEqual({ type: 'withdraw', key: asked.notice.key })
  })

  it('is nothing a person did on purpose', () => {
    const news = newsOfRun((driver) => {
      driver.start(tasks(['a']))
      driver.must({ type: 'run.stop', run: RUN, force: false })
    })
    expect(news.filter((one) => one.type === 'tell')).toEqual([])
  })
})

function notice(kind: Notice['kind'], n: number): Notice {
  const question = kind === 'needs-you' ? { run: RUN, id: `q${n}`, choices: ['retry', 'skip'] } : null
  return {
    kind,
    key: `${kind}${n}`,
    title: `${kind} ${n}`,
    body: '',
    place: { view: 'house', run: RUN },
    question,
  }
}

describe('many at once', () => {
  it('are told by their number', () => {
    const many = [...Array(40).keys()].map((n) => notice(n % 2 === 0 ? 'needs-you' : 'done', n))
    const told = gather([...many, notice('failed', 1)], WORDS)
    expect(told.map((one) => one.title)).toEqual(['20 need you', 'failed 1', '20 runs are done'])
    expect(told[0]!.question).toBeNull()
  })

  it('are told one by one while they are few', () => {
    const few = [notice('done', 1), notice('done', 2)]
    expect(gather(few, WORDS)).toEqual(few)
  })
})

describe('what the window shows', () => {
  const told = notice('done', 1)
  it.each<[Parameters<typeof isOnScreen>[1], string | null, boolean]>([
    [{ view: 'house', run: RUN }, null, true],
    [{ view: 'graph', run: RUN, task: 'b' }, null, true],
    [{ view: 'house' }, RUN, true],
    [undefined, RUN, true],
    [{ view: 'house' }, 'other', false],
    [{ view: 'house', run: 'other' as never }, RUN, false],
    [{ view: 'projects' }, RUN, false],
  ])('%j', (place, preferred, shown) => {
    expect(isOnScreen(told, place, preferred as never)).toBe(shown)
  })
})

describe('notifications', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function setUp(looked: boolean) {
    const parts = fakeParts()
    const went: unknown[] = []
    const answered: unknown[] = []
    const notifier = new Notifier({
      notify: (look) => parts.notify(look),
      words: WORDS,
      lookedAt: () => (looked ? { place: { view: 'house', run: RUN }, preferred: null } : null),
      goTo: (place) => went.push(place),
      send: () => undefined,
      answer: ({ run, id }, choice) => answered.push([run, id, choice]),
    })
    return { parts, notifier, went, answered }
  }

  it('come gathered, lead there, and answer', () => {
    const { parts, notifier, went, answered } = setUp(false)
    notifier.take({ type: 'tell', notice: notice('needs-you', 1) })
    expect(parts.notifications).toHaveLength(0)
    vi.advanceTimersByTime(1_000)
    expect(parts.notifications).toMatchObject([
      { title: 'needs-you 1', buttons: ['Retry', 'Skip'], urgent: true },
    ])
    parts.notifications[0]!.onClick()
    parts.notifications[0]!.onButton(1)
    parts.notifications[0]!.onButton(7)
    expect(went).toEqual([{ view: 'house', run: RUN }])
    expect(answered).toEqual([[RUN, 'q1', 'skip']])
  })

  it('take an answer in words where there are no choices', () => {
    const { parts, notifier, answered } = setUp(false)
    const asked = notice('needs-you', 1)
    notifier.take({ type: 'tell', notice: { ...asked, question: { ...asked.question!, choices: [] } } })
    vi.advanceTimersByTime(1_000)
    expect(parts.notifications).toMatchObject([{ buttons: [], reply: 'Your answer' }])
    parts.notifications[0]!.onReply('  ')
    parts.notifications[0]!.onReply(' the deployer ')
    expect(answered).toEqual([[RUN, 'q1', 'the deployer']])
  })

  it('do not come for what is on the screen', () => {
    const { parts, notifier } = setUp(true)
    notifier.take({ type: 'tell', notice: notice('done', 1) })
    vi.advanceTimersByTime(60_000)
    expect(parts.notifications).toHaveLength(0)
  })

  it('are taken back when they are out of date', () => {
    const { parts, notifier } = setUp(false)
    notifier.take({ type: 'tell', notice: notice('needs-you', 1) })
    vi.advanceTimersByTime(1_000)
    notifier.take({ type: 'tell', notice: notice('needs-you', 2) })
    notifier.take({ type: 'withdraw', key: 'needs-you1' })
    notifier.take({ type: 'withdraw', key: 'needs-you2' })
    vi.advanceTimersByTime(60_000)
    expect(parts.notifications.map(({ title, closed }) => [title, closed])).toEqual([['needs-you 1', true]])
  })

  it('stay few in a storm', () => {
    const { parts, notifier } = setUp(false)
    for (let n = 0; n < 3_000; n++) {
      notifier.take({ type: 'tell', notice: notice('needs-you', n) })
      vi.advanceTimersByTime(10)
    }
    expect(parts.notifications.length).toBeLessThanOrEqual(7)
    expect(parts.notifications.filter((one) => !one.closed)).toHaveLength(1)
    notifier.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
