import { randomFrom } from '../../domain/testing/world.ts'

/** Everything left to chance in the simulator comes from here: the same seed, the same numbers. */
export class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomFrom(seed)
  }

  /** A source of its own for one part, so that what it draws does not shift what the others draw. */
  static of(seed: number, label: string): Random {
    return new Random(hash(`${seed}:${label}`))
  }

  chance(share: number): boolean {
    return share > 0 && this.#next() < share
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1))
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('there is nothing to pick from')
    return items[this.int(0, items.length - 1)]!
  }
}

/** FNV-1a, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
