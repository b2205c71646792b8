import type { Step } from '../step.ts'
import type { DockerPlace } from './place.ts'
import { clientOf, type DatabaseRole, ensurePostgres, hasPostgres, removePostgres } from './postgres.ts'
import type { ServiceRelease } from './service.ts'

/** The target's database, made on the first deployment or migration; none where it has none of its own. */
export function databaseSteps(place: DockerPlace): readonly Step[] {
  if (place.target.database?.kind !== 'postgres') return []
  return [
    {
      key: 'database',
      title: 'Have the database ready',
      limitMs: 5 * 60_000,
      perform: async ({ say, signal, note, facts }) => {
        if (facts.hadDatabase === undefined) {
          note({ hadDatabase: String(await hasPostgres(place)) })
        }
        await ensurePostgres(place, say, signal)
        return undefined
      },
      // Made by this action, nobody has anything in it yet but what the action itself put there.
      undo: async ({ facts }) => {
        if (facts.hadDatabase === 'false') await removePostgres(place)
      },
    },
  ]
}

/** How a container reaches the target's database; nothing where it has none. */
export async function databaseWiring(
  place: DockerPlace,
  role: DatabaseRole = 'owner',
): Promise<Pick<ServiceRelease, 'env' | 'mounts'>> {
  const { database } = place.target
  if (database?.kind === 'postgres') return clientOf(place, role)
  return { env: {}, mounts: [] }
}
