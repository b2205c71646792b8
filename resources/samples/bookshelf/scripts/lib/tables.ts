import type { DatabaseSync } from 'node:sqlite'
import { sha256 } from './files.ts'

export interface TableState {
  readonly rows: number
  /** Of all rows in the order of their keys. */
  readonly sha256: string
}

export function tableNames(database: DatabaseSync): string[] {
  const sql =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
  return database
    .prepare(sql)
    .all()
    .map((row) => String(row.name))
}

export function columnNames(database: DatabaseSync, table: string): string[] {
  return database
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => String(row.name))
}

/** The content of every table as a count and a hash: equal states mean equal data. */
export function tableStates(database: DatabaseSync): Record<string, TableState> {
  return Object.fromEntries(tableNames(database).map((table) => [table, tableState(database, table)]))
}

/** Only `columns` count, so that a table can be compared across a migration that adds some. */
export function tableState(
  database: DatabaseSync,
  table: string,
  columns = columnNames(database, table),
): TableState {
  const rows = database.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1`).all()
  return {
    rows: rows.length,
    sha256: sha256(rows.map((row) => JSON.stringify(Object.values(row))).join('\n')),
  }
}

/** Runs SQLite's own checks; an empty list means that all is well. */
export function integrityProblems(database: DatabaseSync): string[] {
  const pages = database
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => String(row.integrity_check))
  const references = database.prepare('PRAGMA foreign_key_check').all()
  return [
    ...pages.filter((line) => line !== 'ok'),
    ...references.map(
      (row) => `${row.table} ${row.rowid} refers to a row of ${row.parent} that is not there`,
    ),
  ]
}
