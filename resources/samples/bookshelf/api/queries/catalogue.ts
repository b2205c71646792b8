import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Field {
  readonly name: string
  readonly type: string
}

export interface Query {
  readonly name: string
  readonly returns: 'many' | 'one' | 'run'
  readonly sql: string
  readonly params: readonly Field[]
  /** Columns whose type the schema does not tell: computed ones, and those an outer join may leave null. */
  readonly columns: readonly Field[]
}

/** The queries written in this folder's `.sql` files, by name. */
export const catalogue: ReadonlyMap<string, Query> = readCatalogue(import.meta.dirname)

export function readCatalogue(folder: string): Map<string, Query> {
  const queries = new Map<string, Query>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.sql')) continue
    for (const query of parseQueries(readFileSync(join(folder, file), 'utf8'))) {
      if (queries.has(query.name)) throw new Error(`${file}: there are two queries named ${query.name}`)
      queries.set(query.name, query)
    }
  }
  return queries
}

export function parseQueries(text: string): Query[] {
  return text
    .split(/^-- name: /m)
    .slice(1)
    .map(parseQuery)
}

function parseQuery(block: string): Query {
  const header = /^(\w+) :(many|one|run)$/m.exec(block)
  if (header === null)
    throw new Error(`write "-- name: someName :many" (or :one, :run), not "${block.split('\n')[0]}"`)
  const sql = block
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .trim()
  return {
    name: header[1]!,
    returns: header[2] as Query['returns'],
    sql: sql.replace(/;$/, ''),
    params: fields(block, 'param'),
    columns: fields(block, 'column'),
  }
}

function fields(block: string, word: string): Field[] {
  const lines = block.matchAll(new RegExp(`^-- ${word}: (\\w+) (.+)$`, 'gm'))
  return [...lines].map(([, name, type]) => ({ name: name!, type: type! }))
}
