import type { CharSet } from './charSet.ts'

/**
 * Globs as the project file, the command line and agents write them, relative to the repository's root. One meaning
 * for all of the program: what a lock covers, what may be committed, and what two locks have in common.
 *
 * `*` and `?` stand for characters of one name, also of one that starts with a dot; `**` as a whole step for any number
 * of steps, also none; `[a-z]`, `[!a]` and `[^a]` for one character; `{a,b}`, `{1..9}`, `@(a|b)`, `(a|b)` and `?(a)` for
 * alternatives, which may hold steps; `*(a|b)`, `+(a|b)` and `!(a|b)`, as in bash, for parts of one name. What does not
 * close, or follows a backslash, stands for itself. A step at the end (`src/`) means everything below it.
 */
export interface Glob {
  readonly source: string
  /** It matches what one of these matches. Empty: nothing. */
  readonly alternatives: readonly (readonly Segment[])[]
  /** For a disk that does not tell `A` from `a`: names are compared in lower case. */
  readonly folded: boolean
}

/** `**`, or the pattern of one name. */
export type Segment = typeof GLOBSTAR | NamePattern
export const GLOBSTAR = '**'

/**
 * `literal`: a name and nothing else. `affix`: one star, so that beginning and end say everything. `tokens`: anything
 * else without groups. `grouped`: only an automaton can compare it.
 */
export interface NamePattern {
  readonly kind: 'literal' | 'affix' | 'tokens' | 'grouped'
  readonly tokens: readonly Token[]
  /** What every name that matches begins and ends with; of a `literal`, the name. */
  readonly prefix: string
  readonly suffix: string
}

/** A character by its code, a set of them, `*`, or a group. */
export type Token = number | CharSet | typeof STAR | Group
export const STAR = '*'

/** None or more of its options, one or more, or anything but one of them. */
export interface Group {
  readonly repeat: '*' | '+' | '!'
  readonly options: readonly (readonly Token[])[]
}

export function isGroup(token: Token): token is Group {
  return typeof token === 'object' && 'repeat' in token
}

export function namePattern(tokens: readonly Token[]): NamePattern {
  const fixed = tokens.findIndex((token) => typeof token !== 'number')
  if (fixed === -1) {
    const name = textOf(tokens)
    return { kind: 'literal', tokens, prefix: name, suffix: name }
  }
  const end = tokens.findLastIndex((token) => typeof token !== 'number')
  const grouped = tokens.some(isGroup)
  const affix = fixed === end && tokens[fixed] === STAR
  return {
    kind: grouped ? 'grouped' : affix ? 'affix' : 'tokens',
    tokens,
    prefix: textOf(tokens.slice(0, fixed)),
    suffix: textOf(tokens.slice(end + 1)),
  }
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => String.fromCharCode(token as number)).join('')
}
