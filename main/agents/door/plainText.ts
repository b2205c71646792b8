/** Pieces that answers in words are made of. What comes in is an answer's JSON: nothing about it is taken for granted. */

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

/** A word of an answer; empty for what is missing. */
export function text(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** On one line, whatever is in it. */
export function line(value: unknown): string {
  return text(value)
    .replaceAll(/\s*[\n\r\u2028\u2029]\s*/g, ' ')
    .trim()
}

/** Words, each on a line of its own and indented, so that none of them begins at the margin. */
export function indented(value: unknown, by = '  '): string {
  const words = text(value)
  if (words === '') return ''
  return words
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((one) => (one === '' ? '' : by + one))
    .join('\n')
}

/** Without the parts that are empty. */
export function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n')
}

export function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ')
}

/** A list of names, or the words for none. */
export function names(value: unknown, none = 'nobody'): string {
  return Array.isArray(value) && value.length > 0 ? value.map((one) => line(one)).join(', ') : none
}

/** Terminals obey control characters, and what is written here comes from other agents: only tab and newline stay. */
export function printable(value: string): string {
  return value.replaceAll(/(?![\t\n])\p{Cc}/gu, '')
}
