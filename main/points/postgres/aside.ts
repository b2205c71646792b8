import type { Aside } from '../keeper.ts'
import { besides, identifier, literal, type Postgres, type Session, withSession } from './psql.ts'
import { PUT_ASIDE } from './swap.ts'

const LIMIT_MS = 60_000

/**
 * What swaps have put aside, by the comments they left, and by their names: neither alone says enough. Whoever owns the
 * present one may write a comment on it.
 */
const FIND = `SELECT json_build_array(datname, pg_database_size(oid), words) FROM (
  SELECT oid, datname, shobj_description(oid, 'pg_database') AS words FROM pg_database
) found WHERE starts_with(words, ${literal(PUT_ASIDE)})`

export async function listAside(
  postgres: Postgres,
  database: string,
  signal: AbortSignal,
): Promise<readonly Aside[]> {
  return withSession(postgres, besides(database), { limitMs: LIMIT_MS, signal }, (session) =>
    asideOf(session, database),
  )
}

const MARKED = /^([0-9a-zA-Z]{1,40})(?: at (\d{1,15}))?$/
const NAMED = /_since_\d{4}(?:_\d+)?$/

/** Whatever database the session is of. */
export async function asideOf(session: Session, database: string): Promise<readonly Aside[]> {
  const lines = await session.ask(FIND)
  return lines.flatMap((line) => {
    const [name, bytes, words] = JSON.parse(line) as [string, number, string]
    const [, mark, at] = MARKED.exec(words.slice(PUT_ASIDE.length)) ?? []
    if (mark === undefined || name === database || !NAMED.test(name)) return []
    return [{ name, bytes, at: at === undefined ? null : Number(at), mark }]
  })
}

export async function dropAside(
  postgres: Postgres,
  database: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  await withSession(postgres, besides(database), { limitMs: LIMIT_MS, signal }, async (session) => {
    const known = (await asideOf(session, database)).some((one) => one.name === name)
    if (known) await session.ask(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`)
  })
}
