import type { Handoff, HandoffState } from '../../../../main/domain/talk/handoff.ts'

/** Columns of the board, from left to right as a hand-off goes; what was withdrawn ends with what is complete. */
export const COLUMNS = ['initiated', 'returned', 'transferred', 'acknowledged', 'completed'] as const
export type ColumnId = (typeof COLUMNS)[number]

const COLUMN_OF: Readonly<Record<HandoffState, ColumnId>> = {
  initiated: 'initiated',
  returned: 'returned',
  transferred: 'transferred',
  clarifying: 'transferred',
  acknowledged: 'acknowledged',
  completed: 'completed',
  withdrawn: 'completed',
}

export type Board = Readonly<Record<ColumnId, readonly Handoff[]>>

/** In the open columns what waits longest comes first, among what is over the newest. */
export function boardOf(handoffs: readonly Handoff[]): Board {
  const board = Object.fromEntries(COLUMNS.map((column) => [column, [] as Handoff[]])) as Record<
    ColumnId,
    Handoff[]
  >
  for (const handoff of handoffs) board[COLUMN_OF[handoff.state]].push(handoff)
  for (const column of COLUMNS)
    board[column].sort((a, b) => (column === 'completed' ? b.since - a.since : a.since - b.since))
  return board
}

export function failedChecks({ checks }: Handoff): number {
  return checks.filter(({ result }) => result === 'failed').length
}

/** The framework's five steps. */
export const STEPS = ['initiation', 'validation', 'transfer', 'acknowledgement', 'completion'] as const
export type Step = (typeof STEPS)[number]
export type StepLook = 'done' | 'now' | 'waiting' | 'stopped'

const STEP_OF: Readonly<Record<HandoffState, number>> = {
  initiated: 1,
  returned: 1,
  transferred: 3,
  clarifying: 3,
  acknowledged: 4,
  completed: 5,
  withdrawn: 5,
}

/** How far each of the steps is. A hand-off that came back stands at its validation, one that was withdrawn stopped. */
export function stepsOf({ state, checks }: Handoff): Readonly<Record<Step, StepLook>> {
  const at = STEP_OF[state]
  const looks = STEPS.map((_, step): StepLook => {
    if (state === 'withdrawn') return step === 0 || (step === 1 && checks.length > 0) ? 'done' : 'stopped'
    if (step < at) return 'done'
    if (step > at) return 'waiting'
    return state === 'returned' ? 'stopped' : 'now'
  })
  return Object.fromEntries(STEPS.map((step, i) => [step, looks[i]!])) as Record<Step, StepLook>
}

/** Where an arrow key leads on the board; undefined when it leads nowhere. */
export function stepOnBoard(board: Board, id: string | undefined, key: string): string | undefined {
  const columns = COLUMNS.map((column) => board[column]).filter((cards) => cards.length > 0)
  const first = columns[0]?.[0]?.id
  const x = columns.findIndex((cards) => cards.some((card) => card.id === id))
  if (x < 0) return first
  const y = columns[x]!.findIndex((card) => card.id === id)
  const to = { ArrowUp: [x, y - 1], ArrowDown: [x, y + 1], ArrowLeft: [x - 1, y], ArrowRight: [x + 1, y] }[
    key
  ]
  if (to === undefined) return undefined
  const cards = columns[to[0]!]
  if (cards === undefined || to[1]! < 0) return undefined
  const target = key === 'ArrowLeft' || key === 'ArrowRight' ? Math.min(to[1]!, cards.length - 1) : to[1]!
  return cards[target]?.id
}
