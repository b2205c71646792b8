import type { DatabaseSync } from 'node:sqlite'
import type { Field, Query } from '../../api/queries/catalogue.ts'
import type { Runner } from './workload.ts'

const TYPES: Readonly<Record<string, string>> = { INTEGER: 'number', REAL: 'number', TEXT: 'string' }
const CALLS = { many: 'preparedMany', one: 'preparedOne', run: 'preparedRun' } as const

/** TypeScript for all queries: a function each, its parameters and rows typed by what the database says. */
export function typedLayer(database: DatabaseSync, queries: Iterable<Query>, folder = '..'): string {
  const head = [
    '// Written by scripts/optimize/implement-repositories.ts from the .sql files here; edit those instead.',
    `import type { Store } from '${folder}/database/store.ts'`,
    `import { preparedMany, preparedOne, preparedRun } from '${folder}/queries/prepared.ts'`,
  ]
  return `${[head.join('\n'), ...[...queries].map((query) => typedQuery(database, query))].join('\n\n')}\n`
}

function typedQuery(database: DatabaseSync, query: Query): string {
  const { name, returns, sql, params } = query
  const row = `${name[0]!.toUpperCase()}${name.slice(1)}Row`
  const result = { many: `${row}[]`, one: `${row} | undefined`, run: '{ changes: number; id: number }' }[
    returns
  ]
  const input = params.length === 0 ? '' : `, params: { ${params.map(member).join('; ')} }`
  const generic = returns === 'run' ? '' : `<${row}>`
  return [
    ...(returns === 'run' ? [] : [rowInterface(row, columnsOf(database, query))]),
    `export function ${name}(store: Store${input}): ${result} {`,
    `  const sql = \`${sql.replaceAll('\n', '\n    ')}\``,
    `  return ${CALLS[returns]}${generic}(store, '${name}', sql, ${params.length === 0 ? '{}' : 'params'})`,
    '}',
  ].join('\n')
}

function rowInterface(name: string, columns: readonly Field[]): string {
  return `export interface ${name} {\n${columns.map((column) => `  ${member(column)}`).join('\n')}\n}\n`
}

const member = ({ name, type }: Field): string => `readonly ${name}: ${type}`

/** Columns as the schema declares them, unless the query says otherwise. */
function columnsOf(database: DatabaseSync, { name, sql, columns: stated }: Query): Field[] {
  return database
    .prepare(sql)
    .columns()
    .map((column) => {
      const type =
        stated.find((field) => field.name === column.name)?.type ??
        declaredType(database, column.table, column.column)
      if (type === undefined)
        throw new Error(`${name}: write "-- column: ${column.name} TYPE", the schema does not tell its type`)
      return { name: column.name, type }
    })
}

function declaredType(
  database: DatabaseSync,
  table: string | null,
  column: string | null,
): string | undefined {
  if (table === null || column === null) return undefined
  const info = database
    .prepare('SELECT type, "notnull" OR pk AS filled FROM pragma_table_info(?) WHERE name = ?')
    .get(table, column)
  const type = TYPES[String(info?.type)]
  return type !== undefined && info?.filled === 0 ? `${type} | null` : type
}

type TypedModule = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

/** Runs steps of the workload through a generated layer. */
export async function loadTyped(path: string): Promise<Runner> {
  const layer = (await import(path)) as TypedModule
  return (store, { query, params }) => {
    const call = layer[query]
    if (call === undefined) throw new Error(`${path} has no function ${query}: generate it again`)
    return call(store, params)
  }
}
