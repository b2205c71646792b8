import { randomBytes } from 'node:crypto'
import type Docker from 'dockerode'
import type { NetworkPolicy } from '../../domain/project.ts'
import type { RunScope } from '../../engine/ports/runner.ts'
import { call, statusOf } from './client.ts'
import { digest, LABELS, runLabels, withLabels } from './labels.ts'

type NetworkKind = 'inside' | 'outside'

/**
 * The networks of runs: `inside` has no way out, `outside` is a bridge of the run's own that has one. They are made
 * when the first agent needs them, because Docker's address ranges are few (31 by default) and many runs need none.
 */
export interface RunNetworks {
  /** Ids of the networks an agent of this policy is on; the first is the one it is created with. */
  idsFor(policy: NetworkPolicy, run: RunScope): Promise<readonly string[]>
  /** Forgets what is remembered of a run, as when Docker says that its network does not exist. */
  forget(run: RunScope): void
  /** Removes the run's networks; leaves them while any container of the run exists. */
  release(run: RunScope): Promise<void>
}

export function createRunNetworks(docker: Docker, install: string): RunNetworks {
  /** One promise a network, so that agents starting together make it once. */
  const made = new Map<string, Promise<string>>()

  const ensure = (kind: NetworkKind, run: RunScope): Promise<string> => {
    const key = `${kind} ${run.run}`
    const known = made.get(key)
    if (known !== undefined) return known
    const making = ensureNetwork(docker, install, kind, run)
    made.set(key, making)
    making.catch(() => made.delete(key))
    return making
  }
  const forget = (run: RunScope): void => {
    for (const kind of ['inside', 'outside']) made.delete(`${kind} ${run.run}`)
  }

  return {
    forget,
    idsFor: async (policy, run) => {
      if (policy === 'none') return []
      if (policy === 'run') return [await ensure('inside', run)]
      return await Promise.all([ensure('outside', run), ensure('inside', run)])
    },
    release: async (run) => {
      forget(run)
      const filters = withLabels(runLabels(install, run))
      const agents = await call((abortSignal) => docker.listContainers({ all: true, filters, abortSignal }))
      if (agents.length > 0) return
      const networks = await call((abortSignal) => docker.listNetworks({ filters, abortSignal }))
      await Promise.all(networks.map((network) => removeNetwork(docker, network.Id)))
    },
  }
}

/**
 * Names do not protect, not even with `CheckDuplicate`: made at the same moment, Docker lets two networks share one
 * and then calls it ambiguous. So names are unique, labels are looked for, and of two made at once the older stays.
 */
async function ensureNetwork(
  docker: Docker,
  install: string,
  kind: NetworkKind,
  run: RunScope,
): Promise<string> {
  const labels = { ...runLabels(install, run), [LABELS.network]: kind }
  const there = await find(docker, labels)
  if (there[0] !== undefined) return there[0]
  const options: Docker.NetworkCreateOptions = {
    Name: `amphi-${kind}-${digest(`${install}\n${run.run}`).slice(0, 12)}-${randomBytes(4).toString('hex')}`,
    Driver: 'bridge',
    Internal: kind === 'inside',
    // Docker keeps an internal network from the world, not from the host. Without an address on the bridge the
    // host cannot be reached either.
    Options: kind === 'inside' ? { 'com.docker.network.bridge.inhibit_ipv4': 'true' } : {},
    Labels: labels,
  }
  await call((abortSignal) => docker.createNetwork({ ...options, abortSignal }))
  const [oldest, ...doubles] = await find(docker, labels)
  if (oldest === undefined) throw new Error(`network ${options.Name} is not there after it was made`)
  await Promise.all(doubles.map((id) => removeNetwork(docker, id)))
  return oldest
}

/** Ids, the oldest first, so that everyone who looks agrees. */
async function find(docker: Docker, labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const filters = withLabels(labels)
  const found = await call((abortSignal) => docker.listNetworks({ filters, abortSignal }))
  return found
    .toSorted((a, b) => (a.Created ?? '').localeCompare(b.Created ?? '') || a.Id.localeCompare(b.Id))
    .map((network) => network.Id)
}

/** Gone already is fine; in use (403) is left alone. */
async function removeNetwork(docker: Docker, id: string): Promise<void> {
  try {
    await call((abortSignal) => docker.getNetwork(id).remove({ abortSignal }))
  } catch (error) {
    const status = statusOf(error)
    if (status !== 404 && status !== 403) throw error
  }
}
