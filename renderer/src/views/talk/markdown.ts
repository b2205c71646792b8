/** Markdown as agents write it, read into blocks: no HTML, no images; whatever is not understood stays text. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly text: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly start: number | null; readonly items: readonly (readonly Inline[])[] }
  | {
      readonly kind: 'table'
      readonly head: readonly (readonly Inline[])[]
      readonly rows: readonly (readonly (readonly Inline[])[])[]
    }
  | { readonly kind: 'line' }

export type Inline =
  | { readonly kind: 'text' | 'strong' | 'em' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }

const FENCE = /^\s*(```+|~~~+)/
const HEADING = /^(#{1,6})\s+(.*)$/
const BULLET = /^\s*[-*+]\s+(.*)$/
const NUMBERED = /^\s*(\d{1,9})[.)]\s+(.*)$/
const QUOTE = /^\s*>\s?(.*)$/
const ROW = /^\s*\|.*\|\s*$/
const UNDER_HEAD = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/
const RULE = /^\s*(?:[-*_]\s*){3,}$/

/** Quotes within quotes deeper than this are text. */
const DEPTH = 4

export function parseMarkdown(source: string, depth = 0): readonly Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n')
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at]!
    if (line.trim() === '') {
      at += 1
      continue
    }
    const fence = FENCE.exec(line)?.[1]
    const heading = HEADING.exec(line)
    if (fence !== undefined) {
      const code = takeWhile(lines, at + 1, (other) => !other.trimStart().startsWith(fence))
      const close = at + 1 + code.length
      blocks.push({ kind: 'code', text: code.join('\n') })
      at = close + 1
    } else if (heading !== null) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: parseInline(withoutTail(heading[2]!)) })
      at += 1
    } else if (ROW.test(line) && UNDER_HEAD.test(lines[at + 1] ?? '')) {
      const rows = takeWhile(lines, at, (other) => ROW.test(other))
      const [head, , ...rest] = rows.map((row) => cellsOf(row).map(parseInline))
      blocks.push({ kind: 'table', head: head!, rows: rest })
      at += rows.length
    } else if (RULE.test(line)) {
      blocks.push({ kind: 'line' })
      at += 1
    } else if (QUOTE.test(line) && depth < DEPTH) {
      const quoted = takeWhile(lines, at, (other) => QUOTE.test(other))
      const inner = quoted.map((other) => QUOTE.exec(other)![1]!).join('\n')
      blocks.push({ kind: 'quote', blocks: parseMarkdown(inner, depth + 1) })
      at += quoted.length
    } else if (isItem(line)) {
      const items = takeWhile(lines, at, (other) => isItem(other) || /^\s{2,}\S/.test(other))
      blocks.push(listOf(items))
      at += items.length
    } else {
      const text = takeWhile(lines, at, (other, i) => i === at || !startsBlock(other))
      blocks.push({ kind: 'paragraph', text: parseInline(text.join('\n')) })
      at += text.length
    }
  }
  return blocks
}

/** A heading may be closed by the signs it began with. */
function withoutTail(heading: string): string {
  let end = heading.trimEnd().length
  const text = end
  while (end > 0 && heading[end - 1] === '#') end -= 1
  return end === 0 || heading[end - 1] === ' ' ? heading.slice(0, end).trimEnd() : heading.slice(0, text)
}

function takeWhile(
  lines: readonly string[],
  from: number,
  fits: (line: string, index: number) => boolean,
): readonly string[] {
  let end = from
  while (end < lines.length && fits(lines[end]!, end)) end += 1
  return lines.slice(from, end)
}

function isItem(line: string): boolean {
  return BULLET.test(line) || NUMBERED.test(line)
}

function startsBlock(line: string): boolean {
  return (
    line.trim() === '' ||
    FENCE.test(line) ||
    HEADING.test(line) ||
    QUOTE.test(line) ||
    RULE.test(line) ||
    isItem(line)
  )
}

function listOf(lines: readonly string[]): Block {
  const first = NUMBERED.exec(lines[0]!)
  const items: string[] = []
  for (const line of lines) {
    const text = BULLET.exec(line)?.[1] ?? NUMBERED.exec(line)?.[2]
    if (text === undefined) items[items.length - 1] += ` ${line.trim()}`
    else items.push(text)
  }
  return { kind: 'list', start: first === null ? null : Number(first[1]), items: items.map(parseInline) }
}

/** Of a row with a bar at each end; an escaped bar is part of its cell. */
function cellsOf(row: string): readonly string[] {
  const cells: string[] = []
  const text = row.trim().slice(1, -1)
  let from = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '|') {
      cells.push(text.slice(from, i))
      from = i + 1
    }
  }
  cells.push(text.slice(from))
  return cells.map((cell) => cell.trim())
}

