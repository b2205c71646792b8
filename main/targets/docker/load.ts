import type { TargetLoad } from '../../domain/health/targetLoad.ts'
import { asRunnerError, call } from '../../runners/docker/client.ts'
import { readUsage } from '../../runners/docker/usage.ts'
import type { Found } from './containers.ts'
import type { DockerPlace } from './place.ts'
import { trafficOf } from './proxy.ts'
import { answering } from './service.ts'

/** What Docker measures of the container that answers, and what the proxy before it counted; null with none. */
export async function measureLoad(place: DockerPlace): Promise<TargetLoad | null> {
  const found = await answering(place)
  if (found === undefined) return null
  const [memoryBytes, traffic] = await Promise.all([memoryOf(place, found), trafficOf(place)])
  const limit = found.HostConfig.Memory ?? 0
  return {
    of: found.Id,
    memoryBytes,
    memoryLimit: limit > 0 ? limit : null,
    restarts: found.RestartCount,
    traffic: traffic ?? null,
  }
}

async function memoryOf(place: DockerPlace, { Id, State }: Found): Promise<number | null> {
  if (!State.Running) return null
  try {
    const usage = await call((signal) => readUsage(place.docker.getContainer(Id), signal))
    return usage?.memoryBytes ?? null
  } catch (error) {
    throw asRunnerError(error, `measure ${place.target.name}`)
  }
}

/** Docker keeps the last few hundred events only, which is long enough for who looks after trouble. */
const BACK_MS = 60 * 60_000

/** How often the kernel ended it within the last hour because it asked for more memory than it may have. */
export async function timesOutOfMemory(place: DockerPlace, { Id }: Found): Promise<number> {
  const now = Math.floor(Date.now() / 1000)
  const query = { container: [Id], type: ['container'], event: ['oom'] }
  try {
    const stream = await call((abortSignal) =>
      place.docker.getEvents({
        since: now - BACK_MS / 1000,
        until: now + 1,
        filters: JSON.stringify(query),
        abortSignal,
      }),
    )
    let text = ''
    for await (const piece of stream) text += String(piece)
    return text.split('\n').filter((line) => line.trim() !== '').length
  } catch (error) {
    throw asRunnerError(error, `ask Docker what happened at ${place.target.name}`)
  }
}
