import { expect, test } from 'vitest'
import { Driver, RUN } from '../testing/driver.ts'
import { type PlanOptions, plan } from '../testing/plan.ts'
import { at, cut, fail, finish, prepared, start } from '../testing/steps.ts'
import type { AgentRequest } from './agentCommands.ts'
import { CHECKLIST_STEPS, checklistCounts, isChecklistStep, startupChecklist } from './checklist.ts'
import { messageDraftSchema } from './message.ts'

function by(driver: Driver, task: string, request: AgentRequest): void {
  driver.must({ ...request, ...at(driver, task) })
}

/** `status: why` of each step. */
function look(driver: Driver, task: string): Readonly<Record<string, string>> {
  const { task: index, attempt } = at(driver, task)
  const steps = startupChecklist(driver.run(RUN), index, attempt)!
  return Object.fromEntries(
    steps.map(({ id, status, why }) => [id, why === '' ? status : `${status}: ${why}`]),
  )
}

test('it has the four groups of four steps of the framework', () => {
  expect(CHECKLIST_STEPS).toHaveLength(16)
  expect(isChecklistStep('register')).toBe(true)
  expect(isChecklistStep('toString')).toBe(false)
})

test('an agent that has only been started has most of it before it', () => {
  const driver = Driver.running(plan([['a', 'b: a']]))
  start(driver, 'a')
  expect(look(driver, 'a')).toEqual({
    read_framework: 'open: it has not asked for it',
    review_state: 'open: it has not asked for it',
    understand_dependencies: 'not-needed: its task depends on nothing',
    set_up_context: 'done: the context lies in its door folder',
    clone_repository: 'not-needed: its task works without the code',
    install_dependencies: 'not-needed: its task works without the code',
    configure_credentials: 'not-needed: its task is given none',
    verify_access: 'open: it has not called through its door',
    register: 'open: it has not called through its door',
    review_tasks: 'open: it has not asked for it',
    identify_dependencies: 'not-needed: its task needs no other',
    plan_approach: 'open: it has not said what it will do',
    begin_tasks: 'done',
    update_context: 'open: nothing said yet',
    communicate_blockers: 'not-needed: nothing holds it up',
    request_reviews: 'not-needed: nothing of it is for others to review',
  })
})

test('what an agent says and does closes the steps', () => {
  const driver = Driver.running(plan([['a', 'c'], ['b: a']]))
  finish(driver, 'a', 'c')
  start(driver, 'b')
  for (const step of CHECKLIST_STEPS.slice(0, 3)) by(driver, 'b', { type: 'agent.check', step })
  by(driver, 'b', { type: 'agent.check', step: 'register' })
  by(driver, 'b', { type: 'agent.progress', percent: 10, text: 'reads the routes' })
  const question = messageDraftSchema.parse({ to: 'person', type: 'REQUEST', content: 'which port?' })
  by(driver, 'b', { type: 'agent.send', message: question })
  const ballot = { question: 'tabs?', options: ['yes', 'no'], to: 'person', needed: null, openMs: null }
  driver.send({ type: 'agent.open-ballot', ballot, ...at(driver, 'b') })
  expect(look(driver, 'b')).toMatchObject({
    read_framework: 'done: it said so',
    understand_dependencies: 'done: it said so',
    identify_dependencies: 'done: it needs a',
    register: 'done: it said so',
    verify_access: 'done: its door answered',
    plan_approach: 'done: it says what it does',
    update_context: 'done: it reports its progress',
    communicate_blockers: 'done: it asked',
  })
})

test.each<[string, PlanOptions, Readonly<Record<string, string>>]>([
  [
    'an image of the project',
    { all: { workspace: 'repo', image: { build: 'docker' }, env: { TOKEN: 'x' } } },
    {
      clone_repository: 'done: at cccccccccccc',
      install_dependencies: 'done: in the image of docker',
      configure_credentials: 'done: 1 variable given',
    },
  ],
  [
    'a ready image',
    { all: { workspace: 'repo', env: { A: '1', B: '2' } } },
    { install_dependencies: 'open: it has not said so', configure_credentials: 'done: 2 variables given' },
  ],
])('work on the code with %s', (_, options, steps) => {
  const driver = Driver.running(plan([['a']], options))
  driver.must(prepared())
  expect(look(driver, 'a')).toMatchObject({
    clone_repository: 'open: the code is not copied yet',
    configure_credentials: 'open: it has not started',
    begin_tasks: 'open: it has not started',
  })
  driver.must(cut(at(driver, 'a')))
  start(driver, 'a')
  expect(look(driver, 'a')).toMatchObject(steps)
})

test('each attempt goes through it anew, and one that is over has none', () => {
  const driver = Driver.running(plan([['a']], { with: { a: { retry: 1 } } }))
  start(driver, 'a')
  by(driver, 'a', { type: 'agent.check', step: 'register' })
  fail(driver, 'a')
  expect(startupChecklist(driver.run(), 0, 1)).toBeUndefined()
  start(driver, 'a')
  expect(look(driver, 'a')['register']).toMatch(/^open/)
  expect(checklistCounts(startupChecklist(driver.run(), 0, 2)!)).toEqual({ done: 2, of: 9 })
})
