import { ANY, charSet } from './charSet.ts'
import { GLOBSTAR, type Glob, namePattern, type Segment, STAR, type Token } from './glob.ts'

/** So many spellings of one glob are told apart; one with more is refused. */
const MOST_ALTERNATIVES = 1_024
const MOST_CACHED = 20_000
/** By what was written; a name of its own for each would cost more than to compare two. */
const caches = { exact: new Map<string, Glob>(), folded: new Map<string, Glob>() }

/** Throws a RangeError that says what is wrong: too many alternatives, or steps within a group that cannot hold them. */
export function parseGlob(source: string, folded = false): Glob {
  const cache = folded ? caches.folded : caches.exact
  const known = cache.get(source)
  if (known !== undefined) return known
  const text = folded ? source.normalize('NFC') : source
  const spelled = new Parser(text, folded).parse()
  const glob: Glob = {
    source,
    alternatives: spelled.map(segmentsOf).filter((path) => path.length > 0),
    folded,
  }
  if (cache.size >= MOST_CACHED) cache.clear()
  cache.set(source, glob)
  return glob
}

const SLASH = '/'
/** What a spelling is made of. */
type Item = Token | typeof SLASH
type Items = readonly Item[]
/** The ways to spell a piece of the glob, and where what follows it begins. */
interface Piece {
  readonly items: readonly Items[]
  readonly next: number
}

/** Recursive descent over one glob; alternatives are multiplied out on the way. */
class Parser {
  readonly #text: string
  readonly #folded: boolean

  constructor(text: string, folded: boolean) {
    this.#text = text
    this.#folded = folded
  }

  parse(): readonly Items[] {
    return this.#between(0, this.#text.length)
  }

