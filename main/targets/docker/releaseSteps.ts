import type { Facts, Step, StepContext } from '../step.ts'
import { StepError } from '../step.ts'
import { bringBack, look, nameOf, putAway, remove } from './containers.ts'
import { type DockerPlace, nameOfPart } from './place.ts'
import { currentOrders, drained, ensureProxy, order, proxyName, type Upstream } from './proxy.ts'
import {
  releases,
  type ServiceRelease,
  serviceName,
  startService,
  untilHealthy,
  upstreamOf,
} from './service.ts'
import { verify } from './verify.ts'

const MINUTE_MS = 60_000
/** A service that is told to end may finish what it does. */
const STOP_GRACE_S = 10
const DRAIN_MS = 10_000
const MAX_KEPT = 10
/** A version that answered before is waited for, however little patience there is with new ones. */
const BACK_WITHIN_MS = 60_000

export interface Releasing {
  /** Of this attempt; names the new container. */
  readonly key: string
  /** What is released, from the facts of the steps before. */
  readonly of: (facts: Facts) => Promise<Omit<ServiceRelease, 'key'>>
}

/**
 * Puts a release in the place of the one that answers. Up to the end of the verification nothing is given up: the
 * one before runs on (blue/green), or is started again (recreate). After it the one before is stopped and kept.
 * Leaves the facts `container` and `previous`.
 */
export function releaseSteps(place: DockerPlace, releasing: Releasing): readonly Step[] {
  const { service, strategy } = place.spec
  const within = Math.max(BACK_WITHIN_MS, service.health.withinMs) + MINUTE_MS
  const releaseOf = async (facts: Facts): Promise<ServiceRelease> => ({
    key: releasing.key,
    ...(await releasing.of(facts)),
  })
  const name = serviceName(place, releasing.key)
  const upstream = upstreamOf({ key: releasing.key, service })
  return [
    proxyStep(place, upstream),
    ...(strategy === 'recreate' ? [holdStep(place, within)] : []),
    {
      key: 'start',
      title: 'Start the new version beside the old one',
      limitMs: 2 * MINUTE_MS,
      perform: async ({ facts }) => {
        await startService(place, await releaseOf(facts))
        return { container: name }
      },
      undo: () => remove(place.docker, name),
    },
    {
      key: 'healthy',
      title: `Wait until ${service.health.path} answers`,
      limitMs: within,
      perform: async ({ signal, say }) => {
        say(await untilHealthy(place, name, upstream, service, signal))
        return undefined
      },
    },
    switchStep(place, upstream, strategy === 'recreate' ? within : 0),
    verifyStep(place),
    retireStep(place, upstream),
    tidyStep(place, name),
    judgeStep(),
  ]
}

function proxyStep(place: DockerPlace, upstream: Upstream): Step {
  return {
    key: 'proxy',
    title: `Have the proxy answer on 127.0.0.1:${place.spec.port}`,
    limitMs: 2 * MINUTE_MS,
    perform: async ({ note, facts }) => {
      // Before anything is made, so that it is known whatever happens.
      if (facts.hadProxy === undefined) {
        const had = (await look(place.docker, proxyName(place))) !== undefined
        const { upstream: previous } = await currentOrders(place)
        const other = previous !== null && previous.host !== upstream.host
        note({ hadProxy: String(had), previous: other ? JSON.stringify(previous) : '' })
      }
      await ensureProxy(place)
      return undefined
    },
    undo: async ({ facts }) => {
      if (facts.hadProxy === 'false') await remove(place.docker, proxyName(place))
    },
  }
}

export function previousOf(facts: Facts): Upstream | null {
  return facts.previous === undefined || facts.previous === ''
    ? null
    : (JSON.parse(facts.previous) as Upstream)
}

/** Requests wait while there is no version: the old one ends before the new one begins. */
function holdStep(place: DockerPlace, holdMs: number): Step {
  return {
    key: 'hold',
    title: 'Hold requests and stop the old version',
    limitMs: 2 * MINUTE_MS,
    perform: async ({ facts, signal }) => {
      const previous = previousOf(facts)
      await order(place, { upstream: null, holdMs }, signal)
      if (previous === null) return undefined
      await drained(place, previous, DRAIN_MS, signal)
      await putAway(place.docker, nameOfPart(place, previous.host), STOP_GRACE_S)
      return undefined
    },
    undo: ({ facts, signal }) => backTo(place, previousOf(facts), signal),
  }
}

