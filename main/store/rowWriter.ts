import type { Database, Statement } from 'better-sqlite3'
import type { MultiRowSql } from './sql.ts'

export type SqlValue = string | number | null

/** Puts one row's values into `into`, from index `at` on. */
export type BindRow<Row> = (row: Row, into: SqlValue[], at: number) => void

interface Prepared {
  readonly statement: Statement<[SqlValue[]]>
  /** Reused for every call, so that a commit allocates next to nothing. */
  readonly values: SqlValue[]
}

/** Rows of the largest statement; more gain nothing. */
const MAX_POWER = 6

/**
 * Writes rows by multi-row statements of 1, 2, 4 … 64 rows, prepared when first needed: any number of rows goes out
 * in few statements, and the cache stays small.
 */
export class RowWriter<Row> {
  readonly #db: Database
  readonly #sql: MultiRowSql
  readonly #bind: BindRow<Row>
  readonly #prepared: (Prepared | undefined)[] = []

  constructor(db: Database, sql: MultiRowSql, bind: BindRow<Row>) {
    this.#db = db
    this.#sql = sql
    this.#bind = bind
  }

  write(rows: readonly Row[]): void {
    let done = 0
    for (let power = MAX_POWER; done < rows.length; ) {
      const size = 1 << power
      if (rows.length - done < size) {
        power -= 1
        continue
      }
      this.#writeChunk(rows, done, power)
      done += size
    }
  }

  #writeChunk(rows: readonly Row[], from: number, power: number): void {
    const { statement, values } = this.#prepared[power] ?? this.#prepare(power)
    const { columns } = this.#sql
    for (let at = 0, i = from; at < values.length; at += columns, i += 1) this.#bind(rows[i]!, values, at)
    statement.run(values)
  }

  #prepare(power: number): Prepared {
    const size = 1 << power
    const { head, columns, tail } = this.#sql
    const row = `(${Array(columns).fill('?').join(',')})`
    const statement = this.#db.prepare<[SqlValue[]]>(`${head} ${Array(size).fill(row).join(',')} ${tail}`)
    const made = { statement, values: Array<SqlValue>(size * columns).fill(null) }
    this.#prepared[power] = made
    return made
  }
}
