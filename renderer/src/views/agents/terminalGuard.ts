import type { Terminal } from '@xterm/xterm'

/** Our colours are ours: setting or asking palette, text, background and cursor colours, and resetting them. */
const COLOURS = [4, 5, 10, 11, 12, 104, 105, 110, 111, 112]
/** Clipboard, and what some terminals read commands from. Nothing handles them; named so that nothing ever does. */
const DOORS = [52, 777, 1337]

/** What a program asks the terminal about itself; the answer goes into the program's input. */
const QUESTIONS = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { prefix: '>', final: 'q' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
] as const

/**
 * Output is not to be trusted: it may draw, and no more. Window operations, titles, colours of the whole terminal and
 * the clipboard are out of its reach. Questions are answered only where `mayAnswer`: what is shown again has had its
 * answer, and of several that look on only the one that is typed into speaks.
 */
export function guard(terminal: Terminal, mayAnswer: () => boolean): void {
  const { parser } = terminal
  for (const code of [...COLOURS, ...DOORS]) parser.registerOscHandler(code, () => true)
  parser.registerCsiHandler({ final: 't' }, () => true)
  for (const id of QUESTIONS) parser.registerCsiHandler(id, () => !mayAnswer())
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => !mayAnswer())
}
