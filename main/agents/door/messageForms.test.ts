import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageDraftSchema } from '../../domain/talk/message.ts'
import { draftOf, type Speaker } from './messageForms.ts'

const DEPLOYER: Speaker = {
  isSelf: (name) => ['DatabaseArchitect', 'devops-engineer', 'agent-002'].includes(name),
  isKnown: (reference) => reference === 'known-id',
}

function draft(args: unknown): Readonly<Record<string, unknown>> {
  const form = draftOf(args, DEPLOYER)
  if (!form.ok) throw new Error(form.reason)
  return messageDraftSchema.strict().parse(form.draft)
}

/** What every draft of the flat form has where nothing is said. */
const NOTHING = {
  kind: null,
  priority: 2,
  subject: '',
  content: '',
  payload: null,
  artifacts: [],
  dependencies: [],
  correlation: null,
  thread: null,
  tags: [],
  beadsTaskId: null,
  ref: null,
  skills: [],
  options: [],
}

test('the flat form stays as it is; priorities, types and numbers may be said otherwise', () => {
  const said = {
    to: 'b',
    type: 'response',
    priority: 'P0',
    correlation: 12,
    payload: { a: 1 },
    artifacts: ['a.md'],
  }
  expect(draft(said)).toEqual({
    ...NOTHING,
    to: 'b',
    type: 'RESPONSE',
    priority: 0,
    correlation: '12',
    payload: '{"a":1}',
    artifacts: [{ path: 'a.md', type: 'document', hash: null, bytes: null }],
  })
})

test('the devops framework’s own example', () => {
  const example = {
    from: 'DatabaseArchitect',
    to: 'DeployCommander',
    type: 'task_complete',
    payload: { migration: 'add_pgvector_extension', status: 'success', newSchemaHash: 'abc123' },
    beadsTaskId: 'ved-9d0',
  }
  expect(draft(example)).toEqual({
    ...NOTHING,
    to: 'DeployCommander',
    type: 'UPDATE',
    kind: 'task_complete',
    subject: 'task complete',
    payload: JSON.stringify(example.payload),
    beadsTaskId: 'ved-9d0',
  })
})

test.each([
  ['emergency', 'ALERT', 0, 'all'],
  ['error', 'ALERT', 1, 'person'],
  ['task_complete', 'UPDATE', 2, 'agent.results'],
  ['request_help', 'REQUEST', 1, 'help'],
  ['status_update', 'UPDATE', 3, 'agent.results'],
])('%s is %s of priority %i, to %s where nobody is named', (type, meant, priority, to) => {
  expect(draft({ type, payload: 'words' })).toEqual({
    ...NOTHING,
    to,
    type: meant,
    kind: type,
    priority,
    subject: type.replaceAll('_', ' '),
    content: 'words',
    payload: '"words"',
  })
  expect(draft({ type, to: 'broadcast', payload: null })).toMatchObject({ to: 'broadcast', payload: null })
})

test('help is asked of somebody with the skills; a payload brings subject and words along', () => {
  const payload = { title: 'TLS', message: 'it fails', skills: ['openssl'] }
  expect(draft({ type: 'request_help', payload, priority: 'P0' })).toMatchObject({
    to: 'help',
    subject: 'TLS',
    content: 'it fails',
    skills: ['openssl'],
    priority: 0,
  })
})

