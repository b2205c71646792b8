/**
 * A persistent vector: a 32-way path-copied array. `set` copies one path (a few short arrays), so a state of
 * 10,000 tasks changes as cheaply as one of ten. It serialises as a plain array.
 */
export class Vec<T> {
  readonly length: number
  readonly #depth: number
  readonly #root: Node<T>

  private constructor(length: number, depth: number, root: Node<T>) {
    this.length = length
    this.#depth = depth
    this.#root = root
  }

  static from<T>(items: readonly T[]): Vec<T> {
    let level: Node<T>[] = chunk(items) as Node<T>[]
    let depth = 0
    while (level.length > 1) {
      level = chunk(level) as Node<T>[]
      depth++
    }
    return new Vec(items.length, depth, level[0] ?? [])
  }

  get(index: number): T | undefined {
    if (index < 0 || index >= this.length) return undefined
    let node = this.#root
    for (let d = this.#depth; d > 0; d--) node = node[(index >>> (5 * d)) & 31] as Node<T>
    return node[index & 31] as T
  }

  /** Throws RangeError outside the vector: it never grows. */
  set(index: number, value: T): Vec<T> {
    if (index < 0 || index >= this.length) throw new RangeError(`no element ${index} in ${this.length}`)
    return new Vec(this.length, this.#depth, setIn(this.#root, this.#depth, index, value))
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this.get(i) as T
  }

  toJSON(): readonly T[] {
    return [...this]
  }
}

type Node<T> = readonly (T | Node<T>)[]

function chunk<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < items.length; i += 32) chunks.push(items.slice(i, i + 32))
  return chunks
}

function setIn<T>(node: Node<T>, depth: number, index: number, value: T): Node<T> {
  const copy = node.slice()
  const at = (index >>> (5 * depth)) & 31
  copy[at] = depth === 0 ? value : setIn(node[at] as Node<T>, depth - 1, index, value)
  return copy
}
