import { setTimeout as delay } from 'node:timers/promises'
import type { Release } from '../../domain/targets/target.ts'
import type { ActionSpec, Planner, PointSteps } from '../actions.ts'
import { backOutputs, pointsOf } from '../docker/deploy.ts'
import { releaseImage } from '../docker/image.ts'
import { inspectPlan } from '../docker/inspect.ts'
import type { DockerTools } from '../docker/place.ts'
import { answers } from '../docker/verify.ts'
import type { Planners } from '../planner.ts'
import { type ActionPlan, type Facts, type Step, type StepContext, StepError } from '../step.ts'
import { takenDown, takenDownFailed } from '../takenDown.ts'
import type { Reach } from './reach.ts'

/** What is done at places that are reached by a program. The same for all of them but for how they are reached. */

const MINUTE_MS = 60_000
const EVERY_MS = 500

export type ReachOf = (spec: ActionSpec) => Reach

/** `local`: its images are those of this machine, and pinned. */
export function reachPlanners(
  tools: DockerTools,
  reachOf: ReachOf,
  points: PointSteps,
  local: boolean,
): Planners {
  const planned =
    (plan: (reach: Reach, spec: ActionSpec) => ActionPlan): Planner =>
    (spec) =>
      plan(reachOf(spec), spec)
  return {
    deploy: planned((reach, spec) => deployPlan(tools, reach, spec, points, local)),
    verify: planned(verifyPlan),
    restart: planned(restartPlan),
    inspect: (spec) => inspectPlan(undefined, spec),
    'take-down': planned((reach, spec) => takeDownPlan(reach, spec, points)),
  }
}

function deployPlan(
  tools: DockerTools,
  reach: Reach,
  spec: ActionSpec,
  points: PointSteps,
  local: boolean,
): ActionPlan {
  const { name } = reach.target
  const outputs = (facts: Facts, verified: boolean): Facts => {
    const release: Release = {
      version: facts.version ?? '',
      image: facts.image ?? null,
      detail: reach.detail(facts),
      commit: spec.action.commit,
    }
    return { release: JSON.stringify(release), verified: String(verified), ...pointsOf(facts) }
  }
  return {
    steps: [
      imageStep(tools, spec, local),
      ...points(spec, 'deploy'),
      {
        key: 'before',
        title: `Look what is at ${name}`,
        limitMs: MINUTE_MS,
        perform: (context) => reach.before(context),
      },
      {
        key: 'release',
        title: `Release at ${name}`,
        limitMs: 10 * MINUTE_MS,
        perform: async (context) => {
          const { image = '', version = '' } = context.facts
          await reach.release(context, { image, version })
          return undefined
        },
        undo: (context) => reach.back(context),
      },
      { ...verifyStep(reach), final: true },
      judgeStep,
    ],
    done: (facts) => ({ ...outputs(facts, true), state: 'healthy' }),
    failed: (facts, failure) => {
      const { words, undone, past } = failure
      if (past) return { ...outputs(facts, false), state: 'unhealthy', reason: words }
      if (undone) return { ...pointsOf(facts), ...backOutputs(failure) }
      return { ...pointsOf(facts), state: 'half', reason: words }
    },
  }
}

function imageStep(tools: DockerTools, spec: ActionSpec, local: boolean): Step {
  return {
    key: 'image',
    title: 'Settle on the image',
    limitMs: 30 * MINUTE_MS,
    perform: async (context) => {
      const { action } = spec.action
      if (action.do !== 'deploy') throw new Error('only deployments have an image')
      if (local) {
        const { id, ref, version } = await releaseImage(tools, spec, action.from, context)
        return { image: id, imageRef: ref, version }
      }
      if ('build' in action.from) {
        const words = `What is built here cannot be reached from ${spec.action.target.name}.`
        throw new StepError(words, 'Push it to a registry in a task before, and name it as the image.')
      }
      const { image } = action.from
      const tag = /:([^/:@]+)(?:@.*)?$/.exec(image)?.[1]
      return { image, imageRef: image, version: action.version === '' ? (tag ?? image) : action.version }
    },
  }
}

