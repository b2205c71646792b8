import type { ActionSpec } from '../targets/actions.ts'
import type { ActionPlan, Facts, Step, StepContext } from '../targets/step.ts'
import { type Hold, type PointTools, step, targetOf } from './tools.ts'

const MINUTE_MS = 60_000

/** What of a target can be held; in words why it cannot. */
export function holdOf(tools: PointTools, spec: ActionSpec): Hold | string {
  const target = targetOf(spec)
  return target === null ? 'there is nothing to hold' : tools.placeOf(spec.project, target).hold
}

/**
 * An action of a rollback whose target may be held: where it fails, nobody waits for what does not come. Requests go to
 * what answered before where its data are untouched, and are refused at once where they are not. Tried again, the
 * action holds the target anew.
 */
export function guarded(
  tools: PointTools,
  spec: ActionSpec,
  plan: ActionPlan,
  first?: (context: StepContext) => Promise<void>,
): ActionPlan {
  const { name } = spec.action.target
  return {
    steps: [guardStep(tools, spec, first), ...plan.steps],
    done: plan.done,
    failed: (facts, failure) => {
      if (failure.past || facts.held !== 'true') return plan.failed(facts, failure)
      return heldStill(name, failure.words, facts)
    },
  }
}

/** What became of a hold: `answersAgain` and `end` are noted when it is let go. */
export function heldStill(name: string, words: string, { answersAgain, end }: Facts): Facts {
  if (answersAgain !== undefined) return opened(words, answersAgain)
  const how =
    end === 'refusing'
      ? `Until it is put right, requests to ${name} are refused (503).`
      : `${name} is held: requests wait, and are refused (503) after ten minutes. What answered before is started as soon as it can be.`
  return {
    state: 'half',
    reason: `${words} ${how} Retry the step, or go back with amphi rollback --target ${name}.`,
  }
}

export function opened(words: string, version: string): Facts {
  return { state: 'unverified', reason: `Nothing was changed, ${version} answers again. ${words}` }
}

function guardStep(
  tools: PointTools,
  spec: ActionSpec,
  first: (context: StepContext) => Promise<void> = () => Promise.resolve(),
): Step {
  return step({
    key: 'guard',
    title: 'Look whether it is held',
    limitMs: 10 * MINUTE_MS,
    perform: async (context) => {
      await first(context)
      return undefined
    },
    // It looks itself whether anything is held: how far `first` came nobody knows.
    undo: async ({ signal, note, say }) => {
      const hold = holdOf(tools, spec)
      if (typeof hold === 'string' || (await hold.look()) === null) return
      note({ held: 'true' })
      const end = await hold.letGo(signal)
      note(end.is === 'opened' ? { answersAgain: end.version } : { end: end.is })
      say(end.is === 'opened' ? `${end.version} answers again` : 'requests are refused')
    },
  })
}
