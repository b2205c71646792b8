import { expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { plan } from '../testing/plan.ts'
import { at, exited, start } from '../testing/steps.ts'
import type { AgentRequest } from './agentCommands.ts'
import { type MessageDraftInput, messageDraftSchema } from './message.ts'
import { find } from './messageLog.ts'

function by(driver: Driver, task: string, request: AgentRequest) {
  return driver.send({ ...request, ...at(driver, task) })
}

function message(draft: MessageDraftInput): AgentRequest {
  return { type: 'agent.send', message: messageDraftSchema.parse(draft) }
}

test('a request is delivered, answered and closed; who asked gets the answer', () => {
  const driver = Driver.running(plan([['a', 'b']]))
  start(driver, 'a', 'b')
  expect(by(driver, 'a', message({ to: 'b', type: 'REQUEST', content: 'which port?' }))).toBeUndefined()
  expect(driver.task('b').inbox).toEqual([1])
  expect(by(driver, 'b', { type: 'agent.take', limit: 10 })).toBeUndefined()
  expect(find(driver.run().talk.messages, 1)).toMatchObject({ delivered: [1], open: [1], answer: null })
  expect(
    by(driver, 'b', message({ to: 'sender', type: 'RESPONSE', correlation: '1', content: '5432' })),
  ).toBeUndefined()
  expect(find(driver.run().talk.messages, 1)).toMatchObject({ open: [], answer: 2 })
  expect(driver.task('b').inbox).toEqual([])
  expect(driver.task('a').inbox).toEqual([2])
  driver.advance(5 * 3_600_000)
  expect(driver.events('message.overdue')).toEqual([])
})

test('what an ended agent did not handle goes back, and who waited is told', () => {
  const driver = Driver.running(plan([['a', 'b']]))
  start(driver, 'a', 'b')
  by(driver, 'a', message({ to: 'b', type: 'REQUEST', content: 'which port?' }))
  driver.must(exited(at(driver, 'b')))
  expect(driver.events('message.returned')).toEqual([{ type: 'message.returned', task: 1, numbers: [1] }])
  expect(find(driver.run().talk.messages, 2)).toMatchObject({ answers: 1, recipients: [0] })
})

test('a question to the person waits for words, and they reach who asked', () => {
  const driver = Driver.running(plan([['a']]))
  start(driver, 'a')
  by(driver, 'a', message({ to: 'person', type: 'REQUEST', content: 'may I?' }))
  expect(driver.attention()).toEqual(['m1:question'])
  driver.must({ type: 'attention.answer', run: RUN, id: 'm1:question', choice: 'yes, do' })
  expect(driver.attention()).toEqual([])
  expect(find(driver.run().talk.messages, 2)).toMatchObject({ content: 'yes, do', recipients: [0] })
})

test('a hand-off is checked, goes over, is clarified, accepted and completed', () => {
  const driver = Driver.running(plan([['a', 'b']]))
  start(driver, 'a', 'b')
  const document = {
    title: 'the API',
    to: 'b',
    completed: ['routes'],
    artifacts: [],
    knownIssues: ['none'],
    dependencies: ['none'],
    successCriteria: ['tests pass'],
    notes: '',
  }
  expect(by(driver, 'a', { type: 'agent.hand-off', handoff: null, document })).toBeUndefined()
  expect(driver.effects()).toContain('a:handoff.validate')
  driver.must({ type: 'report.validated', ...at(driver, 'a'), handoff: 'h1', checks: [] })
  expect(driver.task('b').inbox).toEqual([1])
  expect(by(driver, 'b', { type: 'agent.clarify', handoff: 'h1', question: 'where?' })).toBeUndefined()
  expect(by(driver, 'a', { type: 'agent.clarified', handoff: 'h1', answer: 'src' })).toBeUndefined()
  expect(by(driver, 'b', { type: 'agent.accept', handoff: 'h1' })).toBeUndefined()
  expect(driver.run().talk.handoffs[0]!.state).toBe('acknowledged')
  driver.must(exited(at(driver, 'a')))
  expect(driver.run().talk.handoffs[0]!.state).toBe('completed')
  expect(driver.task('b').inbox).toEqual([])
})

test('a ballot is decided by enough votes and its result reaches who asked', () => {
  const driver = Driver.running(plan([['a', 'b', 'c']]))
  start(driver, 'a', 'b', 'c')
  const ballot = { question: 'tabs?', options: ['yes', 'no'], to: 'all', needed: null, openMs: null }
  expect(by(driver, 'a', { type: 'agent.open-ballot', ballot })).toBeUndefined()
  by(driver, 'b', { type: 'agent.vote', ballot: 'v1', option: 'no' })
  by(driver, 'c', { type: 'agent.vote', ballot: 'v1', option: 'no' })
  expect(driver.run().talk.ballots[0]!.closed).toMatchObject({ result: 'no', reason: 'decided' })
  expect(driver.task('b').inbox).toEqual([])
  expect(driver.task('a').inbox).toEqual([2])
})
