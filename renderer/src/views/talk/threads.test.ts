import { expect, test } from 'vitest'
import { type MessageDraftInput, messageDraftSchema } from '../../../../main/domain/talk/message.ts'
import { messagesOf } from '../../../../main/domain/talk/messageLog.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { start } from '../../../../main/domain/testing/steps.ts'
import { firstLine, NO_FILTER, partiesOf, type TalkFilter, tasksIn, threadsOf } from './threads.ts'

function talking(): Driver {
  const driver = Driver.running(
    tasks(['api', 'web', 'docs'], {
      roles: { Builder: {}, Writer: {} },
      with: { docs: { role: 'Writer' } },
    }),
  )
  start(driver, 'api', 'web', 'docs')
  return driver
}

function say(driver: Driver, task: string, message: MessageDraftInput): void {
  const at = { run: RUN, task: driver.index(task), attempt: driver.attempt(task).n }
  driver.must({ type: 'agent.send', ...at, message: messageDraftSchema.parse(message) })
}

function threads(driver: Driver, filter: Partial<TalkFilter> = {}) {
  return threadsOf([...messagesOf(driver.run().talk.messages)], { ...NO_FILTER, ...filter }, driver.run())
}

test('messages belong together by what they answer, the newest thread first', () => {
  const driver = talking()
  say(driver, 'api', { to: 'web', type: 'REQUEST', subject: 'Names', content: 'Which?' })
  say(driver, 'docs', { to: 'api', type: 'UPDATE', content: '# Texts\nare done' })
  say(driver, 'web', { to: 'sender', type: 'RESPONSE', correlation: '1', content: 'order_line' })
  const found = threads(driver)
  expect(found.map(({ key, messages }) => [key, messages.map(({ number }) => number)])).toEqual([
    ['t1', [1, 3]],
    ['t2', [2]],
  ])
  expect(found.map(({ subject }) => subject)).toEqual(['Names', 'Texts'])
  expect(partiesOf(found[0]!.messages)).toHaveLength(2)
})

test('a question to the person asks, until it is answered', () => {
  const driver = talking()
  say(driver, 'api', { to: 'person', type: 'REQUEST', subject: 'May I?' })
  say(driver, 'api', { to: 'web', type: 'REQUEST', subject: 'Will you?' })
  expect(threads(driver).map(({ asks, unread }) => [asks, unread])).toEqual([
    ['others', 0],
    ['you', 1],
  ])
  driver.must({ type: 'attention.answer', run: RUN, id: 'm1:question', choice: 'yes' })
  expect(threads(driver)[0]).toMatchObject({ key: 't1', asks: null, unread: 0 })
})

test('a thread stays the same object while nothing in it changes', () => {
  const driver = talking()
  say(driver, 'api', { to: 'web', type: 'UPDATE', subject: 'One' })
  const before = threads(driver)[0]
  say(driver, 'web', { to: 'docs', type: 'UPDATE', subject: 'Two' })
  expect(threads(driver)[1]).toBe(before)
})

test.each<[Partial<TalkFilter>, readonly string[]]>([
  [{}, ['t4', 't3', 't2', 't1']],
  [{ who: 'person' }, ['t4', 't2']],
  [{ who: 'task:2' }, ['t3']],
  [{ who: 'role:Writer' }, ['t3']],
  [{ who: 'engine' }, []],
  [{ type: 'ALERT' }, ['t2']],
  [{ priority: '0' }, ['t2']],
  [{ kind: 'status_update' }, ['t1']],
  [{ text: 'LOAD balancer' }, ['t2']],
  [{ text: 'm3' }, ['t3']],
  [{ open: true, who: 'person' }, ['t4', 't2']],
])('%j', (filter, keys) => {
  const driver = talking()
  say(driver, 'api', { to: 'web', type: 'UPDATE', kind: 'status_update', subject: 'Half way' })
  say(driver, 'api', { to: 'person', type: 'ALERT', priority: 0, content: 'The load balancer is down' })
  say(driver, 'web', { to: 'docs', type: 'UPDATE', subject: 'Texts' })
  driver.must({
    type: 'message.send',
    run: RUN,
    message: messageDraftSchema.parse({ to: 'api', type: 'UPDATE', content: 'Wait' }),
  })
  expect(threads(driver, filter).map(({ key }) => key)).toEqual(keys)
})

test('digests are hidden, unless they are asked for', () => {
  const driver = talking()
  say(driver, 'api', { to: 'web', type: 'UPDATE', kind: 'digest', subject: 'What happened' })
  expect(threads(driver)).toEqual([])
  expect(threads(driver, { digests: true })).toHaveLength(1)
  expect(threads(driver, { kind: 'digest' })).toHaveLength(1)
})

test('whoever is written to with many is not said to take part', () => {
  const driver = Driver.running(tasks(['a', 'b', 'c', 'd', 'e']))
  start(driver, 'a', 'b')
  say(driver, 'a', { to: 'all', type: 'UPDATE', subject: 'Hello' })
  say(driver, 'b', { to: 'c', type: 'UPDATE', subject: 'Hello' })
  expect(tasksIn([...messagesOf(driver.run().talk.messages)])).toEqual([0, 1, 2])
})

test.each([
  ['', ''],
  ['\n\n## A **bold** head\nmore', 'A bold head'],
  ['> quoted `code`', 'quoted code'],
  ['```ts\nlet a', 'let a'],
])('the first line of %j', (text, line) => {
  expect(firstLine(text)).toBe(line)
})
