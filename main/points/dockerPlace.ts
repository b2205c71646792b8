import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TargetSpec } from '../domain/targets/target.ts'
import { look, start, stop } from '../targets/docker/containers.ts'
import { type DockerPlace, nameOfPart } from '../targets/docker/place.ts'
import { databaseName, ensurePostgres } from '../targets/docker/postgres.ts'
import { currentOrders, drained, ensureProxy, order, type Upstream } from '../targets/docker/proxy.ts'
import { answering, untilHealthy } from '../targets/docker/service.ts'
import { keeperOf } from './database.ts'
import { dockerCommands } from './dockerCommands.ts'
import { writeDurably } from './files.ts'
import { keepImage } from './keepImage.ts'
import { PointError } from './pointError.ts'
import type { Hold, PointPlace } from './tools.ts'

/** A target of this machine's Docker, as points see it. */
export function dockerPointPlace(place: DockerPlace, target: TargetSpec): PointPlace {
  const { database } = target
  return {
    database: database === null ? null : keeperOf(database, commandsOf(place, database.kind)),
    ready: async (say, signal) => {
      if (database?.kind === 'postgres') await ensurePostgres(place, say, signal)
    },
    keepImage: async (image) => {
      if (await keepImage(place, image)) return
      throw new PointError(
        `The image ${image} of what is released is gone; nobody could go back to it.`,
        'Deploy it anew, then try again.',
      )
    },
    hold: holdOf(place),
  }
}

/** The database has a container of its own; a file is where the service is. */
function commandsOf(place: DockerPlace, kind: NonNullable<TargetSpec['database']>['kind']) {
  const { docker } = place
  if (kind === 'postgres')
    return dockerCommands({ docker, container: () => databaseName(place), hasTimeout: true })
  return dockerCommands({
    docker,
    container: async () => {
      const now = await answering(place)
      if (now !== undefined) return now.Id
      throw new PointError(
        `Nothing is released at ${place.target.name}: its data are not to be reached.`,
        'Deploy something first.',
      )
    },
  })
}

/** Requests wait so long for what comes next; then they are told that nothing is there. */
const HOLD_MS = 10 * 60_000
const DRAIN_MS = 10_000
const STOP_GRACE_S = 10

/**
 * Requests wait at the proxy, those under way are answered, then what answered is stopped: it writes no more. Who was
 * held is noted in the target's folder until something answers again. A file inside a service can only be exchanged
 * while the service runs.
 */
function holdOf(place: DockerPlace): Hold {
  const note = join(place.folder, 'held.json')
  const stops = place.target.database?.kind === 'postgres'
  return {
    hold: async (signal, say) => {
      const { upstream } = await currentOrders(place)
      if (upstream !== null) await writeDurably(note, JSON.stringify(upstream))
      const held = upstream ?? (await readNote(note))
      if (held === undefined) return
      await ensureProxy(place)
      await order(place, { upstream: null, holdMs: HOLD_MS }, signal)
      await drained(place, held, DRAIN_MS, signal)
      if (stops) await stop(place.docker, nameOfPart(place, held.host), STOP_GRACE_S)
      say(`${held.host} is held`)
    },
    open: async (signal) => {
      const { upstream } = await currentOrders(place)
      const held = await readNote(note)
      if (upstream === null && held !== undefined) await letIn(place, held, signal)
      await rm(note, { force: true })
    },
  }
}

async function letIn(place: DockerPlace, held: Upstream, signal: AbortSignal): Promise<void> {
  const name = nameOfPart(place, held.host)
  if ((await look(place.docker, name)) === undefined)
    throw new PointError(`What answered at ${place.target.name} (${name}) is gone.`, 'Deploy anew.')
  await start(place.docker, name)
  await untilHealthy(place, name, held, place.spec.service, signal)
  await order(place, { upstream: held, holdMs: 0 }, signal)
}

async function readNote(path: string): Promise<Upstream | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Upstream)
}
