import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Params, Store } from '../database/store.ts'

/** What the generated layer stands on: each statement is prepared once for each open database. */
const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>()

function statement({ database }: Store, sql: string): StatementSync {
  const known = prepared.get(database) ?? new Map<string, StatementSync>()
  prepared.set(database, known)
  const found = known.get(sql) ?? database.prepare(sql)
  known.set(sql, found)
  return found
}

export function preparedMany<Row>(store: Store, name: string, sql: string, params: Params): Row[] {
  return store.statistics.time(name, () => statement(store, sql).all(params) as Row[])
}

export function preparedOne<Row>(store: Store, name: string, sql: string, params: Params): Row | undefined {
  return store.statistics.time(name, () => statement(store, sql).get(params) as Row | undefined)
}

export function preparedRun(
  store: Store,
  name: string,
  sql: string,
  params: Params,
): { changes: number; id: number } {
  const result = store.statistics.time(name, () => statement(store, sql).run(params))
  return { changes: Number(result.changes), id: Number(result.lastInsertRowid) }
}
