import { groupedNamesMeet } from './automaton.ts'
import { ANY, hasChar, setsMeet } from './charSet.ts'
import { GLOBSTAR, type Glob, type NamePattern, type Segment, STAR, type Token } from './glob.ts'
import { matchesName } from './matchGlob.ts'

/**
 * Is there a path, whether it exists or not, that both globs match? Exact; where groups are too many for an automaton
 * the answer is yes. Both are parsed with the same case.
 */
export function globsOverlap(a: Glob, b: Glob): boolean {
  return a.alternatives.some((one) => b.alternatives.some((other) => pathsMeet(one, other)))
}

function pathsMeet(a: readonly Segment[], b: readonly Segment[]): boolean {
  // Most pairs differ in a folder near the root.
  const short = Math.min(a.length, b.length)
  let i = 0
  for (; i < short; i++) {
    const [one, other] = [a[i]!, b[i]!]
    if (one === GLOBSTAR || other === GLOBSTAR) return meetFrom(a, i, b, i, new Set())
    if (!namesMeet(one, other)) return false
  }
  return a.length === b.length || restIsOptional(a.length > b.length ? a : b, i)
}

/** The shorter one is through: what is left of the other has to match no step at all. */
function restIsOptional(segments: readonly Segment[], from: number): boolean {
  return segments.length === from + 1 && segments[from] === GLOBSTAR
}

/** `failed`: places from which they are known not to meet. */
function meetFrom(
  a: readonly Segment[],
  i: number,
  b: readonly Segment[],
  j: number,
  failed: Set<number>,
): boolean {
  const [one, other] = [a[i], b[j]]
  if (one === undefined && other === undefined) return true
  const key = i * (b.length + 1) + j
  if (failed.has(key)) return false
  const meets =
    (one === GLOBSTAR &&
      (meetFrom(a, i + 1, b, j, failed) || (j < b.length && meetFrom(a, i, b, j + 1, failed)))) ||
    (other === GLOBSTAR &&
      (meetFrom(a, i, b, j + 1, failed) || (i < a.length && meetFrom(a, i + 1, b, j, failed)))) ||
    (one !== undefined &&
      other !== undefined &&
      one !== GLOBSTAR &&
      other !== GLOBSTAR &&
      namesMeet(one, other) &&
      meetFrom(a, i + 1, b, j + 1, failed))
  if (!meets) failed.add(key)
  return meets
}

function namesMeet(a: NamePattern, b: NamePattern): boolean {
  if (a.kind === 'literal') return b.kind === 'literal' ? a.prefix === b.prefix : matchesName(b, a.prefix)
  if (b.kind === 'literal') return matchesName(a, b.prefix)
  if (!a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix)) return false
  if (!a.suffix.endsWith(b.suffix) && !b.suffix.endsWith(a.suffix)) return false
  // With a star between them, the longer beginning and the longer end always go together.
  if (a.kind === 'affix' && b.kind === 'affix') return true
  if (a.kind === 'grouped' || b.kind === 'grouped') return groupedNamesMeet(a, b)
  return tokensMeet(a.tokens, b.tokens)
}

/** Two patterns without groups: which pairs of places a common name can have come to. */
function tokensMeet(a: readonly Token[], b: readonly Token[]): boolean {
  const width = b.length + 1
  const seen = new Uint8Array((a.length + 1) * width)
  const open = [0]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen[place] === 1) continue
    seen[place] = 1
    const [i, j] = [Math.floor(place / width), place % width]
    if (i === a.length && j === b.length) return true
    const [one, other] = [a[i], b[j]]
    if (one === STAR) open.push(place + width)
    if (other === STAR) open.push(place + 1)
    if (one === undefined || other === undefined) continue
    if (!charsMeet(one, other)) continue
    if (one === STAR && other === STAR) continue
    open.push(place + (one === STAR ? 0 : width) + (other === STAR ? 0 : 1))
  }
  return false
}

function charsMeet(one: Token, other: Token): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one === other
  if (typeof one === 'number') return other === STAR || hasChar(setOf(other), one)
  if (typeof other === 'number') return one === STAR || hasChar(setOf(one), other)
  return setsMeet(setOf(one), setOf(other))
}

function setOf(token: Token): typeof ANY {
  return token === STAR ? ANY : (token as typeof ANY)
}
