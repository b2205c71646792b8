import type { ActionKind } from '../domain/targets/target.ts'
import type { Planner } from './actions.ts'
import { StepError } from './step.ts'

export type Planners = Readonly<Partial<Record<ActionKind, Planner>>>

/** The plan of any action: of its kind, or one that says that there is none. */
export function plannerOf(planners: Planners): Planner {
  return (spec) => {
    const { action, target } = spec.action
    const plan = planners[action.do]
    if (plan !== undefined) return plan(spec)
    const words = `This program cannot ${action.do} at ${target.name}, a ${target.place.kind} target.`
    const step = {
      key: 'refuse',
      title: `Look how to ${action.do} at ${target.name}`,
      limitMs: 1_000,
      perform: () => Promise.reject(new StepError(words, 'Use a newer version of the program.')),
    }
    return { steps: [step], done: () => ({}), failed: () => ({}) }
  }
}
