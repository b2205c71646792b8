import type Docker from 'dockerode'
import type { ServiceSpec } from '../../domain/targets/target.ts'
import { digest, LABELS } from '../../runners/docker/labels.ts'
import { StepError } from '../step.ts'
import {
  ensureRunning,
  type Found,
  hardened,
  KEPT_UP,
  labelOf,
  lastWords,
  listParts,
  look,
  start,
} from './containers.ts'
import { ensureNetwork } from './network.ts'
import { type DockerPlace, labelsOf, nameOfPart } from './place.ts'
import { currentOrders, probe, type Upstream } from './proxy.ts'

/** The containers of a target's service: one for each release, named by the attempt that made it. */

export interface ServiceRelease {
  /** The attempt's id: a container is made for it once. */
  readonly key: string
  readonly image: string
  readonly version: string
  readonly service: ServiceSpec
  /** Beside those of the service: where its database is. */
  readonly env: Readonly<Record<string, string>>
  readonly mounts: readonly Docker.MountSettings[]
}

export const COLOURS = ['blue', 'green'] as const

export function serviceName(place: DockerPlace, key: string): string {
  return nameOfPart(place, aliasOf(key))
}

/** Its name on the target's network. */
export function aliasOf(key: string): string {
  return `release-${digest(key).slice(0, 10)}`
}

export function upstreamOf(release: Pick<ServiceRelease, 'key' | 'service'>): Upstream {
  return { host: aliasOf(release.key), port: release.service.port }
}

export async function startService(place: DockerPlace, release: ServiceRelease): Promise<Found> {
  const inside = await ensureNetwork(place, 'inside')
  const more = release.service.internet ? [await ensureNetwork(place, 'outside')] : []
  const colour = await nextColour(place, release.key)
  return ensureRunning(
    place.docker,
    serviceName(place, release.key),
    await serviceOptions(place, release, inside, colour),
    more,
  )
}

/** The one that the release which answers now does not have. */
async function nextColour(place: DockerPlace, key: string): Promise<string> {
  const now = (await answering(place)) ?? null
  if (now !== null && labelOf(now, 'release') !== key && labelOf(now, 'colour') === COLOURS[0])
    return COLOURS[1]
  return COLOURS[0]
}

async function serviceOptions(
  place: DockerPlace,
  release: ServiceRelease,
  inside: string,
  colour: string,
): Promise<Docker.ContainerCreateOptions> {
  const { service, image, version, key } = release
  const env = { HOME: '/tmp', PORT: String(service.port), ...service.env, ...release.env }
  return {
    Image: image,
    User: `${place.uid}:${place.gid}`,
    Env: Object.entries({
      ...env,
      AMPHITHEATRE_VERSION: version,
      AMPHITHEATRE_TARGET: place.target.name,
    }).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...labelsOf(place, 'service'),
      [LABELS.release]: key,
      [LABELS.colour]: colour,
      [LABELS.version]: version,
    },
    HostConfig: {
      ...hardened(service.resources, await place.cpus(), { writable: service.writable }),
      Init: true,
      RestartPolicy: KEPT_UP,
      NetworkMode: inside,
      Mounts: [...release.mounts],
    },
    NetworkingConfig: { EndpointsConfig: { [inside]: { Aliases: [aliasOf(key)] } } },
  }
}

/**
 * Healthy, or a failure that says what it answers, what it last said, and whether it runs at all. Where Docker goes away
 * meanwhile, that is what it says: what took the container along is no fault of the version.
 */
export async function untilHealthy(
  place: DockerPlace,
  name: string,
  { host, port }: Upstream,
  { health }: Pick<ServiceSpec, 'health'>,
  signal: AbortSignal,
): Promise<string> {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  const watching = exited(place, name, health.intervalMs, both)
  const asked = probe(
    place,
    {
      host,
      port,
      path: health.path,
      everyMs: health.intervalMs,
      timeoutMs: health.timeoutMs,
      withinMs: health.withinMs,
    },
    both,
  )
  try {
    const first = await Promise.race<Awaited<typeof asked> | string | undefined>([asked, watching])
    const result = first ?? (await asked)
    if (typeof result !== 'string' && result.ok) return result.words
    const how =
      typeof result === 'string' ? result : `not healthy within ${health.withinMs / 1000} s: ${result.words}`
    throw await sick(place, name, how)
  } finally {
    over.abort(new Error('it is known'))
    asked.catch(() => undefined)
    watching.catch(() => undefined)
  }
}

async function sick(place: DockerPlace, name: string, how: string): Promise<StepError> {
  const words = await lastWords(place.docker, name)
  const said = words === '' ? '' : ` It last said: ${words}`
  const remedy = 'Mend the code or the health path of the target, and deploy anew.'
  return new StepError(`The new version is ${how}.${said}`, remedy)
}

/**
 * In words, when it is gone or goes on being restarted. One that ends by itself is restarted by Docker, so one that does
 * not run was ended together with it, or by somebody: it is started, once; the next try of the step does so again.
 */
async function exited(
  place: DockerPlace,
  name: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const found = await look(place.docker, name)
    if (found === undefined) return 'gone'
    const { Running, ExitCode, OOMKilled } = found.State
    const memory = OOMKilled ? ' for want of memory' : ''
    if (!Running) {
      if (!isFirst) throw endedWithDocker(name)
      await start(place.docker, name)
    }
    if (found.RestartCount >= 2) return `not able to start: it ended with code ${ExitCode}${memory}`
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(100, everyMs))
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
  return undefined
}

function endedWithDocker(name: string): StepError {
  const remedy = `Look at it: docker logs ${name}`
  return new StepError(`${name} was stopped from outside, or together with Docker.`, remedy, {
    passing: true,
  })
}

/** The container requests go to now; undefined for none. */
export async function answering(place: DockerPlace): Promise<Found | undefined> {
  const { upstream } = await currentOrders(place)
  return upstream === null ? undefined : look(place.docker, nameOfPart(place, upstream.host))
}

/** All service containers, newest first. */
export async function releases(place: DockerPlace): Promise<readonly Docker.ContainerInfo[]> {
  const all = await listParts(place, 'service')
  return all.toSorted((a, b) => b.Created - a.Created)
}
