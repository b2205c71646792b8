import type { Style } from './style.ts'
import { pad, padStart, truncate, truncateStart, width } from './text.ts'

export interface Column {
  readonly title: string
  readonly right?: boolean
  /** The widest give way first, before them those that say so; one that must be whole has none. */
  readonly shrinks?: boolean | 'first'
  /** What is cut away of what is too wide. */
  readonly cuts?: 'start'
}

const GAP = '  '

/** Lines of a table no wider than `columns` cells; columns that may shrink give up what is missing, the widest first. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
  cells: number,
): readonly string[] {
  const widths = columns.map((column, i) =>
    Math.max(width(column.title), ...rows.map((row) => width(row[i] ?? ''))),
  )
  shrink(widths, columns, cells - GAP.length * (columns.length - 1))
  const render = (row: readonly string[]) =>
    columns
      .map((column, i) => {
        const cut = column.cuts === 'start' ? truncateStart : truncate
        const text = cut(row[i] ?? '', widths[i]!, style.ellipsis)
        return column.right === true ? padStart(text, widths[i]!) : pad(text, widths[i]!)
      })
      .join(GAP)
      .trimEnd()
  const lines = rows.map(render)
  const titled = columns.some((column) => column.title !== '')
  return titled ? [style.muted(render(columns.map((column) => column.title))), ...lines] : lines
}

/** No column is made narrower than this. */
const NARROWEST = 8

function shrink(widths: number[], columns: readonly Column[], room: number): void {
  let over = widths.reduce((sum, w) => sum + w, 0) - room
  for (const gives of ['first', true] as const) {
    while (over > 0) {
      let widest = -1
      for (const [i, { shrinks }] of columns.entries()) {
        if (shrinks !== gives || widths[i]! <= NARROWEST) continue
        if (widest === -1 || widths[i]! > widths[widest]!) widest = i
      }
      if (widest === -1) break
      widths[widest]! -= 1
      over -= 1
    }
  }
}
