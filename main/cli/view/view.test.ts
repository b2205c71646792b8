import { describe, expect, test } from 'vitest'
import { MARKS } from '../../domain/status.ts'
import { Driver, RUN } from '../../domain/testing/driver.ts'
import { plan } from '../../domain/testing/plan.ts'
import { at, fail, finish, lost, start } from '../../domain/testing/steps.ts'
import { attentionLines, bars, phaseProgress, runView } from './runView.ts'
import { makeStyle, speaksUnicode, styleFor } from './style.ts'
import { table } from './table.ts'
import { pad, plain, truncate, truncateStart, visible, width } from './text.ts'

const ascii = makeStyle({ colour: false, unicode: false })
const colour = makeStyle({ colour: true, unicode: true })

test.each([
  ['abc', 3],
  ['', 0],
  ['日本', 4],
  ['e\u0301', 1],
  ['🎭', 2],
  ['\u001b[31mred\u001b[0m', 3],
])('%j takes %i cells', (text, cells) => expect(width(text)).toBe(cells))

test('text to be read with care shows what would hide it', () => {
  expect(visible('+a\u001b[2K\rb\tc\n')).toBe('+a^[[2K^Mb\tc\n')
  expect(visible('\u009b1m\u202e\u007fé')).toBe('<U+009B>1m<U+202E>^?é')
})

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 4, 'abc…'],
  ['日本語', 5, '日本…'],
  ['\u001b[31mabcdef\u001b[0m', 4, '\u001b[31mabc…\u001b[0m'],
  ['abc', 0, ''],
])('%j in %i cells', (text, cells, fitted) => {
  expect(truncate(text, cells)).toBe(fitted)
  expect(width(truncate(text, cells))).toBeLessThanOrEqual(cells)
})

test('words from outside cannot move the cursor', () => {
  expect(plain('a\u001b[2J\r\nb\u0007\u202ec ')).toBe('a [2J b c')
})

test('a table stays inside its width and shortens only what may be', () => {
  const columns = [
    { title: 'NAME', shrinks: true },
    { title: 'N', right: true },
    { title: 'WHY', shrinks: true },
  ]
  const rows = [
    ['a'.repeat(40), '1', 'because '.repeat(10)],
    ['b', '22', ''],
  ]
  const lines = table(columns, rows, ascii, 60)
  expect(lines.every((line) => width(line) <= 60)).toBe(true)
  expect(lines[1]).toContain('~')
  expect(lines[2]).toMatch(/^b +22$/)
  expect(width(pad('b', 5))).toBe(5)
})

test('columns that are to give way first do, and paths are cut at their start', () => {
  const columns = [
    { title: 'NAME', shrinks: true },
    { title: 'FILES', shrinks: 'first', cuts: 'start' },
  ] as const
  const rows = [['n'.repeat(20), 'services/backend/hops.py']]
  expect(table(columns, rows, ascii, 34)[1]).toBe(`${'n'.repeat(20)}  ~end/hops.py`)
  // Only when nothing more can be had of the first do the others shrink.
  expect(table(columns, rows, ascii, 20)[1]).toBe(`${'n'.repeat(9)}~  ~hops.py`)
  expect(truncateStart('a/日本', 4)).toBe('…本')
  expect(truncateStart('short', 5)).toBe('short')
})

test.each([
  [0, 4, '----------'],
  [1, 4, '##--------'],
  [3, 4, '#######---'],
  [99, 100, '#########-'],
  [4, 4, '##########'],
])('%i of %i is %s', (done, total, bar) => expect(bars(done, total, 10, ascii)).toBe(bar))

test('every state has a shape of its own, in both alphabets, and a colour', () => {
  const plainUnicode = makeStyle({ colour: false, unicode: true })
  for (const style of [ascii, plainUnicode]) {
    expect(new Set(MARKS.map((mark) => style.glyph(mark))).size).toBe(MARKS.length)
    for (const mark of MARKS) expect(width(style.glyph(mark))).toBe(1)
  }
  expect(new Set(MARKS.map((mark) => colour.tint(mark, 'x'))).size).toBe(MARKS.length)
})

test.each([
  [{ LANG: 'en_GB.UTF-8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.utf8' }, true],
])('%j speaks Unicode: %s', (env, expected) => expect(speaksUnicode(env)).toBe(expected))

test.each([
  [{}, true, true],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{}, false, false],
])('colour with %j on a terminal %s: %s', (env, tty, expected) => {
  expect(styleFor(env, tty).strong('x') !== 'x').toBe(expected)
})

describe('a run', () => {
  const size = { columns: 80, rows: 24 }
  const view = (driver: Driver) => runView(driver.run(), driver.now, ascii, size)

  test('shows its phases, who works, and why the rest waits', () => {
    const driver = Driver.running(plan([['a', 'b: a', 'x'], ['c']]))
    start(driver, 'a')
    driver.advance(72_000)
    finish(driver, 'x')
    const [title, ...rest] = view(driver)
    expect(title).toMatch(/^o Test test#1 running +1 of 4 - 1 m 12 s$/)
    expect(width(title!)).toBe(80)
    expect(rest).toEqual([
      '  P0  ########----------------  1 of 3  running',
      '  P1  ------------------------  0 of 1  waits for P0',
      '',
      '  o Worker/a#1  running  1 m 12 s',
      '  . b           waits              for a',
      '  . c           waits              for phase P0',
    ])
  })

  test('says what a failure asks and how to answer', () => {
    const driver = Driver.running(plan([['a', 'b'], ['c']]))
    fail(driver, 'a')
    const lines = view(driver)
    expect(lines.join('\n')).toMatch(/x Worker\/a#1 +failed/)
    expect(lines.at(-1)).toContain('amphi answer a#1:task-failed retry|skip')
    expect(phaseProgress(driver.run(), 0)).toMatchObject({ done: 1, mark: 'failed', word: '1 failed' })
  })

  test('that waits for a person says so', () => {
    const driver = Driver.running(plan([['a']]))
    start(driver, 'a')
    driver.must(lost(at(driver, 'a')))
    expect(view(driver)[0]).toMatch(/^! Test test#1 needs you/)
    expect(attentionLines(driver.run(), ascii, 80)[1]).toContain('retry|skip|fail')
  })

  test.each([
    [3, 24, 80],
    [300, 24, 80],
    [300, 10, 40],
    [40, 6, 20],
  ])('of %i tasks fits %i lines of %i cells', (count, rows, columns) => {
    const names = Array.from({ length: count }, (_, i) => `task-with-a-long-name-${i}`)
    const driver = Driver.running(plan([names, ['last']]))
    for (const style of [ascii, colour]) {
      const lines = runView(driver.run(RUN), driver.now, style, { rows, columns })
      expect(lines.length).toBeLessThanOrEqual(rows)
      expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(columns)
    }
  })
})