function verifyStep(reach: Reach): Step {
  const { verify } = reach.target
  return {
    key: 'verify',
    title: 'Verify it',
    limitMs: verify.timeoutMs + verify.settleMs + MINUTE_MS,
    perform: async (context) => {
      const words = await fault(reach, context)
      if (words === null) return { verified: 'true' }
      if (verify.onFailure === 'stay') return { verified: 'false', verifyWords: words }
      throw new StepError(
        `The new version does not verify: ${words}`,
        'It goes back to what was there before.',
      )
    },
  }
}

const judgeStep: Step = {
  key: 'judge',
  title: 'Say how it went',
  limitMs: MINUTE_MS,
  perform: ({ facts }) =>
    facts.verified === 'false'
      ? Promise.reject(
          new StepError(
            `The new version does not verify: ${facts.verifyWords ?? ''}`,
            'It was left in its place. Go back with: amphi rollback.',
          ),
        )
      : Promise.resolve(undefined),
}

/** Null when it is well, and stays so. */
async function fault(reach: Reach, context: StepContext): Promise<string | null> {
  const { paths, settleMs, timeoutMs } = reach.target.verify
  const look = async (): Promise<string | null> => {
    const words = await reach.health(context)
    if (words !== null || reach.url === null) return words
    const { ok, words: answered } = await answers(
      reach.url,
      paths.length === 0 ? ['/'] : paths,
      context.signal,
    )
    return ok ? null : answered
  }
  const until = Date.now() + timeoutMs
  let words = await look()
  while (words !== null && Date.now() + EVERY_MS < until) {
    await delay(EVERY_MS, undefined, { signal: context.signal })
    words = await look()
  }
  for (const end = Date.now() + settleMs; words === null && Date.now() < end; words = await look())
    await delay(EVERY_MS, undefined, { signal: context.signal })
  return words
}

function verifyPlan(reach: Reach): ActionPlan {
  const step = verifyStep(reach)
  return {
    steps: [step, judgeStep],
    done: () => ({ verified: 'true', state: 'healthy' }),
    failed: (_, { words }) => ({ verified: 'false', state: 'unhealthy', reason: words }),
  }
}

function restartPlan(reach: Reach): ActionPlan {
  const { restart, target } = reach
  return {
    steps: [
      {
        key: 'restart',
        title: `Restart ${target.name}`,
        limitMs: 10 * MINUTE_MS,
        perform: async (context) => {
          if (restart === null)
            throw new StepError(`${target.name} has no way to be restarted.`, 'Deploy the same version anew.')
          await restart(context)
          return undefined
        },
      },
      verifyStep(reach),
      judgeStep,
    ],
    done: () => ({ verified: 'true', state: 'healthy' }),
    failed: (_, { words, step }) =>
      step === 'restart' ? {} : { verified: 'false', state: 'unhealthy', reason: words },
  }
}

function takeDownPlan(reach: Reach, spec: ActionSpec, points: PointSteps): ActionPlan {
  const { target, takeDown } = reach
  const { action } = spec.action
  if (action.do !== 'take-down') throw new Error('only an action `take-down` takes a target down')
  const { withData } = action
  return {
    steps: [
      ...points(spec, 'hand').map((step) => ({ ...step, optional: !withData })),
      {
        key: 'take-down',
        title: `Take ${target.name} down`,
        limitMs: 10 * MINUTE_MS,
        perform: async (context) => {
          if (takeDown === null)
            throw new StepError(
              `${target.name} has no way to be taken down from here.`,
              `Give it a "take_down" command; or take it down by hand, then: amphi targets forget ${target.name} --anyway.`,
              { facts: { nothing: 'true' } },
            )
          await takeDown(context, withData)
          return undefined
        },
      },
    ],
    done: (facts) => takenDown(facts, withData),
    failed: (facts, failure) =>
      facts.nothing === 'true' ? pointsOf(facts) : takenDownFailed(target.name, facts, failure),
  }
}
