import { describe, expect, it } from 'vitest'
import { formatProblem } from './problems.ts'
import { parseYaml } from './yaml.ts'

const lines = (text: string): string[] => {
  const result = parseYaml(text, 'f.yaml')
  return result.problems.map(formatProblem)
}
const value = (text: string): unknown => {
  const result = parseYaml(text, 'f.yaml')
  return result.ok ? result.source.root : result.problems.map(formatProblem)
}

describe('parseYaml', () => {
  it.each([
    ['a: 1\nb: [x, 2, true, null]\n', { a: 1, b: ['x', 2, true, null] }],
    ['\uFEFFa: 1\r\nb:\r\n  - c\r\n', { a: 1, b: ['c'] }],
    ['{\n\t"a": [\n\t\t1\n\t]\n}', { a: [1] }],
    ['', null],
    ['x-a: &a {p: 1, q: 2}\nb: *a\nc:\n  <<: *a\n  q: 3\n', { b: { p: 1, q: 2 }, c: { q: 3, p: 1 } }],
    ['a: {x-note: 1, b: 2}', { a: { b: 2 } }],
    ['on: yes\n1: no', { on: 'yes', 1: 'no' }],
    ['constructor: 1\ntoString: 2', { constructor: 1, toString: 2 }],
  ])('reads %j', (text, expected) => {
    expect(value(text)).toEqual(expected)
  })

  it.each([
    ['a: 1\nb: 2\na: 3\n', ['f.yaml:3:1: the key "a" is given twice in this map']],
    ['a: 1\n---\nb: 2\n', ['f.yaml:2:1: a second document starts here: keep one document in a file']],
    ['a:\n\tb: 1', ['f.yaml:2:1: a tab is used to indent: use spaces']],
    ['a: *b', ['f.yaml:1:4: the alias *b names no anchor (&b) that ends before it']],
    ['a: &a [*a]', ['f.yaml:1:8: the alias *a names no anchor (&a) that ends before it']],
    ['a: !secret x', ['f.yaml:1:4: unknown tag: !secret: tags are not used here']],
    ['a: @x', ['f.yaml:1:4: a value cannot start with reserved character @: put it in quotes']],
    ['? [a]\n: 1', ['f.yaml:1:3: a key must be plain text']],
    ['__proto__: {a: 1}', ['f.yaml:1:1: the key "__proto__" cannot be used']],
    ['<<: 1', ['f.yaml:1:5: "<<" merges maps: give it an alias of a map']],
    ['a: "x', ['f.yaml:1:6: this is not valid YAML: Missing closing "quote']],
  ])('refuses %j', (text, expected) => {
    expect(lines(text)).toEqual(expected)
  })

  it('refuses deep nesting', () => {
    expect(lines(`${'['.repeat(80)}${']'.repeat(80)}`)[0]).toContain(
      'this is nested too deeply: the most is 64 levels',
    )
    expect(lines('['.repeat(5000))[0]).toContain('this is nested too deeply')
    expect(lines('- '.repeat(5000))[0]).toContain('this is nested too deeply')
  })

  it('refuses an alias bomb at once', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`)}]`)
    expect(lines(['a0: &a0 lol', ...levels].join('\n'))).toEqual([
      'f.yaml:6:18: aliases expand to more than 50000 values: write fewer of them',
    ])
  })

  it('allows many aliases of a small value', () => {
    expect(value(`a: &a {b: 1}\nc: [${Array(2000).fill('*a')}]`)).toMatchObject({ a: { b: 1 } })
  })

  it('refuses too large a text before parsing it', () => {
    expect(lines('a: 1\n'.repeat(1_000_000))).toEqual([
      'f.yaml: the file is 4.8 MiB; the most is 1 MiB. Split large lists with "count" or generate fewer tasks',
    ])
  })

  it('knows where things stand', () => {
    const result = parseYaml('a:\n  - b: 1.10\n    c: x\n', 'f.yaml')
    if (!result.ok) throw new Error('should parse')
    const { source } = result
    expect(source.problem(['a', 0, 'b'], 'm')).toEqual({
      file: 'f.yaml',
      line: 2,
      column: 8,
      path: 'a[0].b',
      message: 'm',
    })
    expect(source.problemAtKey(['a', 0, 'b'], 'm').column).toBe(5)
    expect(source.problem(['a', 0, 'missing'], 'm').column).toBe(5)
    expect(source.problem(['nothing', 'here'], 'm').line).toBe(1)
    expect(source.written(['a', 0, 'b'])).toBe('1.10')
  })
})
