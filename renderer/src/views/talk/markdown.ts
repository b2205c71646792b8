/** Markdown as agents write it, read into blocks: no HTML, no images; whatever is not understood stays text. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: readonly Inline[] }
  | { readonly kind: 'paragraph'; readonly text: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | { readonly kind: 'list'; readonly start: number | null; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'line' }

export type Inline =
  | { readonly kind: 'text' | 'strong' | 'em' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }

const FENCE = /^\s*(```+|~~~+)/
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/
const BULLET = /^\s*[-*+]\s+(.*)$/
const NUMBERED = /^\s*(\d{1,9})[.)]\s+(.*)$/
const QUOTE = /^\s*>\s?(.*)$/
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
      const end = lines.findIndex((other, i) => i > at && other.trim().startsWith(fence))
      const close = end < 0 ? lines.length : end
      blocks.push({ kind: 'code', text: lines.slice(at + 1, close).join('\n') })
      at = close + 1
    } else if (heading !== null) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: parseInline(heading[2]!) })
      at += 1
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

const INLINE =
  /(`+)(.+?)\1|\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__|\*(\S(?:.*?\S)?)\*|!?\[([^\]]*)\]\(([^\s)]+)[^)]*\)|(https?:\/\/[^\s<>()]+[^\s<>().,;:!?'"])/gs

export function parseInline(source: string): readonly Inline[] {
  const parts: Inline[] = []
  let at = 0
  for (const match of source.matchAll(INLINE)) {
    if (match.index > at) parts.push({ kind: 'text', text: source.slice(at, match.index) })
    at = match.index + match[0].length
    const [, , code, strong, strong2, em, label, to, bare] = match
    if (code !== undefined) parts.push({ kind: 'code', text: code.trim() })
    else if (strong !== undefined || strong2 !== undefined)
      parts.push({ kind: 'strong', text: (strong ?? strong2)! })
    else if (em !== undefined) parts.push({ kind: 'em', text: em })
    else if (to !== undefined) parts.push({ kind: 'link', text: label === '' ? to : label!, to })
    else parts.push({ kind: 'link', text: bare!, to: bare! })
  }
  if (at < source.length) parts.push({ kind: 'text', text: source.slice(at) })
  return parts
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
