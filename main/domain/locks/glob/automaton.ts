import { CharSet as Chars, DFA, isDisjointWith, NFA, TooManyNodesError } from 'refa'
import { ANY, type CharSet } from './charSet.ts'
import { type Group, isGroup, type NamePattern, STAR, type Token } from './glob.ts'

/** Names with groups, as finite automata. */

const LIMITS = { maxCharacter: 0xffff }
const MOST_NODES = 20_000
const cache = new WeakMap<NamePattern, NFA | 'too large'>()

/** Is there a name that both match? Yes also where that would take too long to find out. */
export function groupedNamesMeet(a: NamePattern, b: NamePattern): boolean {
  const [one, other] = [automatonOf(a), automatonOf(b)]
  if (one === 'too large' || other === 'too large') return true
  try {
    return !isDisjointWith(one, other, MOST_NODES)
  } catch (error) {
    if (error instanceof TooManyNodesError) return true
    throw error
  }
}

function automatonOf(pattern: NamePattern): NFA | 'too large' {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const made = limited(() => sequence(pattern.tokens))
  cache.set(pattern, made)
  return made
}

function limited(make: () => NFA): NFA | 'too large' {
  try {
    return make()
  } catch (error) {
    if (error instanceof TooManyNodesError) return 'too large'
    throw error
  }
}

function sequence(tokens: readonly Token[]): NFA {
  const all = NFA.emptyWord(LIMITS)
  for (const token of tokens) all.append(one(token))
  return all
}

function one(token: Token): NFA {
  if (token === STAR) return anyName()
  if (typeof token === 'number') return NFA.fromCharSet(Chars.fromCharacter(LIMITS.maxCharacter, token))
  return isGroup(token) ? group(token) : characters(token)
}

function characters(set: CharSet): NFA {
  return NFA.fromCharSet(Chars.empty(LIMITS.maxCharacter).union(set.map(([min, max]) => ({ min, max }))))
}

function anyName(): NFA {
  const name = characters(ANY)
  name.quantify(0, Number.POSITIVE_INFINITY)
  return name
}

function group({ repeat, options }: Group): NFA {
  const all = NFA.empty(LIMITS)
  for (const option of options) all.union(sequence(option))
  if (repeat !== '!') {
    all.quantify(repeat === '*' ? 0 : 1, Number.POSITIVE_INFINITY)
    return all
  }
  const others = DFA.fromFA(all)
  others.complement()
  return NFA.fromIntersection(others, anyName())
}
