/** Keeps the last `limit` bytes of what is given to it. */
export class Tail {
  readonly #limit: number
  #kept: Buffer[] = []
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(data: Uint8Array): void {
    this.#kept.push(Buffer.from(data))
    this.#length += data.length
    while (this.#length - this.#kept[0]!.length >= this.#limit) this.#length -= this.#kept.shift()!.length
  }

  /** As text; a character cut at the beginning is left out. */
  text(): string {
    const all = Buffer.concat(this.#kept)
    if (all.length <= this.#limit) return all.toString('utf8')
    const end = all.subarray(all.length - this.#limit)
    // Continuation bytes of UTF-8 whose beginning was cut off; at most three.
    let start = 0
    while (start < 3 && (end[start]! & 0xc0) === 0x80) start += 1
    return end.subarray(start).toString('utf8')
  }
}
