import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { columnNames, tableNames } from './tables.ts'

/** The database as SQL text: readable in a diff, and the same bytes for the same content. */
export function dump(database: DatabaseSync): string {
  const tables = tableNames(database).map((table) =>
    [schemaOf(database, table), ...inserts(database, table)].join('\n'),
  )
  const indexes = database.prepare(
    "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
  )
  return [...tables, ...indexes.all().map((row) => `${row.sql};`), ''].join('\n\n')
}

/** Makes a database of a dump. The file must not exist yet; `:memory:` is fine. */
export function restore(dumpFile: string, path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  database.exec(`BEGIN;\n${readFileSync(dumpFile, 'utf8')}\nCOMMIT;`)
  return database
}

function schemaOf(database: DatabaseSync, table: string): string {
  const row = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table)
  return `${row?.sql};`
}

function inserts(database: DatabaseSync, table: string): string[] {
  const columns = columnNames(database, table)
  const values = columns.map((column) => `quote(${column})`).join(` || ', ' || `)
  const rows = database.prepare(`SELECT ${values} AS line FROM ${table} ORDER BY ${columns[0]}`).all()
  return rows.length === 0
    ? []
    : [
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES`,
        `${rows.map((row) => `  (${row.line})`).join(',\n')};`,
      ]
}
