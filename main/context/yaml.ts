import { stringify } from 'yaml'

/** YAML as the context files have it: keys in the order given, no comments, the same text for the same value. */

const OPTIONS = {
  lineWidth: 0,
  indentSeq: false,
  aliasDuplicateObjects: false,
  // Words that older readers take for booleans and numbers are quoted.
  compat: 'yaml-1.1',
} as const

/** A mapping; entries that are undefined are left out. */
export function yaml(value: object): string {
  return stringify(value, OPTIONS)
}

/** One entry of a list, to be put under a key by `yamlList`. */
export function yamlItem(value: unknown): string {
  return stringify([value], OPTIONS)
}

/** `key:` and its entries (`yamlItem`), made one by one, so that long lists do not hold up the thread. */
export function* yamlList<T>(key: string, items: Iterable<T>, make: (item: T) => string): Generator<string> {
  let started = false
  for (const item of items) {
    if (!started) yield `${key}:\n`
    started = true
    yield make(item)
  }
  if (!started) yield `${key}: []\n`
}

/** Remembers the text made of each record for as long as the record lives: records of the state never change. */
export function perRecord<T extends object>(make: (record: T) => string): (record: T) => string {
  const made = new WeakMap<T, string>()
  return (record) => {
    const known = made.get(record)
    if (known !== undefined) return known
    const text = make(record)
    made.set(record, text)
    return text
  }
}

/** ISO 8601, UTC; null stays null. */
export function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

/** At most `length` characters, with a mark where something is missing. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
