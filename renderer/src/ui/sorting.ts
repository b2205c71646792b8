/** A column by which rows are sorted; `down`: greatest first. */
export interface SortBy {
  readonly column: string
  readonly down: boolean
}

type Value = number | string | undefined

/** A sorted copy; equal rows keep their order, those without a value come last either way. */
export function sorted<Row>(rows: readonly Row[], by: (row: Row) => Value, down: boolean): readonly Row[] {
  const values = new Map(rows.map((row) => [row, by(row)] as const))
  return [...rows].sort((one, other) => {
    const [a, b] = [values.get(one), values.get(other)]
    if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
    return down ? -compare(a, b) : compare(a, b)
  })
}

const collator = new Intl.Collator(undefined, { numeric: true })

function compare(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}

/** Asked for once: upwards; again: downwards; a third time: as the rows come. */
export function turned(now: SortBy | undefined, column: string): SortBy | undefined {
  if (now?.column !== column) return { column, down: false }
  return now.down ? undefined : { column, down: true }
}