test('the coordination framework’s header, body and metadata', () => {
  const id = '6d1f8c62-1b1e-4b1e-9a53-0a7c1d1b9f00'
  const message = {
    header: {
      id,
      from: 'agent-002',
      to: 'ALL',
      timestamp: '2024-01-16T00:00:00Z',
      priority: 'P1',
      type: 'REQUEST',
    },
    body: {
      subject: 'VPC',
      content: '**which CIDR?**',
      artifacts: [
        { path: 'vpc.tf', type: 'code' },
        { path: 'README.md', type: 'doc' },
      ],
      dependencies: [{ agent: 'agent-003', artifact: 'module', status: 'required' }],
    },
    metadata: { correlation_id: 'c-1', thread_id: 't-1', tags: ['net'] },
  }
  expect(draft(message)).toEqual({
    ...NOTHING,
    to: 'ALL',
    type: 'REQUEST',
    priority: 1,
    subject: 'VPC',
    content: '**which CIDR?**',
    artifacts: [
      { path: 'vpc.tf', type: 'code', hash: null, bytes: null },
      { path: 'README.md', type: 'document', hash: null, bytes: null },
    ],
    dependencies: [{ agent: 'agent-003', artifact: 'module', status: 'required' }],
    ref: 'c-1',
    thread: 't-1',
    tags: ['net'],
  })
  const answer = { header: { id, to: 'agent-003', type: 'RESPONSE' }, metadata: { correlation_id: 'c-2' } }
  expect(draft(answer)).toMatchObject({ ref: id, correlation: 'c-2' })
  const more = { header: { id, to: 'agent-003', type: 'UPDATE' }, metadata: { correlation_id: 'known-id' } }
  expect(draft(more)).toMatchObject({ ref: id, correlation: 'known-id' })
})

test('the fusion kit’s report at the end of a phase', () => {
  const report = {
    agent: 'devops-engineer',
    phase: 'phase_8_complete',
    infrastructure: {
      docker_compose: 'valid',
      dockerfiles: 'built',
      documentation: 'complete',
      deployment_ready: true,
    },
    checkpoint_validated: true,
  }
  const { agent: _, ...payload } = report
  expect(draft(report)).toEqual({
    ...NOTHING,
    to: 'agent.results',
    type: 'UPDATE',
    kind: 'phase_report',
    subject: 'phase_8_complete (checkpoint validated)',
    payload: JSON.stringify(payload),
  })
})

test.each([
  ['flat', { from: 'BuildMaster', to: 'b', type: 'UPDATE' }],
  ['devops', { from: 'BuildMaster', to: 'b', type: 'error', payload: 1 }],
  ['sections', { header: { from: 'agent-009', to: 'b', type: 'UPDATE' }, body: {} }],
  ['phase report', { agent: 'BuildMaster', phase: 'p', checkpoint_validated: true }],
  ['no name at all', { from: { evil: true }, to: 'b', type: 'UPDATE' }],
])('nobody speaks for somebody else: %s', (_, args) => {
  expect(draftOf(args, DEPLOYER)).toMatchObject({ ok: false, code: 'not-allowed' })
})

test.each([
  ['no object', 'hello', 'JSON object'],
  ['a list', [], 'JSON object'],
  ['a body that is a text', { header: {}, body: 'x' }, 'body'],
  ['a field nobody knows', { header: { too: 'b' } }, 'header.too'],
  ['a phase that is a number', { agent: 'devops-engineer', phase: 8 }, 'phase'],
])('%s is refused with its place', (_, args, place) => {
  expect(draftOf(args, DEPLOYER)).toMatchObject({ ok: false, reason: expect.stringContaining(place) })
})

test('fields with the names of forms or prototypes are only fields', () => {
  const args = JSON.parse(
    '{"ok":true,"draft":{"from":"x"},"__proto__":{"to":"c"},"to":"b","type":"UPDATE"}',
  ) as unknown
  const form = draftOf(args, DEPLOYER)
  expect(form.ok && messageDraftSchema.strict().safeParse(form.draft).success).toBe(false)
})

test('whatever is sent, there is a draft for the schema to judge, or a reason', () => {
  const key = fc.constantFrom(
    'header',
    'body',
    'metadata',
    'type',
    'payload',
    'agent',
    'phase',
    'from',
    'to',
    'tags',
  )
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('error', 'emergency', 'P0', 'devops-engineer'))
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(key, value)), (args) => {
      const form = draftOf(args, DEPLOYER)
      if (form.ok) messageDraftSchema.strict().safeParse(form.draft)
      else expect(form.reason).not.toBe('')
    }),
  )
})
