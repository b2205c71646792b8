import type { RunId } from '../../../main/domain/ids.ts'
import type { Driver } from '../../../main/domain/testing/driver.ts'
import { Chat } from './agentChat.ts'

/** Once the agents are at work: a long past, then what is going on now. */
export function playTalk(driver: Driver, run: RunId, random: () => number): void {
  const chat = new Chat(driver, run, random)
  for (const task of ['schema', 'migration', 'api', 'security', 'tests'])
    chat.ask(task, { type: 'agent.join', channel: '#database' })
  for (let n = 0; n < OLD; n++) {
    chat.babble()
    driver.advance(1_000)
  }
  for (const task of driver.run(run).plan.tasks) chat.read(task.id)
  playHandoffs(chat)
  playBallots(chat, driver)
  playContext(chat)
  playNow(chat, driver)
}

const OLD = 2_000

function playHandoffs(chat: Chat): void {
  chat.handoff('schema', 'migration', 'Schema of the orders')
  chat.validate()
  chat.ask('migration', { type: 'agent.accept', handoff: 'h1' })
  chat.finish('schema')
  chat.handoff('api', 'web', 'Cart endpoints')
  chat.validate()
  chat.ask('web', { type: 'agent.clarify', handoff: 'h2', question: 'Are prices in cents or in euros?' })
  chat.ask('api', { type: 'agent.clarified', handoff: 'h2', answer: 'In **cents**, always.' })
  chat.ask('web', { type: 'agent.clarify', handoff: 'h2', question: 'And the tax?' })
  chat.handoff('security', 'api', 'Findings of the audit')
  chat.validate()
  chat.ask('api', { type: 'agent.accept', handoff: 'h3' })
  chat.handoff('tests', 'deploy', 'Smoke tests')
  chat.validate(true)
  chat.handoff('migration', 'deploy', 'Migrations 0014 to 0017, with what to do when one of them hangs')
  chat.validate()
  chat.handoff('docs', 'web', 'Texts of the checkout')
  chat.validate(true)
  chat.finish('docs')
}

function playBallots(chat: Chat, driver: Driver): void {
  const open = { needed: null, openMs: 3_600_000 }
  const ballot = {
    question: 'Which queue do we take?',
    options: ['Redis', 'NATS', 'Kafka'],
    to: 'all',
    ...open,
  }
  chat.ask('api', { type: 'agent.open-ballot', ballot })
  chat.ask('web', { type: 'agent.vote', ballot: 'v1', option: 'NATS' })
  chat.ask('tests', { type: 'agent.vote', ballot: 'v1', option: 'Redis' })
  chat.ask('security', { type: 'agent.vote', ballot: 'v1', option: 'NATS' })
  const closed = {
    question: 'Keep the old endpoint for a release?',
    options: ['yes', 'no'],
    to: '#database',
    ...open,
  }
  chat.ask('security', { type: 'agent.open-ballot', ballot: { ...closed, needed: 2 } })
  chat.ask('api', { type: 'agent.vote', ballot: 'v2', option: 'yes' })
  chat.ask('tests', { type: 'agent.vote', ballot: 'v2', option: 'yes' })
  driver.advance(4_000)
}

function playContext(chat: Chat): void {
  const risk = (
    id: string,
    title: string,
    level: 'low' | 'medium' | 'high' | 'critical',
    more: object = {},
  ) => chat.ask('security', { type: 'agent.risk', risk: { id, title, level, ...more } })
  risk('lock-time', 'Migration 0014 may hold a lock for minutes', 'critical', {
    impact: 'Orders cannot be written while it runs.',
    mitigation: 'Build the index concurrently; run it at night.',
    owner: 'migration',
  })
  risk('prices', 'Prices are floats in the old API', 'high', { impact: 'Cents get lost.', owner: 'api' })
  risk('fixtures', 'Fixtures hold real addresses', 'medium', { status: 'mitigated' })
  risk('slow-disk', 'The build disk is slow', 'low', { status: 'accepted' })
  const component = (
    task: string,
    name: string,
    status: 'planned' | 'in_progress' | 'in_review' | 'done' | 'blocked',
    change: string,
  ) =>
    chat.ask(task, {
      type: 'agent.component',
      component: { name, status, description: `Everything under ${name}.`, owners: [task], change },
    })
  component('migration', 'db/migrations', 'in_progress', 'Began with 0014')
  component('migration', 'db/migrations', 'in_review', '0014 to 0016 are written')
  component('api', 'services/cart', 'in_progress', 'Endpoints for lines')
  component('web', 'web/checkout', 'blocked', 'Waits for the prices')
  component('deploy', 'deploy/staging', 'planned', 'Nothing yet')
  const artifact = (path: string, type: 'code' | 'config' | 'document', bytes: number) => ({
    type: 'agent.publish' as const,
    artifact: { path, type, hash: path.length.toString(16).padStart(2, '0').repeat(32), bytes },
  })
  chat.ask('migration', artifact('db/migrations/0014_add_pgvector.sql', 'code', 2_048))
  chat.ask('api', artifact('services/cart/openapi.yaml', 'config', 14_400))
  chat.ask('security', artifact('docs/audit.md', 'document', 52_100))
}

