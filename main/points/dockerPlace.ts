import type { TargetSpec } from '../domain/targets/target.ts'
import { ensureDatabase } from '../targets/docker/databaseSteps.ts'
import { type DockerPlace, nameOfPart } from '../targets/docker/place.ts'
import { databaseName } from '../targets/docker/postgres.ts'
import { answering } from '../targets/docker/service.ts'
import { sqliteName } from '../targets/docker/sqlite.ts'
import { keeperOf } from './database.ts'
import { dockerCommands } from './dockerCommands.ts'
import { dockerHold, readHeld } from './dockerHold.ts'
import { keepImage } from './keepImage.ts'
import { PointError } from './pointError.ts'
import type { PointPlace } from './tools.ts'
import { watched } from './watched.ts'

/** A target of this machine's Docker, as points see it. */
export function dockerPointPlace(place: DockerPlace, target: TargetSpec): PointPlace {
  const { database } = target
  const keeper = database === null ? null : keeperOf(database, commandsOf(place, database.kind))
  return {
    database: keeper === null || database?.kind !== 'postgres' ? keeper : watched(place, keeper),
    ready: (say, signal) => ensureDatabase(place, say, signal),
    keepImage: async (image) => {
      if (await keepImage(place, image)) return
      throw new PointError(
        `The image ${image} of what is released is gone; nobody could go back to it.`,
        'Deploy it anew, then try again.',
      )
    },
    hold: dockerHold(place),
  }
}

/** The database has a container of its own; commands of theirs run where the service is. */
function commandsOf(place: DockerPlace, kind: NonNullable<TargetSpec['database']>['kind']) {
  const { docker } = place
  if (kind === 'postgres')
    return dockerCommands({ docker, container: () => databaseName(place), hasTimeout: true })
  if (kind === 'sqlite')
    return dockerCommands({ docker, container: () => sqliteName(place), hasTimeout: true })
  return dockerCommands({
    docker,
    container: async () => {
      const now = await answering(place)
      if (now !== undefined) return now.Id
      // Held, it runs on: requests do not reach it, commands do.
      const held = await readHeld(place)
      if (held !== undefined) return nameOfPart(place, held.upstream.host)
      throw new PointError(
        `Nothing is released at ${place.target.name}: its data are not to be reached.`,
        'Deploy something first.',
      )
    },
  })
}
