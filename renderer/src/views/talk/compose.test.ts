import { expect, test } from 'vitest'
import { type MessageDraftInput, messageDraftSchema } from '../../../../main/domain/talk/message.ts'
import { messagesOf } from '../../../../main/domain/talk/messageLog.ts'
import { Driver, RUN } from '../../../../main/domain/testing/driver.ts'
import { tasks } from '../../../../main/domain/testing/plan.ts'
import { finish, start } from '../../../../main/domain/testing/steps.ts'
import { addressesOf, completions, NOTHING_WRITTEN, newDraft, replyDraft, replyTarget } from './compose.ts'

function talking(): Driver {
  const driver = Driver.running(tasks(['api', 'web', 'docs'], { roles: { Builder: {}, Writer: {} } }))
  start(driver, 'api', 'web', 'docs')
  return driver
}

function say(driver: Driver, task: string, message: MessageDraftInput): void {
  const at = { run: RUN, task: driver.index(task), attempt: driver.attempt(task).n }
  driver.must({ type: 'agent.send', ...at, message: messageDraftSchema.parse(message) })
}

const said = (driver: Driver) => [...messagesOf(driver.run().talk.messages)]

test('a reply goes to the chosen message, else to what the person is asked, else to the last', () => {
  const driver = talking()
  say(driver, 'api', { to: 'person', type: 'REQUEST', subject: 'May I?', thread: 'x' })
  say(driver, 'web', { to: 'person', type: 'UPDATE', subject: 'By the way', thread: 'x' })
  expect(replyTarget(said(driver), 2)?.number).toBe(2)
  expect(replyTarget(said(driver), undefined)?.number).toBe(1)
  driver.must({ type: 'attention.answer', run: RUN, id: 'm1:question', choice: 'yes' })
  expect(replyTarget(said(driver).slice(0, 2), undefined)?.number).toBe(2)
  expect(replyTarget([], undefined)).toBeUndefined()
})

test('a request is answered once, in its thread; later words are remarks', () => {
  const driver = talking()
  say(driver, 'api', { to: 'person', type: 'REQUEST', subject: 'May I?' })
  const written = { ...NOTHING_WRITTEN, content: ' yes ' }
  const draft = replyDraft(written, said(driver)[0]!)
  expect(draft).toMatchObject({
    to: 'sender',
    type: 'RESPONSE',
    correlation: 'm1',
    thread: 't1',
    content: 'yes',
  })
  driver.must({ type: 'message.send', run: RUN, message: draft })
  expect(driver.attention()).toEqual([])
  const remark = replyDraft(written, said(driver)[0]!)
  expect(remark.type).toBe('UPDATE')
  driver.must({ type: 'message.send', run: RUN, message: remark })
  expect(said(driver).map(({ thread }) => thread)).toEqual(['t1', 't1', 't1'])
})

test('a reply to what the person said goes to whom it went', () => {
  const driver = talking()
  const message = newDraft({ ...NOTHING_WRITTEN, to: ' web ', subject: 'Freeze', content: 'Wait' })
  driver.must({ type: 'message.send', run: RUN, message })
  const more = replyDraft({ ...NOTHING_WRITTEN, content: 'Go on' }, said(driver)[0]!)
  expect(more).toMatchObject({ to: 'web', type: 'UPDATE', thread: 't1' })
  driver.must({ type: 'message.send', run: RUN, message: more })
})

test('a call for help is one by its kind', () => {
  expect(newDraft({ ...NOTHING_WRITTEN, to: 'help' }).kind).toBe('request_help')
})

test('addresses: everybody, channels, roles, tasks; nobody who is over', () => {
  const driver = talking()
  const at = { run: RUN, task: driver.index('web'), attempt: 1 }
  driver.must({ type: 'agent.join', ...at, channel: '#db' })
  finish(driver, 'docs')
  const all = addressesOf(driver.run())
  expect(all.map(({ to, kind, count }) => [to, kind, count])).toEqual([
    ['all', 'all', 2],
    ['#db', 'channel', 1],
    ['Builder', 'role', 2],
    ['api', 'task', 1],
    ['web', 'task', 1],
  ])
  for (const { to } of all) {
    const message = newDraft({ ...NOTHING_WRITTEN, to, content: 'Hello' })
    driver.must({ type: 'message.send', run: RUN, message })
  }
})

test('completion prefers what begins with what was typed, with or without the sign of a channel', () => {
  const names = ['api', 'web-api', '#apis', 'docs']
  const all = names.map((to) => ({ to, kind: 'task' as const, count: 1 }))
  expect(completions(all, 'API', 10).map(({ to }) => to)).toEqual(['api', '#apis', 'web-api'])
  expect(completions(all, '', 2).map(({ to }) => to)).toEqual(['api', 'web-api'])
  expect(completions(all, 'nobody', 10)).toEqual([])
})