function playNow(chat: Chat, driver: Driver): void {
  const schema = chat.say('migration', {
    to: 'api',
    type: 'REQUEST',
    subject: 'Schema hash',
    content: 'Which hash does your client expect? Mine is `abc123`.',
  })
  chat.read('api')
  driver.advance(9_000)
  chat.say('api', {
    to: 'sender',
    type: 'RESPONSE',
    correlation: `m${schema}`,
    content: '`abc123`, the same.',
  })
  chat.read('migration')
  chat.say('tests', {
    to: '#database',
    type: 'UPDATE',
    kind: 'phase_report',
    subject: 'Integration tests',
    content: REPORT,
    payload: JSON.stringify({
      phase: 'integration',
      passed: 211,
      failed: 2,
      files: ['cart.test.ts', 'orders.test.ts'],
    }),
    artifacts: [{ path: 'out/junit.xml', type: 'document', hash: 'cd'.repeat(32), bytes: 81_920 }],
    dependencies: [{ agent: 'api', artifact: 'services/cart/openapi.yaml', status: 'required' }],
    tags: ['integration', 'cart'],
    beadsTaskId: 'bd-42',
  })
  chat.read('security')
  chat.read('api', false)
  driver.advance(20_000)
  chat.say('web', {
    to: 'help',
    type: 'REQUEST',
    kind: 'request_help',
    skills: ['tax'],
    subject: 'Tax',
    content: 'Who knows how tax is rounded?',
  })
  chat.say('deploy', {
    to: 'person',
    type: 'ALERT',
    kind: 'emergency',
    priority: 0,
    subject: 'Staging is down',
    content: 'The load balancer answers **503** since 10:41.',
  })
  driver.advance(5_000)
  chat.say('migration', {
    to: 'person',
    type: 'REQUEST',
    kind: 'question',
    subject: 'Rewrite the documents table?',
    content:
      'Migration `0014` rewrites **1.2 M rows**. A backup from 14:01 will be ready.\n\n- now: about 4 minutes of lock\n- tonight: no lock for users',
    options: ['now', 'tonight'],
  })
  chat.say('security', {
    to: 'person',
    type: 'REQUEST',
    kind: 'question',
    subject: 'Which account may deploy?',
    content: 'Name the account that may deploy to production.',
  })
  chat.person({
    to: 'all',
    type: 'UPDATE',
    subject: 'Freeze',
    content: 'Nothing goes to **main** before 16:00, please.',
  })
  chat.read('web')
  chat.say('api', {
    to: 'web',
    type: 'UPDATE',
    subject: 'A long log',
    content: `What the server said:\n\n\`\`\`\n${'GET /cart 200 12 ms\n'.repeat(120)}\`\`\``,
  })
  chat.ask('migration', { type: 'agent.progress', percent: 64, text: 'writing 0016' })
  chat.ask('api', { type: 'agent.progress', percent: 30, text: 'endpoints for lines' })
  chat.ask('migration', { type: 'agent.check', step: 'register' })
  chat.ask('migration', { type: 'agent.check', step: 'read_framework' })
}

const REPORT = `## Integration tests

211 passed, **2 failed** in 3 m 40 s. See [the report](https://example.org/report).

1. \`cart.test.ts\`: a line is counted twice
2. \`orders.test.ts\`: times out after 30 s

\`\`\`ts
expect(total(cart)).toBe(1_999)
\`\`\`

> Both fail on the old schema, too.`
