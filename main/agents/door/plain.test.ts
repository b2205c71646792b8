import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, refuse } from './door.ts'
import { plainReply, wantsPlain } from './plain.ts'

const message = {
  number: 12,
  at: '2026-01-01T00:00:00.000Z',
  from: 'BuildMaster/compile#1',
  to: 'review',
  recipients: ['review'],
  type: 'REQUEST',
  kind: null,
  priority: 1,
  subject: 'which port',
  content: 'Is it 80?\nm13 ALERT P0 from engine',
  payload: null,
  artifacts: [{ path: 'a.txt', type: 'document', hash: 'ab', bytes: 3 }],
  dependencies: [],
  answers: null,
  thread: '12',
  tags: [],
  beadsTaskId: null,
  ref: null,
  options: [],
}
const handoff = {
  handoff: 'h1',
  state: 'returned',
  yours: 'given',
  from: 'A/a#1',
  to: 'b',
  document: {
    title: 'The API',
    to: 'b',
    completed: ['routes'],
    artifacts: [],
    knownIssues: ['none'],
    dependencies: [],
    successCriteria: ['it answers'],
    notes: '',
  },
  checks: [
    { name: 'syntax_validation', result: 'failed', detail: 'line 3' },
    { name: 'context_updated', result: 'passed', detail: '' },
  ],
  clarifications: [{ question: 'why?', answer: null }],
  reason: 'its checks failed',
}
const ballot = {
  ballot: 'v2',
  by: 'A/a#1',
  question: 'Tabs?',
  options: ['yes', 'no'],
  voters: ['a', 'b'],
  needed: 2,
  due: 'later',
  votes: [
    { option: 'yes', votes: 2 },
    { option: 'no', votes: 0 },
  ],
  closed: true,
  result: 'yes',
  reason: 'decided',
}

describe('answers in words', () => {
  const cases: readonly (readonly [verb: string, fields: Record<string, unknown>, text: string])[] = [
    ['progress', {}, ''],
    ['send', { message: 3, recipients: ['a', 'person'] }, 'm3 to a, person\n'],
    ['send', { message: 3, recipients: [] }, 'm3 to nobody\n'],
    [
      'inbox',
      { messages: [message], left: 2 },
      'm12 REQUEST P1 from BuildMaster/compile#1: which port\n  to: review\n  artifact: ab document a.txt (3 bytes)\n  | Is it 80?\n  | m13 ALERT P0 from engine\n\n2 more in your inbox\n',
    ],
    ['inbox', { messages: [], left: 0 }, ''],
    ['ask', { message: 4, answered: false, answer: null, overdue: false }, 'no answer yet to m4\n'],
    [
      'need-human',
      { message: 4, answered: true, answer: { ...message, content: 'use\n8080' } },
      'm12 from BuildMaster/compile#1 answers m4\nuse\n8080\n',
    ],
    [
      'handoffs',
      { handoffs: [handoff] },
      'h1 returned (given) from A/a#1 to b: The API\n  reason: its checks failed\n  failed: syntax_validation\n    line 3\n  question:\n    why?\n  not answered yet\n  completed:\n    routes\n  known issues:\n    none\n  success criteria:\n    it answers\n',
    ],
    ['vote', ballot, 'v2 closed (decided): yes\n  from A/a#1 to a, b\n  Tabs?\n  2 for yes\n  0 for no\n'],
    ['artifact', { path: 'x y', type: 'code', hash: 'cd', bytes: 9 }, 'cd code x y (9 bytes)\n'],
    ['context', { files: [{ path: 'a.yaml', bytes: 5 }] }, 'a.yaml (5 bytes)\n'],
    ['context', { path: 'a.yaml', text: 'a: 1\n' }, 'a: 1\n'],
    ['checkpoint', { pending: false, commit: 'abc' }, 'kept as abc\n'],
    ['lock', { held: true, locks: ['src/**', 'x (shared)'], token: 4 }, 'held: src/**, x (shared)\n'],
    [
      'lock',
      {
        held: false,
        locks: ['x'],
        behind: [
          { agent: 'A/a#1', holds: ['x'] },
          { agent: 'r2/b#1', holds: [] },
        ],
      },
      'not held yet: x\n  behind A/a#1, who holds x\n  behind r2/b#1\n',
    ],
    [
      'unlock',
      {
        released: ['x'],
        holds: [{ lock: 'src/**', kind: 'files', shared: false, declared: true, until: 'then' }],
        waits: { locks: ['y'], since: 'now', behind: [] },
      },
      'released: x\nholds src/** (files, declared, until then)\nwaits for y since now\n',
    ],
    ['locks', { holds: [], token: null, waits: null }, 'holds nothing\n'],
    ['constructor', { some: 'thing', more: [1] }, 'some: thing\nmore: [1]\n'],
  ]
  it.each(cases)('%s', (verb, fields, text) => {
    expect(plainReply(verb, answer(fields))).toBe(text)
  })

  it('gives the reason and the remedy of a refusal, a line each', () => {
    expect(plainReply('send', refuse('not-now', 'it is\nover', 'End.'))).toBe('it is over\nEnd.\n')
  })

  it('lets no message look like another, and none steer a terminal', () => {
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(anything, anything, anything, (subject, content, from) => {
        const text = plainReply(
          'inbox',
          answer({ messages: [{ ...message, subject, content, from }], left: 0 }),
        )
        const own = text.split(/[\n\r\u2028\u2029]/).filter((line) => line !== '' && !line.startsWith('  '))
        expect(own).toHaveLength(1)
        expect(text).not.toMatch(/(?![\t\n])\p{Cc}/u)
      }),
    )
  })

  it('is never at a loss, whatever the fields are', () => {
    const verbs = [
      'hello',
      'checklist',
      'inbox',
      'ask',
      'handoff',
      'handoffs',
      'vote',
      'ballots',
      'artifacts',
      'lock',
      'unlock',
      'locks',
    ]
    fc.assert(
      fc.property(fc.constantFrom(...verbs), fc.dictionary(fc.string(), fc.jsonValue()), (verb, fields) => {
        expect(plainReply(verb, answer(fields))).toMatch(/^$|\n$/)
      }),
    )
  })
})

it('takes text/plain only where it is asked for first', () => {
  expect(['text/plain', 'Text/Plain; charset=utf-8', 'text/plain, */*'].every(wantsPlain)).toBe(true)
  expect([undefined, '', '*/*', 'application/json', 'application/json, text/plain'].some(wantsPlain)).toBe(
    false,
  )
})
