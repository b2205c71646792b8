import { createReadStream } from 'node:fs'
import { textOf } from '../commands.ts'
import type { Work } from './dump.ts'
import { literal, type Postgres, withSession } from './psql.ts'

const LIMIT_MS = 10 * 60_000

/**
 * As whom a dump is restored into `database`. Loading rows carries out functions out of the dump (checks, computed
 * columns) with the rights of who restores, and migrations, which make those, are programs of agents: so it is the owner
 * of the database, where everything in the dump is theirs. What an administrator made by hand only a superuser can put
 * back; nobody else can have made that.
 */
export async function restoringRole(
  postgres: Postgres,
  database: string,
  file: string,
  { signal }: Work,
): Promise<string> {
  const options = { limitMs: LIMIT_MS, signal }
  const argv = ['pg_restore', '-l']
  const { owners, extensions } = contents(
    await textOf(postgres.commands, { argv, input: createReadStream(file), ...options }),
  )
  const named = extensions.length === 0 ? 'ARRAY[]::text[]' : `ARRAY[${extensions.map(literal).join(', ')}]`
  const [found] = await withSession(postgres, database, options, (session) =>
    session.ask(
      `SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba
       WHERE datname = current_database() AND rolcanlogin AND NOT rolsuper AND NOT EXISTS (
         SELECT FROM unnest(${named}) wanted WHERE NOT EXISTS (
           SELECT FROM pg_available_extension_versions v WHERE v.name = wanted AND v.trusted))`,
    ),
  )
  return found !== undefined && owners.every((owner) => owner === found) ? found : postgres.user
}

/** `217; 1259 16386 TABLE public orders owner`; the owner is last, and empty where there is none. */
const ENTRY = /^\d+; \d+ \d+ (.*) (\S*)$/
const EXTENSION = /^EXTENSION - (.+)$/

function contents(list: string): {
  readonly owners: readonly string[]
  readonly extensions: readonly string[]
} {
  const entries = list
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';'))
    .map((line) => ENTRY.exec(line))
  return {
    // A line that is not understood is nobody's.
    owners: [...new Set(entries.map((entry) => entry?.[2] ?? '?'))].filter((owner) => owner !== ''),
    extensions: entries.flatMap((entry) => EXTENSION.exec(entry?.[1] ?? '')?.[1] ?? []),
  }
}
