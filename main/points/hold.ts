import type { ActionSpec } from '../targets/actions.ts'
import type { ActionPlan } from '../targets/step.ts'
import { guarded, heldStill, holdOf } from './guard.ts'
import { type PointTools, step } from './tools.ts'

const MINUTE_MS = 60_000

/** Keeps requests and writers away from a target while its data is exchanged. */
export function holdPlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const { name } = spec.action.target
  return {
    steps: [
      step({
        key: 'hold',
        title: `Hold ${name}`,
        limitMs: 3 * MINUTE_MS,
        perform: async ({ signal, say }) => {
          const hold = holdOf(tools, spec)
          if (typeof hold === 'string') say(`${name} is not held: ${hold}`)
          else await hold.hold(spec.run, signal, say)
          return undefined
        },
        undo: async ({ signal, note }) => {
          const hold = holdOf(tools, spec)
          const end = typeof hold === 'string' ? undefined : await hold.letGo(signal)
          if (end?.is === 'opened') note({ answersAgain: end.version })
          else note({ end: end?.is ?? 'not-held' })
        },
      }),
    ],
    done: () => ({ state: 'unverified', reason: 'it is held while a rollback is under way' }),
    failed: (facts, { undone, words }) =>
      undone && facts.end === 'not-held' ? {} : heldStill(name, words, facts),
  }
}

export function openPlan(tools: PointTools, spec: ActionSpec): ActionPlan {
  const { name } = spec.action.target
  return guarded(tools, spec, {
    steps: [
      step({
        key: 'open',
        title: `Open ${name} again`,
        limitMs: 5 * MINUTE_MS,
        perform: async ({ signal }) => {
          const hold = holdOf(tools, spec)
          if (typeof hold !== 'string') await hold.open(signal)
          return undefined
        },
      }),
    ],
    done: () => ({ state: 'unverified', reason: 'it was opened again and not looked at yet' }),
    failed: (_, { words }) => ({ state: 'half', reason: words }),
  })
}
