import type { DatabaseSync } from 'node:sqlite'
import type { Query } from '../../api/queries/catalogue.ts'

export interface PlanFindings {
  /** Each line of EXPLAIN QUERY PLAN. */
  readonly lines: readonly string[]
  /** Names (aliases) of tables that are read from end to end. */
  readonly scans: readonly string[]
  /** Whether rows are sorted after they were found. */
  readonly sorts: boolean
}

export function planOf(database: DatabaseSync, query: Pick<Query, 'sql'>): PlanFindings {
  const lines = database.prepare(`EXPLAIN QUERY PLAN ${query.sql}`).all().map((row) => String(row.detail))
  const scans = lines.flatMap((line) => /^SCAN (\w+)(?! USING)/.exec(line)?.[1] ?? [])
  return { lines, scans, sorts: lines.some((line) => line.includes('TEMP B-TREE')) }
}

/** Columns of one table that the query compares, those compared for equality first: an index can use them. */
export function comparedColumns(query: Pick<Query, 'sql'>, alias: string): string[] {
  const equal = matches(query.sql, `\\b${alias}\\.(\\w+) (?:=|IS)`)
  const equalToIt = matches(query.sql, `= ${alias}\\.(\\w+)`)
  const range = matches(query.sql, `\\b${alias}\\.(\\w+) (?:<|>)`)
  return [...new Set([...equal, ...equalToIt, ...range])]
}

/** `loans` for `l` in `FROM loans AS l`. */
export function tableOf(query: Pick<Query, 'sql'>, alias: string): string | undefined {
  return matches(query.sql, `(?:FROM|JOIN) (\\w+) AS ${alias}\\b`)[0]
}

function matches(text: string, pattern: string): string[] {
  return [...text.matchAll(new RegExp(pattern, 'g'))].map(([, name]) => name!)
}
