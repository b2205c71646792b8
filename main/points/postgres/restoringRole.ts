import { createReadStream } from 'node:fs'
import { textOf } from '../commands.ts'
import type { Work } from './dump.ts'
import { literal, type Postgres, type Session } from './psql.ts'

const LIMIT_MS = 10 * 60_000

/** What of a dump tells who may restore it. */
export interface DumpContents {
  readonly owners: readonly string[]
  readonly extensions: readonly string[]
}

export async function contentsOf(postgres: Postgres, file: string, { signal }: Work): Promise<DumpContents> {
  const call = { argv: ['pg_restore', '-l'], input: createReadStream(file), limitMs: LIMIT_MS, signal }
  return contents(await textOf(postgres.commands, call))
}

/**
 * As whom a dump is restored into `database`. Loading rows carries out functions out of the dump (checks, computed
 * columns) with the rights of who restores, and migrations, which make those, are programs of agents: so it is the owner
 * of the database, where everything in the dump is theirs. What an administrator made by hand only a superuser can put
 * back; nobody else can have made that. `session` is of any database of the same server.
 */
export async function restoringRole(
  postgres: Postgres,
  session: Session,
  database: string,
  { owners, extensions }: DumpContents,
): Promise<string> {
  const named = extensions.length === 0 ? 'ARRAY[]::text[]' : `ARRAY[${extensions.map(literal).join(', ')}]`
  const [found] = await session.ask(
    `SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba
     WHERE datname = ${literal(database)} AND rolcanlogin AND NOT rolsuper AND NOT EXISTS (
       SELECT FROM unnest(${named}) wanted WHERE NOT EXISTS (
         SELECT FROM pg_available_extension_versions v WHERE v.name = wanted AND v.trusted))`,
  )
  return found !== undefined && owners.every((owner) => owner === found) ? found : postgres.user
}

/** `217; 1259 16386 TABLE public orders owner`; the owner is last, and empty where there is none. */
const ENTRY = /^\d+; \d+ \d+ (.*) (\S*)$/
const EXTENSION = /^EXTENSION - (.+)$/

function contents(list: string): DumpContents {
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
