import type { ActionKind, TargetPlace } from '../domain/targets/target.ts'
import type { Planner } from './actions.ts'
import { StepError } from './step.ts'

export type Planners = Readonly<Partial<Record<ActionKind, Planner>>>
/** Of each kind of place; `any` for what is done the same way everywhere. */
export type PlannersByPlace = Readonly<Partial<Record<TargetPlace['kind'] | 'any', Planners>>>

/** The plan of any action: of its kind and place, or one that says that there is none. */
export function plannerOf(places: PlannersByPlace): Planner {
  return (spec) => {
    const { action, target } = spec.action
    const plan = places[target.place.kind]?.[action.do] ?? places.any?.[action.do]
    if (plan !== undefined) return plan(spec)
    const words = `This program cannot ${action.do} at ${target.name}, a ${target.place.kind} target.`
    const step = {
      key: 'refuse',
      title: `Look how to ${action.do} at ${target.name}`,
      limitMs: 1_000,
      perform: () => Promise.reject(new StepError(words, 'Leave it out of the plan.')),
    }
    return { steps: [step], done: () => ({}), failed: () => ({}) }
  }
}
