import { randomBytes } from 'node:crypto'
import { asRunnerError, call, statusOf } from '../../runners/docker/client.ts'
import { LABELS, withLabels } from '../../runners/docker/labels.ts'
import { type DockerPlace, labelsOf, nameOfPart } from './place.ts'

/**
 * A target's networks. Everything of it is on `inside`, which has no way out and where nobody outside of it reaches
 * it; `outside` has one, for the proxy (only there can a port be published) and for services that ask for it.
 */
export type NetworkKind = 'inside' | 'outside'

export async function networkOf(place: DockerPlace, kind: NetworkKind): Promise<string | undefined> {
  const filters = withLabels({ ...labelsOf(place), [LABELS.network]: kind })
  try {
    const found = await call((abortSignal) => place.docker.listNetworks({ filters, abortSignal }))
    // Two made at the same moment: the older is the one.
    return found.toSorted((a, b) => (a.Created ?? '').localeCompare(b.Created ?? ''))[0]?.Id
  } catch (error) {
    throw asRunnerError(error, `look for the network of ${place.target.name}`)
  }
}

/** Its id. Labels are looked for: to Docker a name is no protection from doubles. */
export async function ensureNetwork(place: DockerPlace, kind: NetworkKind): Promise<string> {
  const there = await networkOf(place, kind)
  if (there !== undefined) return there
  try {
    await call((abortSignal) =>
      place.docker.createNetwork({
        Name: `${nameOfPart(place, kind)}-${randomBytes(3).toString('hex')}`,
        Driver: 'bridge',
        Internal: kind === 'inside',
        // Docker keeps an internal network from the world, not from the host; without an address on the bridge the
        // host cannot be reached either.
        Options: kind === 'inside' ? { 'com.docker.network.bridge.inhibit_ipv4': 'true' } : {},
        Labels: { ...labelsOf(place), [LABELS.network]: kind },
        abortSignal,
      }),
    )
  } catch (error) {
    throw asRunnerError(error, `make a network for ${place.target.name}`)
  }
  return (await networkOf(place, kind))!
}

/** Leaves those that something is connected to. */
export async function removeNetworks(place: DockerPlace): Promise<void> {
  for (const kind of ['inside', 'outside'] as const) {
    const id = await networkOf(place, kind)
    if (id === undefined) continue
    try {
      await call((abortSignal) => place.docker.getNetwork(id).remove({ abortSignal }))
    } catch (error) {
      const status = statusOf(error)
      if (status !== 404 && status !== 403) throw asRunnerError(error, 'remove a network')
    }
  }
}
