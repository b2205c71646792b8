import { createStore, type StoreApi } from 'zustand'
import { type Plan, planIndex } from '../../../../main/domain/plan.ts'
import type { Mark } from '../../../../main/domain/status.ts'
import { navigate } from '../../state/place.ts'
import { usePreference } from '../../state/preferences.ts'
import { isMarked, type SeatStates, URGENCY } from './seatStates.ts'
import type { Tier, TierKind } from './tiers.ts'
import { nextWhere } from './walk.ts'

/** Where a person is in the house. Tasks are indices of the plan. */
export interface HouseState {
  /** Where the keyboard stands; seats and list share it. */
  readonly active: number | undefined
  /** Under the pointer. */
  readonly hovered: number | undefined
  /** The popover was put away with Escape; the next step or hover brings it back. */
  readonly quiet: boolean
  /** The one state that is not dimmed. */
  readonly only: Mark | undefined
}

export type HouseStore = StoreApi<HouseState>

export function createHouseStore(): HouseStore {
  return createStore<HouseState>(() => ({
    active: undefined,
    hovered: undefined,
    quiet: false,
    only: undefined,
  }))
}

/** What makes a tier: what was chosen last, for whichever run, where this one has it. */
export function useTierKind(possible: readonly TierKind[]): TierKind {
  const chosen = usePreference('tiers')
  return possible.find((kind) => kind === chosen) ?? 'phase'
}

/** What every part of the house of one run is given; the object stays while tiers stay. */
export interface HouseParts {
  readonly plan: Plan
  readonly kind: TierKind
  readonly tiers: readonly Tier[]
  /** All tasks in the order of the seats. */
  readonly order: readonly number[]
  readonly states: SeatStates
  readonly store: HouseStore
}

/** Names the run too: the house shows the one that matters most when none is named, and that may change. */
export function select({ plan, states }: HouseParts, task: number): void {
  navigate({ run: states.run.id, task: plan.tasks[task]!.id })
}

export function openTerminal({ plan, states }: HouseParts, task: number): void {
  navigate({ view: 'agents', run: states.run.id, task: plan.tasks[task]!.id })
}

/** The task that matters most, the first of them where several do. */
export function leadOf(states: SeatStates, tasks: readonly number[]): number {
  const urgency = (task: number): number => URGENCY.findIndex((mark) => isMarked(states.look(task), mark))
  return [...tasks].sort((a, b) => urgency(a) - urgency(b))[0]!
}

/** After the one the keyboard stands on, what needs a person, else what clashes; undefined when nothing does. */
export function nextNeedingYou({ order, states, store }: HouseParts): number | undefined {
  const from = order.indexOf(store.getState().active ?? -1)
  for (const mark of ['needs-you', 'conflict'] as const) {
    const at = nextWhere(order.length, from, (n) => isMarked(states.look(order[n]!), mark))
    if (at !== undefined) return order[at]
  }
  return undefined
}

/** Where the keyboard begins: what is selected, else what needs a person, else what works, else the first. */
export function startOf(parts: HouseParts, selected: string | undefined): number {
  const { order, states, plan } = parts
  const known = selected === undefined ? undefined : planIndex(plan).byId.get(selected as never)
  return known ?? leadAmong(states, order) ?? order[0] ?? 0
}

function leadAmong(states: SeatStates, order: readonly number[]): number | undefined {
  return (
    order.find((task) => isMarked(states.look(task), 'needs-you')) ??
    order.find((task) => states.look(task).mark === 'running')
  )
}
