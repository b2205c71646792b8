import { expect, test } from 'vitest'
import {
  HANDOFF_STATES,
  type Handoff,
  type HandoffState,
  handoffDocumentSchema,
} from '../../../../main/domain/talk/handoff.ts'
import { boardOf, COLUMNS, STEPS, stepOnBoard, stepsOf } from './board.ts'

function handoff(id: string, state: HandoffState, since = 0): Handoff {
  const document = handoffDocumentSchema.parse({ title: id, to: 'b' })
  const rest = { checks: [], clarifications: [], reason: null, overdue: false }
  return { id, state, from: 0, attempt: 1, to: 1, document, initiatedAt: 0, since, ...rest }
}

test('every state has its column; what waits longest is on top, what is over newest first', () => {
  const board = boardOf([
    handoff('h1', 'completed', 10),
    handoff('h2', 'clarifying', 30),
    handoff('h3', 'transferred', 20),
    handoff('h4', 'withdrawn', 40),
  ])
  expect(board.transferred.map(({ id }) => id)).toEqual(['h3', 'h2'])
  expect(board.completed.map(({ id }) => id)).toEqual(['h4', 'h1'])
  for (const state of HANDOFF_STATES) {
    const one = boardOf([handoff('h', state)])
    expect(COLUMNS.flatMap((column) => one[column])).toHaveLength(1)
  }
})

test.each<[HandoffState, string]>([
  ['initiated', 'done now waiting waiting waiting'],
  ['returned', 'done stopped waiting waiting waiting'],
  ['transferred', 'done done done now waiting'],
  ['clarifying', 'done done done now waiting'],
  ['acknowledged', 'done done done done now'],
  ['completed', 'done done done done done'],
  ['withdrawn', 'done stopped stopped stopped stopped'],
])('the five steps of one that is %s', (state, looks) => {
  const steps = stepsOf(handoff('h1', state))
  expect(STEPS.map((step) => steps[step]).join(' ')).toBe(looks)
})

test('arrows walk over the cards, past empty columns', () => {
  const board = boardOf([
    handoff('h1', 'initiated'),
    handoff('h2', 'transferred', 1),
    handoff('h3', 'transferred', 2),
    handoff('h4', 'completed'),
  ])
  expect(stepOnBoard(board, undefined, 'ArrowDown')).toBe('h1')
  expect(stepOnBoard(board, 'h1', 'ArrowRight')).toBe('h2')
  expect(stepOnBoard(board, 'h2', 'ArrowDown')).toBe('h3')
  expect(stepOnBoard(board, 'h3', 'ArrowRight')).toBe('h4')
  expect(stepOnBoard(board, 'h3', 'ArrowDown')).toBeUndefined()
  expect(stepOnBoard(board, 'h1', 'ArrowLeft')).toBeUndefined()
  expect(stepOnBoard(board, 'h1', 'x')).toBeUndefined()
})
