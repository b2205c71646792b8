import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Handoff, HandoffDocument } from './handoff.ts'
import { handoffMarkdown } from './handoffMarkdown.ts'
import { parseHandoff } from './handoffText.ts'

const FILLED = `# Task Handoff: VPC module

## From: agent-002
## To: agent-003
## Date: 2024-01-16T10:00:00Z

### Completed Work
- subnets
  in three zones
- routes

### Artifacts
- Path: modules/vpc/main.tf
- Type: code
- Status: final

- Path: docs/vpc.md
- Type: doc
- Status: draft
- SHA-256: ${'a'.repeat(64)}

### Known Issues
- none

### Dependencies
* the state bucket

### Success Criteria
plan shows no change

### Notes
Ask **me**.

### and this heading is a note
`

test('the framework’s template, filled in, is read', () => {
  expect(parseHandoff(FILLED)).toEqual({
    ok: true,
    from: 'agent-002',
    document: {
      title: 'VPC module',
      to: 'agent-003',
      completed: ['subnets\nin three zones', 'routes'],
      artifacts: [
        { path: 'modules/vpc/main.tf', type: 'code', status: 'final', hash: null, bytes: null },
        { path: 'docs/vpc.md', type: 'document', status: 'draft', hash: 'a'.repeat(64), bytes: null },
      ],
      knownIssues: ['none'],
      dependencies: ['the state bucket'],
      successCriteria: ['plan shows no change'],
      notes: 'Ask **me**.\n\n### and this heading is a note',
    },
  })
  expect(parseHandoff(FILLED.replaceAll('\n', '\r\n'))).toEqual(parseHandoff(FILLED))
})

test.each([
  ['', 1, 'no title'],
  ['# Something else', 1, 'no title'],
  ['# Task Handoff: x\n', 1, 'who gets it'],
  ['# Task Handoff: [Component/Feature Name]\n## To: b', 1, 'template'],
  ['# Task Handoff: x\n## To: [Agent ID]', 2, 'template'],
  ['# Task Handoff: x\n## To: b\n### Completed Work\n- [List completed items]', 4, 'template'],
  ['# Task Handoff: x\n## To: b\n### Done', 3, 'no section "Done"'],
  ['# Task Handoff: x\n## To: b\n### Notes\na\n### Notes', 5, 'twice'],
  ['# Task Handoff: x\n## To: b\n### Artifacts\n- src/a.ts', 4, 'nothing about an artifact'],
  ['# Task Handoff: x\n## To: b\n### Artifacts\n- Type: code', 4, 'before a Path'],
  ['# Task Handoff: x\n## To: b\n### Artifacts\n- Path: a\n- Type: movie', 4, 'Type'],
  [`# Task Handoff: ${'x'.repeat(300)}\n## To: b`, 1, 'title'],
  [`# Task Handoff: x\n## To: b\n### Known Issues\n- ${'x'.repeat(3_000)}`, 3, 'knownIssues'],
])('what is wrong is told with its line: %#', (text, line, reason) => {
  expect(parseHandoff(text)).toMatchObject({ ok: false, line, reason: expect.stringContaining(reason) })
})

const words = fc
  .array(fc.constantFrom('a', 'route', 'to', '9', 'done.', 'x/y'), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(' '))
const lines = fc.array(words, { minLength: 1, maxLength: 3 })
const anyDocument: fc.Arbitrary<HandoffDocument> = fc.record({
  title: words,
  to: fc.constant('b'),
  completed: lines,
  artifacts: fc.array(
    fc.record({
      path: words,
      type: fc.constantFrom('code' as const, 'config' as const, 'document' as const),
      status: fc.constantFrom('final' as const, 'draft' as const),
      hash: fc.constantFrom(null, 'f'.repeat(64)),
      bytes: fc.constant(null),
    }),
    { maxLength: 3 },
  ),
  knownIssues: lines,
  dependencies: lines,
  successCriteria: lines,
  notes: fc.oneof(fc.constant(''), words),
})

test('what is written is read again', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const handoff = { document, from: 0, to: 1, initiatedAt: 0 } as Handoff
      const parsed = parseHandoff(handoffMarkdown(handoff, (task) => ['a', 'b'][task]!))
      expect(parsed).toEqual({ ok: true, from: 'a', document })
    }),
  )
})

test('whatever the text, there is an answer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(typeof parseHandoff(`# Task Handoff: x\n## To: b\n### ${text}`).ok).toBe('boolean')
    }),
  )
})