/** The old version answers again, started anew where it was stopped. */
async function backTo(place: DockerPlace, previous: Upstream | null, signal: AbortSignal): Promise<void> {
  if (previous === null) {
    await order(place, { upstream: null, holdMs: 0 }, signal)
    return
  }
  const name = nameOfPart(place, previous.host)
  const found = await look(place.docker, name)
  if (found === undefined) {
    const remedy = 'Deploy anew, or go back to a rollback point: amphi rollback.'
    throw new StepError(`The container of the version before (${name}) is gone.`, remedy)
  }
  await bringBack(place.docker, name, found)
  if (!found.State.Running) {
    const { service } = place.spec
    const withinMs = Math.max(BACK_WITHIN_MS, service.health.withinMs)
    await untilHealthy(place, name, previous, { health: { ...service.health, withinMs } }, signal)
  }
  await order(place, { upstream: previous, holdMs: 0 }, signal)
}

function switchStep(place: DockerPlace, upstream: Upstream, holdMs: number): Step {
  return {
    key: 'switch',
    title: 'Send requests to the new version',
    limitMs: MINUTE_MS,
    perform: async ({ signal }) => {
      await order(place, { upstream, holdMs: 0 }, signal)
      return undefined
    },
    undo: async ({ facts, signal }) => {
      // With `recreate` the old one does not run yet: requests wait for it.
      if (holdMs > 0) await order(place, { upstream: null, holdMs }, signal)
      else await backTo(place, previousOf(facts), signal)
      await drained(place, upstream, DRAIN_MS, signal)
    },
  }
}

function verifyStep(place: DockerPlace): Step {
  const { verify: wanted } = place.target
  return {
    key: 'verify',
    title: 'Verify the new version at its address',
    limitMs: wanted.timeoutMs + wanted.settleMs + MINUTE_MS,
    final: true,
    perform: async (context: StepContext) => {
      const result = await verify(place, context)
      if (result.ok) {
        context.say(`Verified: ${result.words}`)
        return { verified: 'true' }
      }
      if (wanted.onFailure === 'stay') return { verified: 'false', verifyWords: result.words }
      throw new StepError(
        `The new version does not verify: ${result.words}`,
        'The version before answers again. Mend it and deploy anew.',
      )
    },
  }
}

/** The old one has nothing to do any more; it is kept for its rollback point. */
function retireStep(place: DockerPlace, upstream: Upstream): Step {
  return {
    key: 'retire',
    title: 'Stop the old version and keep it',
    limitMs: 2 * MINUTE_MS,
    optional: true,
    perform: async ({ facts, signal }) => {
      const previous = previousOf(facts)
      if (previous === null || previous.host === upstream.host) return undefined
      await drained(place, previous, DRAIN_MS, signal)
      await putAway(place.docker, nameOfPart(place, previous.host), STOP_GRACE_S)
      return undefined
    },
  }
}

/** Old versions are kept, stopped, as long as there are points of them; not for ever. */
function tidyStep(place: DockerPlace, name: string): Step {
  return {
    key: 'tidy',
    title: 'Remove versions that nobody goes back to',
    limitMs: 2 * MINUTE_MS,
    optional: true,
    perform: async () => {
      const keep = Math.min(MAX_KEPT, place.target.points.keep)
      const old = (await releases(place)).filter((one) => nameOf(one) !== name && one.State !== 'running')
      for (const one of old.slice(keep)) await remove(place.docker, nameOf(one))
      return undefined
    },
  }
}

function judgeStep(): Step {
  return {
    key: 'judge',
    title: 'Say how it went',
    limitMs: MINUTE_MS,
    perform: ({ facts }) => {
      if (facts.verified !== 'false') return Promise.resolve(undefined)
      const words = `The new version does not verify: ${facts.verifyWords ?? ''}`
      return Promise.reject(new StepError(words, 'It was left in its place. Go back with: amphi rollback.'))
    },
  }
}
