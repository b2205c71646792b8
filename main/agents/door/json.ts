import type { DoorLimits } from './limits.ts'

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * JSON that somebody unknown wrote. An empty text is no arguments. Depth and number of values are bounded before it is
 * parsed: what is nested a million times or holds a million numbers costs a look at its bytes and no more.
 */
export function parseJson(
  bytes: Uint8Array,
  limits: Pick<DoorLimits, 'jsonDepth' | 'jsonValues'>,
): ParsedJson {
  const problem = sizeProblem(bytes, limits)
  if (problem !== null) return { ok: false, reason: problem }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { ok: false, reason: 'the body is not UTF-8' }
  }
  if (text.trim() === '') return { ok: true, value: {} }
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    return { ok: false, reason: `the body is not JSON: ${placeOf(error)}` }
  }
}

/** Null when it is fine. Counts outside of strings. */
function sizeProblem(
  bytes: Uint8Array,
  { jsonDepth, jsonValues }: Pick<DoorLimits, 'jsonDepth' | 'jsonValues'>,
): string | null {
  let depth = 0
  let values = 0
  const endOfString = stringEnds(bytes)
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) i = endOfString(i + 1)
    else if (byte === COMMA) values++
    // { and [, } and ]
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > jsonDepth) return `the body is nested more than ${jsonDepth} levels deep`
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return values > jsonValues ? `the body holds more than ${jsonValues} values` : null
}

/** Where the string ends that goes on at `from`: at its quote, or past the end. Texts are most of what comes. */
function stringEnds(bytes: Uint8Array): (from: number) => number {
  const find = (byte: number, from: number): number => {
    const at = bytes.indexOf(byte, from)
    return at < 0 ? bytes.length : at
  }
  let backslash = -1
  return (from) => {
    for (let i = from; ; i = backslash + 2) {
      const quote = find(QUOTE, i)
      if (backslash < i) backslash = find(BACKSLASH, i)
      if (quote <= backslash) return quote
    }
  }
}

/** The parser's words without the text it quotes. */
function placeOf(error: unknown): string {
  const at = /at position (\d+)(?: \(line (\d+) column (\d+)\))?/.exec((error as Error).message)
  if (at === null) return 'it ends too early or holds something else'
  return at[2] === undefined ? `at byte ${at[1]}` : `at line ${at[2]}, column ${at[3]}`
}
