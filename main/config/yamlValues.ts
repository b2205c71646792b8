import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'

/** Where a value and its key start, as offsets in the text; list items have the same for both. */
export interface Place {
  readonly key: number
  readonly value: number
  /** A scalar as written. */
  readonly text: string | undefined
}

export interface PlaceMap {
  readonly root: Place
  /** For each map and list: where what it holds stands. */
  readonly inside: WeakMap<object, ReadonlyMap<string | number, Place>>
}

export interface PlainFault {
  readonly offset: number
  readonly message: string
  /** The values must not be used. */
  readonly fatal: boolean
}

export interface PlainResult {
  readonly value: unknown
  readonly places: PlaceMap
  readonly faults: readonly PlainFault[]
}

/** Maps and lists in each other. A project file needs about ten. */
const MAX_DEPTH = 64
/** Values reached through aliases, all together: an alias bomb has millions. */
const MAX_ALIASED = 50_000

/** One pass over the parsed nodes. Aliases share the value they name; `<<` merges maps. */
export function toPlain(root: Node | null): PlainResult {
  const faults: PlainFault[] = []
  const converter = new Converter(faults)
  const value = root === null ? null : converter.convert(root, 0)
  const places = { root: place(root, root), inside: converter.inside }
  return { value, places, faults }
}

function place(key: unknown, value: unknown): Place {
  const text = isScalar(value) && typeof value.value !== 'string' ? value.source : undefined
  const start = offsetOf(value)
  return { key: offsetOf(key) ?? start ?? 0, value: start ?? offsetOf(key) ?? 0, text }
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0]
}

/**
 * Walks a document once, in the order of the text, so that every anchor is known before its aliases.
 * `anchors` holds what has ended; an alias to a value that is still open would be a loop and is refused.
 */
class Converter {
  readonly inside = new WeakMap<object, ReadonlyMap<string | number, Place>>()
  readonly #faults: PlainFault[]
  readonly #anchors = new Map<string, { readonly value: unknown; readonly size: number }>()
  /** Values made so far, those behind aliases counted each time. */
  #size = 0
  /** Only those behind aliases. */
  #aliased = 0

  constructor(faults: PlainFault[]) {
    this.#faults = faults
  }

  convert(node: unknown, depth: number): unknown {
    const before = this.#size
    this.#size += 1
    if (isAlias(node)) return this.#alias(node)
    if (depth > MAX_DEPTH)
      return this.#fail(node, `this is nested too deeply: the most is ${MAX_DEPTH} levels`, true)
    const value = this.#value(node, depth)
    const anchor = (node as { anchor?: string } | null)?.anchor
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#size - before })
    return value
  }

  #value(node: unknown, depth: number): unknown {
    if (isMap(node)) return this.#map(node, depth)
    if (isSeq(node)) {
      const list = node.items.map((item) => this.convert(item, depth + 1))
      this.inside.set(list, new Map(node.items.map((item, i) => [i, place(item, item)] as const)))
      return list
    }
    return isScalar(node) ? node.value : null
  }

  #alias(node: Alias): unknown {
    const known = this.#anchors.get(node.source)
    if (known === undefined) {
      return this.#fail(
        node,
        `the alias *${node.source} names no anchor (&${node.source}) that ends before it`,
        true,
      )
    }
    this.#size += known.size
    this.#aliased += known.size
    if (this.#aliased > MAX_ALIASED) {
      const fatal = this.#faults.some((fault) => fault.fatal)
      if (!fatal)
        this.#fail(node, `aliases expand to more than ${MAX_ALIASED} values: write fewer of them`, true)
    }
    return known.value
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    const places = new Map<string | number, Place>()
    const merges: (readonly [unknown, unknown])[] = []
    for (const pair of node.items as Pair[]) {
      const key = this.#key(pair.key)
      const value = this.convert(pair.value, depth + 1)
      if (key === undefined || key.startsWith('x-')) continue
      if (key === '<<') {
        merges.push([pair.value, value])
      } else if (places.has(key)) {
        this.#fail(pair.key, `the key "${key}" is given twice in this map`, false)
      } else {
        places.set(key, place(pair.key, pair.value))
        map[key] = value
      }
    }
    for (const [where, value] of merges) this.#merge(map, places, where, value)
    this.inside.set(map, places)
    return map
  }

  #key(node: unknown): string | undefined {
    if (!isScalar(node)) {
      this.#fail(node, 'a key must be plain text', false)
      return undefined
    }
    const key = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
    if (key !== '__proto__') return key
    this.#fail(node, 'the key "__proto__" cannot be used', false)
    return undefined
  }

  #merge(
    map: Record<string, unknown>,
    places: Map<string | number, Place>,
    where: unknown,
    value: unknown,
  ): void {
    for (const from of Array.isArray(value) ? value : [value]) {
      if (typeof from !== 'object' || from === null || Array.isArray(from)) {
        this.#fail(where, '"<<" merges maps: give it an alias of a map', false)
        continue
      }
      for (const [key, merged] of Object.entries(from)) {
        if (places.has(key)) continue
        places.set(key, this.inside.get(from)?.get(key) ?? place(where, where))
        map[key] = merged
      }
    }
  }

  #fail(node: unknown, message: string, fatal: boolean): undefined {
    this.#faults.push({ offset: offsetOf(node) ?? 0, message, fatal })
    return undefined
  }
}
