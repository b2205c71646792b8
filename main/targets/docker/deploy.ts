import type { Release } from '../../domain/targets/target.ts'
import type { ActionSpec, PointSteps } from '../actions.ts'
import type { ActionFailure, ActionPlan, Facts, Step } from '../step.ts'
import { databaseSteps, databaseWiring } from './databaseSteps.ts'
import { releaseImage, unkeepImage } from './image.ts'
import { ensureNetwork, removeNetworks } from './network.ts'
import type { DockerPlace } from './place.ts'
import { releaseSteps } from './releaseSteps.ts'

const MINUTE_MS = 60_000

/** Brings a new version to a target of this machine's Docker. */
export function deployPlan(place: DockerPlace, spec: ActionSpec, points: PointSteps): ActionPlan {
  return {
    steps: [
      imageStep(place, spec),
      ...points(spec, 'deploy'),
      networkStep(place),
      ...databaseSteps(place),
      ...releaseSteps(place, {
        key: spec.attempt,
        of: async (facts) => ({
          image: facts.image!,
          version: facts.version!,
          service: place.spec.service,
          ...(await databaseWiring(place)),
        }),
      }),
    ],
    done: (facts) => ({ ...released(place, spec, facts, true), state: 'healthy' }),
    failed: (facts, failure) => failedOutputs(place, spec, facts, failure),
  }
}

function imageStep(place: DockerPlace, spec: ActionSpec): Step {
  const { action } = spec.action
  return {
    key: 'image',
    title: 'Find or build the image',
    limitMs: 30 * MINUTE_MS,
    perform: async (context) => {
      if (action.do !== 'deploy') throw new Error('only deployments have an image')
      const image = await releaseImage(place, spec, action.from, context)
      context.say(`${image.ref} is ${image.id}`)
      return { image: image.id, imageRef: image.ref, version: image.version }
    },
    undo: async ({ facts }) => {
      const known = spec.action.known?.history.some(({ release }) => release.image === facts.image) === true
      if (facts.image !== undefined && !known) await unkeepImage(place.docker, facts.image)
    },
  }
}

export function networkStep(place: DockerPlace): Step {
  return {
    key: 'network',
    title: 'Prepare the network',
    limitMs: MINUTE_MS,
    perform: async () => {
      await ensureNetwork(place, 'inside')
      return undefined
    },
    // What others are connected to stays.
    undo: () => removeNetworks(place),
  }
}

export function released(
  place: DockerPlace,
  spec: ActionSpec,
  facts: Facts,
  verified: boolean,
): Record<string, string> {
  const release: Release = {
    version: facts.version ?? '',
    image: facts.image ?? null,
    detail: {
      container: facts.container ?? '',
      key: spec.attempt,
      imageRef: facts.imageRef ?? '',
      service: JSON.stringify(place.spec.service),
    },
    commit: spec.action.commit,
  }
  return { release: JSON.stringify(release), verified: String(verified), ...pointsOf(facts) }
}

/** It did not verify, and what was there before is there again; nothing where it did not come so far. */
export function backOutputs({ step, words, undone }: ActionFailure): Record<string, string> {
  return undone && step === 'verify' ? { verified: 'false', back: 'true', reason: words } : {}
}

/** What the steps that made a rollback point left. */
export function pointsOf(facts: Facts): Record<string, string> {
  const { point, before } = facts
  return { ...(point === undefined ? {} : { point }), ...(before === undefined ? {} : { before }) }
}

function failedOutputs(place: DockerPlace, spec: ActionSpec, facts: Facts, failure: ActionFailure): Facts {
  const name = place.target.name
  const { words, undone, past } = failure
  if (past) return { ...released(place, spec, facts, false), state: 'unhealthy', reason: words }
  if (undone) return { ...pointsOf(facts), ...backOutputs(failure) }
  const next = `Look with: amphi targets show ${name}. Deploy anew, or go back with: amphi rollback.`
  return { ...pointsOf(facts), state: 'half', reason: `${words} ${next}` }
}
