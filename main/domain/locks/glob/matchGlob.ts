import { hasChar } from './charSet.ts'
import {
  GLOBSTAR,
  type Glob,
  type Group,
  isGroup,
  type NamePattern,
  type Segment,
  STAR,
  type Token,
} from './glob.ts'

/** Does the glob match this path, which is relative to the repository's root and has no empty steps? */
export function matchesGlob(glob: Glob, path: string): boolean {
  const names = (glob.folded ? path.normalize('NFC').toLowerCase() : path).split('/')
  return glob.alternatives.some((segments) => matchesPath(segments, names))
}

function matchesPath(segments: readonly Segment[], names: readonly string[]): boolean {
  // As for a star in a name: only the last `**` ever has to give way.
  let [at, name] = [0, 0]
  let again: [number, number] | undefined
  while (name < names.length) {
    const segment = segments[at]
    if (segment === GLOBSTAR) {
      again = [at, name]
      at++
    } else if (segment !== undefined && matchesName(segment, names[name]!)) {
      at++
      name++
    } else if (again !== undefined) {
      at = again[0] + 1
      name = ++again[1]
    } else return false
  }
  while (segments[at] === GLOBSTAR) at++
  return at === segments.length
}

export function matchesName(pattern: NamePattern, name: string): boolean {
  const { prefix, suffix } = pattern
  switch (pattern.kind) {
    case 'literal':
      return name === prefix
    case 'affix':
      return name.length >= prefix.length + suffix.length && name.startsWith(prefix) && name.endsWith(suffix)
    default:
      return (
        name.startsWith(prefix) &&
        name.endsWith(suffix) &&
        reach(pattern.tokens, name, [0]).includes(name.length)
      )
  }
}

/** Every place up to which the tokens can match, from one of these places on. */
function reach(tokens: readonly Token[], name: string, starts: readonly number[]): readonly number[] {
  let places = starts
  for (const token of tokens) {
    if (places.length === 0) return places
    places = step(token, name, places)
  }
  return places
}

function step(token: Token, name: string, places: readonly number[]): readonly number[] {
  if (token === STAR) return upTo(Math.min(...places), name.length)
  if (typeof token === 'number')
    return places.filter((at) => name.charCodeAt(at) === token).map((at) => at + 1)
  if (!isGroup(token))
    return places.filter((at) => at < name.length && hasChar(token, name.charCodeAt(at))).map((at) => at + 1)
  return token.repeat === '!' ? butFor(token, name, places) : repeated(token, name, places)
}

function repeated({ repeat, options }: Group, name: string, places: readonly number[]): readonly number[] {
  const reached = new Set(repeat === '*' ? places : [])
  let news = places
  while (news.length > 0) {
    const next = new Set(options.flatMap((option) => reach(option, name, news)))
    news = [...next].filter((at) => !reached.has(at))
    for (const at of news) reached.add(at)
  }
  return [...reached]
}

function butFor({ options }: Group, name: string, places: readonly number[]): readonly number[] {
  const reached = new Set<number>()
  for (const place of places) {
    const excluded = new Set(options.flatMap((option) => reach(option, name, [place])))
    for (const at of upTo(place, name.length)) if (!excluded.has(at)) reached.add(at)
  }
  return [...reached]
}

function upTo(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}
