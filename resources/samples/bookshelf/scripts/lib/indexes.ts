import type { DatabaseSync } from 'node:sqlite'
import type { Query } from '../../api/queries/catalogue.ts'
import { comparedColumns, planOf, sortedColumns, tableOf } from './plans.ts'

export interface IndexProposal {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly sql: string
  /** The query it was found for. */
  readonly query: string
}

/** Indexes that turn a scan of a whole table into a search. The database is left as it was. */
export function findMissingIndexes(database: DatabaseSync, queries: Iterable<Query>): IndexProposal[] {
  const found = [...queries].flatMap((query) =>
    planOf(database, query).scans.flatMap((alias) => helpfulIndex(database, query, alias) ?? []),
  )
  return [...new Map(found.map((proposal) => [proposal.name, proposal])).values()]
}

/** The first candidate with which the query reads fewer tables from end to end. */
function helpfulIndex(database: DatabaseSync, query: Query, alias: string): IndexProposal | undefined {
  const before = planOf(database, query)
  return candidates(query, alias).find(({ sql }) => {
    database.exec(`SAVEPOINT candidate; ${sql}`)
    const after = planOf(database, query)
    database.exec('ROLLBACK TO candidate; RELEASE candidate')
    return after.walks.length < before.walks.length
  })
}

function candidates(query: Query, alias: string): IndexProposal[] {
  const table = tableOf(query, alias)
  if (table === undefined) return []
  const sorted = sortedColumns(query, alias)
  return comparedColumns(query, alias).map((column) => {
    const columns = [column, ...sorted.filter((name) => name !== column)]
    const name = `${table}_by_${columns.join('_')}`
    return {
      name,
      table,
      columns,
      query: query.name,
      sql: `CREATE INDEX ${name} ON ${table} (${columns.join(', ')})`,
    }
  })
}
