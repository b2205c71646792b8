import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from '../testing/check.ts'
import { approval, COMMAND } from '../testing/gates.ts'
import { verdictOf } from './evaluating.ts'
import type { Condition, Counted, Measurement, ResultState } from './gate.ts'
import { judge } from './judge.ts'

const TESTS = { kind: 'junit', title: '', reports: ['r.xml'], minTests: 3, mayDrop: null } as const
const COVERAGE = {
  kind: 'coverage',
  title: '',
  format: 'lcov',
  reports: ['c'],
  floors: { lines: 80 },
  mayDrop: null,
} as const
const SCAN = { kind: 'sarif', title: '', reports: ['s'], failOn: 'high' } as const

const tests = (passed: number, failed = 0, skipped = 0): Measurement => ({
  kind: 'junit',
  passed,
  failed,
  skipped,
  names: [],
})
const covered = (lines: Counted | null, branches: Counted | null = null): Measurement => ({
  kind: 'coverage',
  lines,
  branches,
  functions: null,
})
const of = (covered: number, total: number): Counted => ({ covered, total })
const findings = (low: number, medium: number, high: number, critical: number): Measurement => ({
  kind: 'findings',
  counts: { low, medium, high, critical },
  suppressed: 0,
  first: [],
})
const paths = (...found: string[]): Measurement => ({ kind: 'paths', paths: found, more: 0 })
const FILES = { kind: 'files', title: '', globs: ['a'] } as const
const CONTAINS = { kind: 'contains', title: '', file: 'a', wanted: { text: 'x' } } as const
const LAST_TESTS = { 'junit r.xml: passed': 10 }
const LAST_LINES = { 'coverage c: lines': 85 }

describe('what was found, held against what is wanted', () => {
  test.each<[string, Condition, Measurement, Record<string, number>, ResultState, RegExp]>([
    ['all pass', TESTS, tests(3), {}, 'passed', /^3 tests passed$/],
    ['one fails', TESTS, tests(9, 1), {}, 'failed', /^1 of 10 tests failed$/],
    ['too few', TESTS, tests(2, 0, 5), {}, 'failed', /^2 tests passed, 5 skipped$/],
    ['none at all', { ...TESTS, minTests: 1 }, tests(0), {}, 'failed', /^0 tests/],
    ['fewer than before', { ...TESTS, mayDrop: 0 }, tests(9), LAST_TESTS, 'failed', /^9 tests/],
    ['fewer, within what may be', { ...TESTS, mayDrop: 1 }, tests(9), LAST_TESTS, 'passed', /^9 tests/],
    ['nothing to compare with', { ...TESTS, mayDrop: 0 }, tests(9), {}, 'passed', /^9 tests/],
    ['just enough', COVERAGE, covered(of(80, 100)), {}, 'passed', /^lines 80 %$/],
    ['a hair less', COVERAGE, covered(of(79_999, 100_000)), {}, 'failed', /^lines 79\.99 %$/],
    ['nothing to cover', COVERAGE, covered(of(0, 0)), {}, 'error', /do not say how much of lines/],
    ['not told', COVERAGE, covered(null, of(1, 1)), {}, 'error', /do not say how much of lines/],
    ['a drop', { ...COVERAGE, mayDrop: 0 }, covered(of(84, 100)), LAST_LINES, 'failed', /^lines 84 %$/],
    ['a small drop', { ...COVERAGE, mayDrop: 1 }, covered(of(84, 100)), LAST_LINES, 'passed', /^lines 84 %$/],
    [
      'a drop below the floor',
      { ...COVERAGE, mayDrop: 50 },
      covered(of(50, 100)),
      LAST_LINES,
      'failed',
      /50 %/,
    ],
    ['no findings', SCAN, findings(0, 0, 0, 0), {}, 'passed', /^no findings$/],
    ['below', SCAN, findings(4, 3, 0, 0), {}, 'passed', /^3 medium, 4 low$/],
    ['at', SCAN, findings(0, 0, 1, 0), {}, 'failed', /^1 high$/],
    ['above', { ...SCAN, failOn: 'low' }, findings(0, 0, 0, 2), {}, 'failed', /^2 critical$/],
    ['only critical counts', { ...SCAN, failOn: 'critical' }, findings(0, 0, 9, 0), {}, 'passed', /^9 high$/],
    ['there', FILES, paths(), {}, 'passed', /all are there/],
    ['missing', FILES, paths('a'), {}, 'failed', /missing: a/],
    ['unwanted', { ...FILES, kind: 'absent' }, paths('b'), {}, 'failed', /there: b/],
    ['in it', CONTAINS, { kind: 'contains', files: 1, without: [] }, {}, 'passed', /found in it/],
    ['not in it', CONTAINS, { kind: 'contains', files: 2, without: ['b'] }, {}, 'failed', /not in b/],
    ['no such file', CONTAINS, { kind: 'contains', files: 0, without: [] }, {}, 'error', /no such file/],
    ['ended well', COMMAND, { kind: 'command', passed: true, detail: '' }, {}, 'passed', /passed/],
    ['ended badly', COMMAND, { kind: 'command', passed: false, detail: 'no\nmore' }, {}, 'failed', /^no$/],
    ['nobody yet', approval(), { kind: 'approval' }, {}, 'waiting', /nobody/],
    ['something else', TESTS, paths(), {}, 'error', /says nothing about this/],
  ])('%s', (_, condition, found, before, state, measured) => {
    const result = judge(condition, { found, reports: [] }, before)
    expect(result.state).toBe(state)
    expect(result.measured).toMatch(measured)
  })

  test('what cannot be read is an error, whatever was asked', () => {
    const found = { kind: 'unreadable', text: 'it is cut off' } as const
    for (const condition of [TESTS, COVERAGE, SCAN, FILES, CONTAINS, COMMAND, approval()])
      expect(judge(condition, { found, reports: [] }, {})).toMatchObject({
        state: 'error',
        measured: found.text,
      })
  })

  test('figures are kept only of what passed', () => {
    const passes = judge(COVERAGE, { found: covered(of(9, 10)), reports: [] }, {})
    expect(passes.figures).toEqual({ 'coverage c: lines': 90 })
    expect(judge(COVERAGE, { found: covered(of(1, 10)), reports: [] }, {}).figures).toEqual({})
  })

  test('says what was wanted, of earlier figures too', () => {
    const kept = { ...COVERAGE, mayDrop: 0.5 }
    const result = judge(kept, { found: covered(of(1, 2)), reports: [] }, LAST_LINES)
    expect(result.wanted).toBe('at least lines 84.5 % as last time')
  })
})

