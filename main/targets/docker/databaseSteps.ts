import type { Step } from '../step.ts'
import type { DockerPlace } from './place.ts'
import { clientOf, type DatabaseRole, ensurePostgres, hasPostgres, removePostgres } from './postgres.ts'
import type { ServiceRelease } from './service.ts'
import { ensureSqlite, hasSqlite, removeSqlite, sqliteWiring } from './sqlite.ts'

type Kind = 'postgres' | 'sqlite'

/** Of what a target has beside its service; commands of the project's own have nothing there. */
const OWN: Readonly<
  Record<
    Kind,
    {
      readonly ensure: (place: DockerPlace, say: (line: string) => void, signal: AbortSignal) => Promise<void>
      readonly has: (place: DockerPlace) => Promise<boolean>
      readonly remove: (place: DockerPlace) => Promise<void>
      readonly wiring: (place: DockerPlace, role: DatabaseRole) => Pick<ServiceRelease, 'env' | 'mounts'>
    }
  >
> = {
  postgres: { ensure: ensurePostgres, has: hasPostgres, remove: removePostgres, wiring: clientOf },
  sqlite: { ensure: ensureSqlite, has: hasSqlite, remove: removeSqlite, wiring: sqliteWiring },
}

function ownOf({ target }: DockerPlace): (typeof OWN)[Kind] | undefined {
  const kind = target.database?.kind
  return kind === 'postgres' || kind === 'sqlite' ? OWN[kind] : undefined
}

/** The target's database, made on the first deployment or migration; none where it has none of its own. */
export function databaseSteps(place: DockerPlace): readonly Step[] {
  const own = ownOf(place)
  if (own === undefined) return []
  return [
    {
      key: 'database',
      title: 'Have the database ready',
      limitMs: 5 * 60_000,
      perform: async ({ say, signal, note, facts }) => {
        if (facts.hadDatabase === undefined) note({ hadDatabase: String(await own.has(place)) })
        await own.ensure(place, say, signal)
        return undefined
      },
      // Made by this action, nobody has anything in it yet but what the action itself put there.
      undo: async ({ facts }) => {
        if (facts.hadDatabase === 'false') await own.remove(place)
      },
    },
  ]
}

/** Up and ready, where there is one. Idempotent. */
export async function ensureDatabase(
  place: DockerPlace,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await ownOf(place)?.ensure(place, say, signal)
}

/** Its container and all its data. */
export async function removeDatabase(place: DockerPlace): Promise<void> {
  await ownOf(place)?.remove(place)
}

/** How a container reaches the target's database; nothing where it has none. */
export async function databaseWiring(
  place: DockerPlace,
  role: DatabaseRole = 'owner',
): Promise<Pick<ServiceRelease, 'env' | 'mounts'>> {
  return ownOf(place)?.wiring(place, role) ?? { env: {}, mounts: [] }
}
