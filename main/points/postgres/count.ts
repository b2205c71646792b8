import { type Postgres, withSession } from './psql.ts'

const LIMIT_MS = 15_000

/** Rows of every table now, exactly. What takes longer than a few seconds is not worth the wait. */
const COUNT = `SELECT format('SELECT json_build_array(%L, count(*)) FROM ONLY %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \\gexec`

export async function countRows(
  postgres: Postgres,
  database: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  return withSession(postgres, database, { limitMs: LIMIT_MS, signal }, async (session) => {
    await session.ask("SET statement_timeout = '8s'")
    const lines = await session.ask(COUNT)
    return Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, number]))
  })
}
