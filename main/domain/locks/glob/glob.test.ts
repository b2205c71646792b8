import fc from 'fast-check'
import picomatch from 'picomatch'
import { isDisjointWith, JS, NFA } from 'refa'
import { describe, expect, it } from 'vitest'
import { check } from '../../testing/check.ts'
import { matchesGlob } from './matchGlob.ts'
import { globsOverlap } from './overlap.ts'
import { parseGlob } from './parseGlob.ts'

const overlap = (a: string, b: string, folded = false): boolean =>
  globsOverlap(parseGlob(a, folded), parseGlob(b, folded))
const matches = (glob: string, path: string, folded = false): boolean =>
  matchesGlob(parseGlob(glob, folded), path)

describe('two globs', () => {
  it.each([
    ['src/**/*.ts', 'src/api/*', true],
    ['{a,b}/*', 'b/c', true],
    ['*.py', 'services/**/hops.py', false],
    ['**/*.py', 'services/**/hops.py', true],
    ['services/backend/api/endpoints/*.py', 'services/backend/**', true],
    ['src/api/**', 'src/apis/**', false],
    ['src', 'src/**', true],
    ['src/', 'src/api/a.ts', true],
    ['*', '.env', true],
    ['**', '.github/workflows/ci.yml', true],
    ['[!a]*', 'apple', false],
    ['[^a]*', 'a*', false],
    ['[a-m]?', '?[n-z]', true],
    ['!(*.test).ts', 'a.test.ts', false],
    ['!(*.test).ts', '*.spec.ts', true],
    ['!(*.test.ts)', '*.test.ts', false],
    ['!(a|b)', '@(a|b)', false],
    ['+(ab)', 'abab', true],
    ['+(ab)', 'aba', false],
    ['*(ab)c', '+(a|b)c', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/c/d', false],
    ['a/**/b/**', '**/c/b/d', true],
    ['file{1..3}', 'file2', true],
    ['file{01..10}', 'file4', false],
    ['{src,lib/deep}/x', 'lib/*/x', true],
    ['a{,.bak}', 'a.bak', true],
    ['./docs/x.md', 'docs/*.md', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['{a\\,b}', '{a,b}', false],
    ['', '**', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlap(a, b)).toBe(expected)
    expect(overlap(b, a)).toBe(expected)
  })

  it('meet in names that a case-blind disk does not tell apart', () => {
    expect(overlap('README.md', 'readme.*')).toBe(false)
    expect(overlap('README.md', 'readme.*', true)).toBe(true)
    expect(overlap('[A-C]x', 'bX', true)).toBe(true)
    expect(overlap('[!B]', 'b', true)).toBe(false)
    expect(overlap('caf\u00e9', 'cafe\u0301', true)).toBe(true)
  })

  it('say what is wrong with what cannot be taken', () => {
    expect(() => parseGlob('{1..2000}')).toThrow(/more than 1024 alternatives/)
    expect(() => parseGlob('{a,b}'.repeat(11))).toThrow(/more than 1024/)
    expect(() => parseGlob('*(a/b)')).toThrow(/write the paths out/)
  })

  it('are compared in time that does not explode', () => {
    const stars = `${'*a'.repeat(60)}b`
    expect(overlap(stars, `${'a*'.repeat(60)}c`)).toBe(false)
    expect(matches(stars, 'a'.repeat(250))).toBe(false)
    expect(matches('*(*(*(a)))b', 'a'.repeat(200))).toBe(false)
    const deep = '**/a/'.repeat(30)
    expect(overlap(`${deep}b`, `${deep}c`)).toBe(false)
  })
})

const OPTIONS = { dot: true, nonegate: true, windows: false, flags: 's' } as const

/** Of forms on whose meaning all agree; `[!a]`, ranges and groups are read in many ways. */
function plainGlobs(...letters: readonly string[]): fc.Arbitrary<string> {
  const name = fc
    .array(fc.constantFrom(...letters, '*', '?', '[ab]', '[^a]'), { minLength: 1, maxLength: 3 })
    .map((pieces) => pieces.join('').replace(/\*+/g, '*'))
    .filter((made) => made !== '.' && !made.includes('..'))
  const step = fc.oneof({ arbitrary: name, weight: 3 }, fc.constant('**'))
  const path = fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('/'))
  return fc.oneof(
    { arbitrary: path, weight: 3 },
    fc.tuple(name, name, path).map(([a, b, rest]) => `{${a},${b}}/${rest}`),
  )
}
const plainGlob = plainGlobs('a', 'b', '.')

/** Every path of up to three names of up to three letters. */
const NAMES = ['a', 'b', 'c', '.'].flatMap((x) => [
  x,
  ...['a', 'b', '.'].flatMap((y) => [x + y, ...['a', 'b'].map((z) => x + y + z)]),
])
const VALID = NAMES.filter((name) => name !== '.' && name !== '..')
const PATHS = [...VALID, ...VALID.flatMap((a) => VALID.slice(0, 30).map((b) => `${a}/${b}`))]

const somePath = fc
  .tuple(fc.constantFrom(...PATHS), fc.option(fc.constantFrom(...VALID)))
  .map(([start, end]) => (end === null ? start : `${start}/${end}`))

describe('checked against others', () => {
  it('matches what picomatch matches', () => {
    // To it the `**` of `a/**` may be no step, that of `*/**` may not.
    const theirs = (glob: string, path: string): boolean =>
      picomatch.isMatch(path, glob, OPTIONS) || (glob.endsWith('/**') && theirs(glob.slice(0, -3), path))
    check(
      3_000,
      // Not with a dot beside a star, which it takes to mean something else now and then.
      fc.property(plainGlobs('a', 'b'), somePath, (glob, path) => {
        expect([glob, path, matches(glob, path)]).toEqual([glob, path, theirs(glob, path)])
      }),
    )
  })

  it('matches what a regular expression matches that is spelled out here', () => {
    check(
      3_000,
      fc.property(plainGlob, somePath, (glob, path) => {
        const theirs = new RegExp(`^(?:${regex(glob)})$`).test(`${path}/`)
        expect([glob, path, matches(glob, path)]).toEqual([glob, path, theirs])
      }),
    )
  })

  it('overlaps where, and only where, some short path is matched by both', () => {
    const short = fc
      .array(fc.oneof({ arbitrary: shortName, weight: 3 }, fc.constant('**')), { minLength: 1, maxLength: 2 })
      .map((steps) => steps.join('/'))
    check(
      3_000,
      fc.property(short, short, (a, b) => {
        const [one, other] = [parseGlob(a), parseGlob(b)]
        const witness = PATHS.find((path) => matchesGlob(one, path) && matchesGlob(other, path))
        expect([a, b, globsOverlap(one, other), witness]).toEqual([a, b, witness !== undefined, witness])
      }),
    )
  })

  it('agrees with an automaton of the whole paths', () => {
    check(
      1_000,
      fc.property(plainGlob, plainGlob, (a, b) => {
        expect([a, b, overlap(a, b)]).toEqual([a, b, !isDisjointWith(whole(a), whole(b))])
      }),
    )
  })
})

const shortName = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]'), { minLength: 1, maxLength: 2 })
    .map((pieces) => pieces.join('').replace(/\*+/g, '*')),
  fc.constantFrom('!(a)', '!(a|b)', '+(a)', '*(a|b)', '@(a|ab)', '?(a)b', '!(a)b', 'a+(b)', '!(?)'),
)

/** An automaton of the globs of `plainGlob`, by way of a regular expression that is spelled out here. */
function whole(glob: string): NFA {
  const { expression, maxCharacter } = JS.Parser.fromLiteral(new RegExp(regex(glob))).parse()
  return NFA.fromRegex(expression, { maxCharacter })
}

function regex(glob: string): string {
  const [, alternatives, rest] = /^\{(.*?)\}\/(.*)$/.exec(glob) ?? []
  if (alternatives !== undefined)
    return alternatives
      .split(',')
      .map((one) => regex(`${one}/${rest}`))
      .join('|')
  const steps = glob.split('/').map((step) =>
    step === '**'
      ? null
      : step.replace(/\[\^a\]|\[ab\]|[*?.]/g, (sign) => {
          if (sign === '*') return '[^/]*'
          if (sign === '?') return '[^/]'
          if (sign === '.') return '\\.'
          return sign === '[^a]' ? '[^a/]' : sign
        }),
  )
  // Each name with a slash behind it: so a `**` is any number of names, wherever it stands.
  return steps
    .map((step) => (step === null ? '(?:[^/]+/)*' : `(?=[^/])${step}/`))
    .join('')
    .replaceAll('(?=[^/])', '')
}