/** Longer names and addresses of links are text. */
const MAX_LINK = 1_000
const MARKS = /[\\`*_![]|https?:\/\//g
const ESCAPED = /^[\\`*_[\](){}<>#+\-.!|~]$/
const URL_AT = /https?:\/\/[^\s<>()]+/y

interface Found {
  readonly part: Inline
  /** Where it ends. */
  readonly end: number
}

/** Goes over the text once: whoever wrote it may have meant to make that slow. */
export function parseInline(source: string): readonly Inline[] {
  const parts: Inline[] = []
  /** Marks that are not closed any more from here on. */
  const open = new Set<string>()
  let from = 0
  let at = nextMark(source, 0)
  while (at >= 0) {
    const found = partAt(source, at, open)
    if (found === undefined) {
      at = nextMark(source, at + runLength(source, at))
      continue
    }
    add(parts, { kind: 'text', text: source.slice(from, at) })
    add(parts, found.part)
    from = found.end
    at = nextMark(source, from)
  }
  add(parts, { kind: 'text', text: source.slice(from) })
  return parts
}

/** Text goes on where it ended. */
function add(parts: Inline[], part: Inline): void {
  const last = parts.at(-1)
  if (part.kind !== 'text' || last?.kind !== 'text') {
    if (part.text !== '') parts.push(part)
  } else parts[parts.length - 1] = { kind: 'text', text: last.text + part.text }
}

function nextMark(source: string, from: number): number {
  MARKS.lastIndex = from
  return MARKS.exec(source)?.index ?? -1
}

function partAt(source: string, at: number, open: Set<string>): Found | undefined {
  const sign = source[at]!
  if (sign === '\\') {
    const next = source[at + 1] ?? ''
    return ESCAPED.test(next) ? { part: { kind: 'text', text: next }, end: at + 2 } : undefined
  }
  if (sign === '`') return between(source, at, '`'.repeat(runLength(source, at)), 'code', open)
  if (sign === '*' || sign === '_') {
    const double = sign + sign
    if (source.startsWith(double, at)) return between(source, at, double, 'strong', open)
    return sign === '*' ? between(source, at, '*', 'em', open) : undefined
  }
  if (sign === 'h') return bareLink(source, at)
  if (sign === '!' && source[at + 1] !== '[') return undefined
  return namedLink(source, sign === '!' ? at + 1 : at)
}

/** How often the sign at a place is repeated. */
function runLength(source: string, at: number): number {
  let end = at + 1
  while (end < source.length && source[end] === source[at]) end += 1
  return end - at
}

function between(
  source: string,
  at: number,
  mark: string,
  kind: 'code' | 'strong' | 'em',
  open: Set<string>,
): Found | undefined {
  if (open.has(mark)) return undefined
  const start = at + mark.length
  const end = source.indexOf(mark, start)
  if (end < 0) open.add(mark)
  if (end <= start) return undefined
  const text = source.slice(start, end)
  if (kind !== 'code' && text !== text.trim()) return undefined
  return { part: { kind, text: kind === 'code' ? text.trim() || text : text }, end: end + mark.length }
}

function bareLink(source: string, at: number): Found | undefined {
  URL_AT.lastIndex = at
  const whole = URL_AT.exec(source)?.[0] ?? ''
  let length = whole.length
  while (length > 0 && '.,;:!?\'"'.includes(whole[length - 1]!)) length -= 1
  const to = whole.slice(0, length)
  if (!URL.canParse(to) || length > MAX_LINK) return undefined
  return { part: { kind: 'link', text: to, to }, end: at + length }
}

/** `[name](address)`; an image is a link to it. `at` the bracket. */
function namedLink(source: string, at: number): Found | undefined {
  const near = source.slice(at, at + 2 * MAX_LINK)
  const close = near.indexOf('](')
  if (close < 0) return undefined
  const end = near.indexOf(')', close)
  if (end < 0) return undefined
  const [to = ''] = near
    .slice(close + 2, end)
    .trim()
    .split(/\s/, 1)
  if (to === '') return undefined
  return { part: { kind: 'link', text: near.slice(1, close) || to, to }, end: at + end + 1 }
}

/** The same as one line of plain text, for where there is room for no more. */
export function plain(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.replace(/^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+|```.*$|~~~.*$)/, ''))
  const text = parseInline(lines.join(' '))
    .map((part) => part.text)
    .join('')
  return text.replace(/\s+/g, ' ').trim()
}
