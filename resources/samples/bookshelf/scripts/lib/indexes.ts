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

/** Indexes that turn a scan of a whole table into a search. They exist in the database afterwards. */
export function findMissingIndexes(database: DatabaseSync, queries: Iterable<Query>): IndexProposal[] {
  return [...queries].flatMap((query) =>
    planOf(database, query).scans.flatMap((alias) => helpfulIndex(database, query, alias) ?? []),
  )
}

/** The first candidate that makes the query's plan better; all others are taken back. */
function helpfulIndex(database: DatabaseSync, query: Query, alias: string): IndexProposal | undefined {
  const before = planOf(database, query)
  for (const proposal of candidates(query, alias)) {
    database.exec(`SAVEPOINT candidate; ${proposal.sql}`)
    const after = planOf(database, query)
    const helps = after.scans.length < before.scans.length
    database.exec(helps ? 'RELEASE candidate' : 'ROLLBACK TO candidate; RELEASE candidate')
    if (helps) return proposal
  }
  return undefined
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