const anyState = fc.constantFrom<ResultState>('passed', 'failed', 'error', 'waiting')
const anyNumber = fc.nat(1_000)
const anyCounted = fc.option(
  fc
    .tuple(anyNumber, anyNumber)
    .map(([a, b]): Counted => ({ covered: Math.min(a, b), total: Math.max(a, b) })),
)
const anyFound: fc.Arbitrary<Measurement> = fc.oneof(
  fc.constant<Measurement>({ kind: 'unreadable', text: 'no' }),
  fc.tuple(anyNumber, anyNumber, anyNumber).map(([a, b, c]) => tests(a, b, c)),
  fc.tuple(anyCounted, anyCounted).map(([a, b]) => covered(a, b)),
  fc.tuple(anyNumber, anyNumber, anyNumber, anyNumber).map((all) => findings(...all)),
  fc.constant<Measurement>({ kind: 'approval' }),
)

test('a gate never passes with a condition that has not', () => {
  check(
    500,
    fc.property(fc.array(anyState, { maxLength: 6 }), (states) => {
      const results = states.map((state) => ({ state })) as unknown as Parameters<typeof verdictOf>[0]
      const all = states.length > 0 && states.every((state) => state === 'passed')
      expect(verdictOf(results) === 'passed').toBe(all)
    }),
  )
})

test('nothing passes by anything but what meets it', () => {
  check(
    1_000,
    fc.property(anyFound, fc.constantFrom<Condition>(TESTS, COVERAGE, SCAN), (found, condition) => {
      if (judge(condition, { found, reports: [] }, {}).state !== 'passed') return
      if (condition === TESTS && found.kind === 'junit')
        expect([found.failed, found.passed >= 3]).toEqual([0, true])
      else if (condition === COVERAGE && found.kind === 'coverage')
        expect(found.lines!.covered / found.lines!.total).toBeGreaterThanOrEqual(0.8)
      else if (condition === SCAN && found.kind === 'findings')
        expect(found.counts.high + found.counts.critical).toBe(0)
      else throw new Error(`${condition.kind} passed by ${found.kind}`)
    }),
  )
})
