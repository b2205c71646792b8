import type { Session } from './psql.ts'

/** What a database holds, so exactly that two of them can be told apart without holding both. */
export interface Measure {
  /** By `schema.table`. */
  readonly tables: Readonly<Record<string, TableMeasure>>
  /** Of the tool that migrates it, or a mark of its tables and columns. */
  readonly schemaVersion: string
}

export interface TableMeasure {
  readonly rows: number
  /** Over all rows, in whatever order. */
  readonly sum: string
}

/**
 * Every table of its own; of a partitioned one its parts. psql carries out the answers, as a superuser: rows are put in
 * words by the output functions of their types, never by casts, which whoever owns a table may write.
 */
export const MEASURE = `SELECT format(
  'SELECT json_build_array(%L, count(*), coalesce(sum(hashtextextended(textin(record_out(amphi_row)), 0)), 0)::text) FROM ONLY %I.%I amphi_row',
  n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY n.nspname, c.relname \\gexec`

const SCHEMA_MARK = `SELECT substr(md5(coalesce(string_agg(concat_ws(' ', table_schema, table_name, column_name, data_type,
  is_nullable, column_default), ',' ORDER BY table_schema, table_name, ordinal_position), '')), 1, 12)
FROM information_schema.columns WHERE table_schema <> 'information_schema' AND table_schema !~ '^pg_'`

/** Where tools that migrate keep what they have done. */
const VERSION_TABLES = [
  ['alembic_version', 'version_num'],
  ['schema_migrations', 'version'],
  ['flyway_schema_history', 'version'],
  ['knex_migrations', 'name'],
  ['_prisma_migrations', 'migration_name'],
  ['django_migrations', 'concat(app, name)'],
] as const

const VERSION = `SELECT format('SELECT max(format(''%%s'', %s)) FROM %I.%I', v.value, n.nspname, c.relname)
FROM (VALUES ${VERSION_TABLES.map(([table, value]) => `('${table}', '${value}')`).join(', ')}) v(relname, value)
JOIN pg_class c ON c.relname = v.relname AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' ORDER BY n.nspname LIMIT 1`

export async function measure(session: Session): Promise<Measure> {
  const rows = (await session.ask(MEASURE)).map((line) => JSON.parse(line) as [string, number, string])
  const [known] = await session.ask(`${VERSION} \\gexec`)
  const [mark] = await session.ask(SCHEMA_MARK)
  return {
    tables: Object.fromEntries(rows.map(([table, count, sum]) => [table, { rows: count, sum }])),
    schemaVersion: known ?? `schema ${mark}`,
  }
}

/** In which tables two differ, in words; empty where they hold the same. */
export function differences(want: Measure, found: Measure): readonly string[] {
  const names = [...new Set([...Object.keys(want.tables), ...Object.keys(found.tables)])].sort()
  return names.flatMap((name) => {
    const [a, b] = [want.tables[name], found.tables[name]]
    if (a === undefined) return [`${name} is one too many`]
    if (b === undefined) return [`${name} is missing`]
    if (a.rows !== b.rows) return [`${name} has ${b.rows} rows and not ${a.rows}`]
    return a.sum === b.sum ? [] : [`${name} has other rows`]
  })
}

export function rowsOf({ tables }: Measure): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(tables).map(([name, { rows }]) => [name, rows]))
}
