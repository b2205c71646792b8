import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, type Inline, parseInline, parseMarkdown, plain } from './markdown.ts'

const text = (part: string): Inline => ({ kind: 'text', text: part })

test.each<[string, readonly Block[]]>([
  ['', []],
  ['# Head #', [{ kind: 'heading', level: 1, text: [text('Head')] }]],
  ['one\ntwo\n\nthree', [para('one\ntwo'), para('three')]],
  ['```ts\n<b> **no**\n```\nafter', [{ kind: 'code', text: '<b> **no**' }, para('after')]],
  ['```\nnever closed', [{ kind: 'code', text: 'never closed' }]],
  ['- a\n- b\n  more', [{ kind: 'list', start: null, items: [[text('a')], [text('b more')]] }]],
  ['3. a\n4. b', [{ kind: 'list', start: 3, items: [[text('a')], [text('b')]] }]],
  ['> quoted\n> more', [{ kind: 'quote', blocks: [para('quoted\nmore')] }]],
  ['---', [{ kind: 'line' }]],
  [
    '| a | b \\| c |\n|---|:-:|\n| **1** | |\nafter',
    [
      {
        kind: 'table',
        head: [[text('a')], [text('b | c')]],
        rows: [[[{ kind: 'strong', text: '1' }], []]],
      },
      para('after'),
    ],
  ],
  ['| no table |', [para('| no table |')]],
  ['text\n- item', [para('text'), { kind: 'list', start: null, items: [[text('item')]] }]],
])('%j', (source, blocks) => {
  expect(parseMarkdown(source)).toEqual(blocks)
})

function para(part: string): Block {
  return { kind: 'paragraph', text: [text(part)] }
}

test.each<[string, readonly Inline[]]>([
  [
    'a **b** *c* `d`',
    [
      text('a '),
      { kind: 'strong', text: 'b' },
      text(' '),
      { kind: 'em', text: 'c' },
      text(' '),
      { kind: 'code', text: 'd' },
    ],
  ],
  ['[name](https://a.b/c)', [{ kind: 'link', text: 'name', to: 'https://a.b/c' }]],
  ['![image](http://a.b/c.png)', [{ kind: 'link', text: 'image', to: 'http://a.b/c.png' }]],
  [
    'see https://a.b/c.',
    [text('see '), { kind: 'link', text: 'https://a.b/c', to: 'https://a.b/c' }, text('.')],
  ],
  ['<script>alert(1)</script>', [text('<script>alert(1)</script>')]],
  ['a \\*b\\* \\[c\\](https) C:\\new', [text('a *b* [c](https) C:\\new')]],
  ['2 * 3 * 4', [text('2 * 3 * 4')]],
  ['`**not bold**`', [{ kind: 'code', text: '**not bold**' }]],
])('%j', (source, parts) => {
  expect(parseInline(source)).toEqual(parts)
})

test('whatever is written is read, and quickly', () => {
  const piece = fc.constantFrom(
    '#',
    '*',
    '**',
    '`',
    '```',
    '\n',
    '> ',
    '- ',
    '|',
    '\n|-|\n',
    '\\',
    '1. ',
    '[',
    '](',
    ')',
    'a',
    ' ',
    'http://',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
      expect(Array.isArray(parseMarkdown(pieces.join('')))).toBe(true)
    }),
  )
  for (const hard of [
    '*',
    '**a',
    '*a ',
    '[',
    '[](',
    '`',
    '` ``',
    '> ',
    '![](',
    '__',
    '# ',
    '#',
    ' ',
    '```\n~~~\n',
    '- ',
  ]) {
    for (const text of [hard.repeat(SIZE / hard.length), `# ${hard.repeat(SIZE / hard.length)}x`]) {
      const began = performance.now()
      parseMarkdown(text)
      expect([hard, performance.now() - began < SLOW_MS]).toEqual([hard, true])
    }
  }
})

/** What takes the square of its length takes longer even on a quick machine; the rest is done in some ms. */
const SLOW_MS = 2_000
/** As long as a message may be. */
const SIZE = 64 * 1024

test('plain text of what is marked up', () => {
  expect(plain('## **Bold** head\n- `item`\n> [link](https://a.b)')).toBe('Bold head item link')
})
