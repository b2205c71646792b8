import type { Params, Store } from '../database/store.ts'
import { catalogue } from './catalogue.ts'

/**
 * The first query layer: queries by name, prepared for each call, rows typed by the caller's promise.
 * The epic `optimize-database` generates a typed layer with prepared statements and moves the callers to it.
 */
export function many<Row>(store: Store, name: string, params: Params = {}): Row[] {
  return store.statistics.time(name, () => store.database.prepare(sqlOf(name)).all(params) as Row[])
}

export function one<Row>(store: Store, name: string, params: Params = {}): Row | undefined {
  return store.statistics.time(name, () => store.database.prepare(sqlOf(name)).get(params) as Row | undefined)
}

/** Returns how many rows changed and the id of the row that was added last. */
export function run(store: Store, name: string, params: Params = {}): { changes: number; id: number } {
  const result = store.statistics.time(name, () => store.database.prepare(sqlOf(name)).run(params))
  return { changes: Number(result.changes), id: Number(result.lastInsertRowid) }
}

function sqlOf(name: string): string {
  const query = catalogue.get(name)
  if (query === undefined) throw new Error(`there is no query named ${name} in api/queries`)
  return query.sql
}
