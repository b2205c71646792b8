import type { QueryFigures } from '../../api/database/statistics.ts'
import { readJson } from './files.ts'
import type { IndexProposal } from './indexes.ts'
import { type Migration, readMigrations } from './migrations.ts'

/** What the tasks of `optimize-database` leave for each other, one file each. */
export const FILES = {
  schema: 'optimization/schema.json',
  statements: 'optimization/statements.json',
  indexes: 'optimization/missing-indexes.json',
  implementation: 'optimization/implementation.json',
  benchmark: 'optimization/benchmark.json',
} as const

export const TYPED_LAYER = 'api/queries/typed.ts'
export const STAGING_SNAPSHOT = { folder: 'backups/staging', name: 'before-indexes' } as const

export interface IndexFindings {
  readonly indexes: readonly IndexProposal[]
  /** Tables of which all of the table or an index is read even so, by query: no index helps there. */
  readonly remaining: Readonly<Record<string, readonly string[]>>
}

export interface Implementation {
  /** The migration that adds the indexes; null when none was missing. */
  readonly migration: number | null
  readonly functions: number
}

export interface Measurement {
  readonly query: string
  /** Milliseconds a call, by name and without the new indexes. */
  readonly before: number
  /** Milliseconds a call, typed and with them. */
  readonly after: number
}

export const readFindings = (): IndexFindings => readJson(FILES.indexes)
export const readStatements = (): QueryFigures[] => readJson(FILES.statements)
export const readBenchmark = (): Measurement[] => readJson(FILES.benchmark)

/** The schema as it was before the optimisation. */
export function migrationsBefore(): Migration[] {
  const { migration } = readJson<Implementation>(FILES.implementation)
  return readMigrations().filter(({ number }) => migration === null || number < migration)
}
