import type { Plan } from '../plan.ts'
import type { Run } from '../state.ts'
import type { GatePlace } from './gateRecord.ts'
import { type GateView, gateViews } from './gateViews.ts'

/**
 * What addresses and notifications call the place of a gate: `gate:phase:0` at the end of a phase, `gate:before:ship`,
 * `gate:after:build`. It stays the same from attempt to attempt.
 */
export function gatePlaceKey(plan: Plan, at: GatePlace): string {
  switch (at.kind) {
    case 'phase':
      return `gate:phase:${at.phase}`
    case 'deploy':
      return `gate:before:${plan.tasks[at.task]!.id}`
    case 'task':
      return `gate:after:${plan.tasks[at.task]!.id}`
  }
}

/** The place of the gate with this id (`g3`), as attention items name it; undefined where the run has none. */
export function placeKeyOf(run: Run, id: string): string | undefined {
  const record = run.gates?.records.find((one) => one.id === id)
  return record && gatePlaceKey(run.plan, record.at)
}

/** Everything that stands at one place, as it stands now: of a task asked about again and again the last attempt. */
export interface GatesAtPlace {
  readonly key: string
  readonly at: GatePlace
  readonly views: readonly GateView[]
}

/** The places of a run with gates, in the order of their phases; at the end of a phase comes after its tasks. */
export function gatePlaces(run: Run): readonly GatesAtPlace[] {
  const places = new Map<string, GatesAtPlace>()
  for (const view of gateViews(run)) {
    const key = gatePlaceKey(run.plan, view.at)
    const known = places.get(key)
    const isNewer = known !== undefined && attemptOf(view.at) > attemptOf(known.at)
    const views = known === undefined || isNewer ? [view] : [...known.views, view]
    const at = isNewer || known === undefined ? view.at : known.at
    if (known === undefined || attemptOf(view.at) >= attemptOf(known.at)) places.set(key, { key, at, views })
  }
  return [...places.values()].sort((a, b) => rank(run.plan, a.at) - rank(run.plan, b.at))
}

function attemptOf(at: GatePlace): number {
  return at.kind === 'task' ? at.attempt : 0
}

function rank(plan: Plan, at: GatePlace): number {
  const tasks = plan.tasks.length + 1
  return at.kind === 'phase' ? (at.phase + 1) * tasks - 1 : plan.tasks[at.task]!.phase * tasks + at.task
}
