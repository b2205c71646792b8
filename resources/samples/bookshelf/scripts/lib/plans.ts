import type { DatabaseSync } from 'node:sqlite'
import type { Query } from '../../api/queries/catalogue.ts'

export interface PlanFindings {
  /** Each line of EXPLAIN QUERY PLAN. */
  readonly lines: readonly string[]
  /** Names (aliases) of tables that are read from end to end, without an index. */
  readonly scans: readonly string[]
  /** Those, and tables of which a whole index is read. */
  readonly walks: readonly string[]
  /** Whether rows are sorted after they were found. */
  readonly sorts: boolean
}

export function planOf(database: DatabaseSync, { sql }: Pick<Query, 'sql'>): PlanFindings {
  const lines = database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => String(row.detail))
  const all = lines.flatMap((line) => {
    const [, alias, rest] = /^SCAN (?!CONSTANT)(\w+)(?: (USING .*))?/.exec(line) ?? []
    return alias === undefined ? [] : [{ alias, indexed: rest !== undefined }]
  })
  return {
    lines,
    scans: all.filter(({ indexed }) => !indexed).map(({ alias }) => alias),
    walks: all.map(({ alias }) => alias),
    sorts: lines.some((line) => line.includes('TEMP B-TREE')),
  }
}

/** Columns of one table that the query compares for equality: an index can begin with them. */
export function comparedColumns({ sql }: Pick<Query, 'sql'>, alias: string): string[] {
  const left = matches(sql, `\\b${alias}\\.(\\w+) (?:=|IS) `)
  const right = matches(sql, `= ${alias}\\.(\\w+)`)
  return [...new Set([...left, ...right])]
}

/** Columns of one table that the query sorts by: an index that ends with them saves the sorting. */
export function sortedColumns({ sql }: Pick<Query, 'sql'>, alias: string): string[] {
  const order = /ORDER BY (.+)/.exec(sql)?.[1] ?? ''
  return matches(order, `\\b${alias}\\.(\\w+)`).filter((column) => column !== 'id')
}

/** `loans` for `l` in `FROM loans AS l`. */
export function tableOf({ sql }: Pick<Query, 'sql'>, alias: string): string | undefined {
  return matches(sql, `(?:FROM|JOIN) (\\w+) AS ${alias}\\b`)[0]
}

function matches(text: string, pattern: string): string[] {
  return [...text.matchAll(new RegExp(pattern, 'g'))].map(([, name]) => name!)
}