  #between(from: number, to: number): readonly Items[] {
    let spelled: readonly Items[] = [[]]
    for (let at = from; at < to; ) {
      const { items, next } = this.#piece(at, to)
      const many = spelled.length * items.length
      if (many > MOST_ALTERNATIVES)
        throw new RangeError(
          `${JSON.stringify(this.#text)} has more than ${MOST_ALTERNATIVES} alternatives: write it as several globs`,
        )
      spelled = spelled.flatMap((before) => items.map((item) => [...before, ...item]))
      at = next
    }
    return spelled
  }

  #piece(at: number, to: number): Piece {
    const sign = this.#text[at]!
    if (sign === '\\' && at + 1 < to) return this.#plain(at + 1)
    if (sign === '{') return this.#braces(at, to) ?? this.#plain(at)
    if (sign === '[') return this.#set(at, to) ?? this.#plain(at)
    if (sign === '(') return this.#group('@', at, to) ?? this.#plain(at)
    if ('@?*+!'.includes(sign) && this.#text[at + 1] === '(') {
      const group = this.#group(sign, at + 1, to)
      if (group !== undefined) return group
    }
    const next = at + 1
    if (sign === '*') return { items: [[STAR]], next }
    if (sign === '?') return { items: [[ANY]], next }
    if (sign === '/') return { items: [[SLASH]], next }
    return this.#plain(at)
  }

  #plain(at: number): Piece {
    const letter = this.#text[at]!
    const lower = this.#folded ? letter.toLowerCase() : letter
    return { items: [[...lower].flatMap((part) => codesOf(part))], next: at + 1 }
  }

  #braces(at: number, to: number): Piece | undefined {
    const parts = this.#parts(at, to, '}', ',')
    if (parts === undefined) return undefined
    const next = parts.at(-1)![1] + 1
    if (parts.length > 1) return { items: parts.flatMap(([a, b]) => this.#between(a, b)), next }
    const range = rangeOf(this.#text.slice(...parts[0]!))
    if (range === undefined) return undefined
    return { items: range.map((word) => codesOf(this.#folded ? word.toLowerCase() : word)), next }
  }

  #group(sign: string, open: number, to: number): Piece | undefined {
    const parts = this.#parts(open, to, ')', '|')
    if (parts === undefined) return undefined
    const next = parts.at(-1)![1] + 1
    const options = parts.flatMap(([a, b]) => this.#between(a, b))
    if (sign === '@') return { items: options, next }
    if (sign === '?') return { items: [[], ...options], next }
    const flat = options.map((items) =>
      items.map((item) => {
        if (item !== SLASH) return item
        throw new RangeError(
          `${JSON.stringify(this.#text)} has a "/" in "${sign}(…)", which stands for part of one name: write the paths out`,
        )
      }),
    )
    return { items: [[{ repeat: sign as '*' | '+' | '!', options: flat }]], next }
  }

  /** Where the parts of a group are, or undefined when it does not close. */
  #parts(open: number, to: number, close: string, between: string): readonly [number, number][] | undefined {
    const parts: [number, number][] = []
    let from = open + 1
    for (let at = from; at < to; at++) {
      const sign = this.#text[at]!
      if (sign === '\\') {
        at++
        continue
      }
      if (sign === close) return [...parts, [from, at]]
      if (sign === between) {
        parts.push([from, at])
        from = at + 1
      }
      at = this.#inner(sign, at, to)
    }
    return undefined
  }

  /** The last place of a group or set that starts here; the place itself where none does. */
  #inner(sign: string, at: number, to: number): number {
    if (sign === '[') return (this.#set(at, to)?.next ?? at + 1) - 1
    if (sign !== '{' && sign !== '(') return at
    const parts = sign === '{' ? this.#parts(at, to, '}', ',') : this.#parts(at, to, ')', '|')
    return parts === undefined ? at : parts.at(-1)![1]
  }

  #set(at: number, to: number): Piece | undefined {
    const negated = this.#text[at + 1] === '!' || this.#text[at + 1] === '^'
    const first = at + (negated ? 2 : 1)
    // Right at the start a closing bracket stands for itself.
    const close = this.#text.indexOf(']', first + 1)
    if (close === -1 || close >= to) return undefined
    const inside = this.#text.slice(first, close)
    if (inside.includes('/')) return undefined
    const set = charSet(rangesOf(inside), negated, this.#folded)
    return { items: set === undefined ? [] : [[set]], next: close + 1 }
  }
}

function rangesOf(inside: string): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = []
  for (let i = 0; i < inside.length; i++) {
    const from = inside.charCodeAt(i)
    if (inside[i + 1] === '-' && i + 2 < inside.length) {
      const to = inside.charCodeAt(i + 2)
      // The other way round it is empty in every shell.
      if (from <= to) ranges.push([from, to])
      i += 2
    } else ranges.push([from, from])
  }
  return ranges
}

/** `1..9`, `01..10`, `a..e`. */
function rangeOf(inside: string): readonly string[] | undefined {
  const [, first, last] = /^(-?\d{1,6}|[A-Za-z])\.\.(-?\d{1,6}|[A-Za-z])$/.exec(inside) ?? []
  if (first === undefined || last === undefined || /\d/.test(first) !== /\d/.test(last)) return undefined
  const numbers = /\d/.test(first)
  const [a, b] = numbers ? [Number(first), Number(last)] : [first.charCodeAt(0), last.charCodeAt(0)]
  const [from, to] = [Math.min(a, b), Math.max(a, b)]
  if (to - from >= MOST_ALTERNATIVES)
    throw new RangeError(`{${inside}} has more than ${MOST_ALTERNATIVES} alternatives: write "*" for them`)
  const width = numbers && /^-?0\d/.test(first.length >= last.length ? first : last) ? first.length : 0
  return Array.from({ length: to - from + 1 }, (_, i) =>
    numbers ? padded(from + i, width) : String.fromCharCode(from + i),
  )
}

function padded(number: number, width: number): string {
  const digits = String(Math.abs(number)).padStart(number < 0 ? width - 1 : width, '0')
  return number < 0 ? `-${digits}` : digits
}

function codesOf(text: string): readonly number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
}

/** Steps of one spelling; `.` and empty steps say nothing, but at the end they mean what is below. */
function segmentsOf(items: Items): readonly Segment[] {
  const names: Token[][] = [[]]
  for (const item of items) {
    if (item === SLASH) names.push([])
    else names.at(-1)!.push(item)
  }
  const segments: Segment[] = []
  names.forEach((tokens, i) => {
    const last = i === names.length - 1
    const step = segmentOf(tokens, last && segments.length > 0)
    if (step !== undefined && !(step === GLOBSTAR && segments.at(-1) === GLOBSTAR)) segments.push(step)
  })
  return segments
}

function segmentOf(tokens: readonly Token[], meansBelow: boolean): Segment | undefined {
  if (tokens.length === 0) return meansBelow ? GLOBSTAR : undefined
  if (tokens.length === 1 && tokens[0] === 0x2e) return undefined
  if (tokens.length > 1 && tokens.every((token) => token === STAR)) return GLOBSTAR
  return namePattern(tokens.filter((token, i) => token !== STAR || tokens[i - 1] !== STAR))
}
