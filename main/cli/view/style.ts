import type { Mark } from '../../domain/status.ts'

/** Colours and glyphs: state is colour and shape and word, the same as in the window. */

export type { Mark }

export interface Style {
  readonly unicode: boolean
  glyph(mark: Mark): string
  /** Text in the colour of a state. */
  tint(mark: Mark, text: string): string
  strong(text: string): string
  muted(text: string): string
  readonly full: string
  readonly empty: string
  readonly ellipsis: string
  readonly dot: string
}

/** Ring that fills, dashed circle, padlock, diamond, disc with a cross, disc with a tick, triangle. */
const SHAPES: Readonly<Record<Mark, string>> = {
  running: '◔',
  waiting: '◌',
  blocked: '⚿',
  conflict: '◈',
  failed: '⊗',
  done: '✔',
  'needs-you': '▲',
}

const ASCII: Readonly<Record<Mark, string>> = {
  running: 'o',
  waiting: '.',
  blocked: '#',
  conflict: '%',
  failed: 'x',
  done: '+',
  'needs-you': '!',
}

/** SGR codes from the sixteen colours, so that the user's own palette rules. */
const COLOURS: Readonly<Record<Mark, number>> = {
  running: 36,
  waiting: 90,
  blocked: 35,
  conflict: 33,
  failed: 31,
  done: 32,
  'needs-you': 93,
}

export function makeStyle(options: { readonly colour: boolean; readonly unicode: boolean }): Style {
  const { colour, unicode } = options
  const sgr = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const shapes = unicode ? SHAPES : ASCII
  return {
    unicode,
    glyph: (mark) => sgr(COLOURS[mark], shapes[mark]),
    tint: (mark, text) => sgr(COLOURS[mark], text),
    strong: (text) => sgr(1, text),
    muted: (text) => sgr(90, text),
    full: unicode ? '█' : '#',
    empty: unicode ? '░' : '-',
    ellipsis: unicode ? '…' : '~',
    dot: unicode ? '·' : '-',
  }
}

/** https://no-color.org: set and not empty means no colour. */
export function styleFor(env: NodeJS.ProcessEnv, isTty: boolean): Style {
  const colour = isTty && (env.NO_COLOR ?? '') === ''
  return makeStyle({ colour, unicode: speaksUnicode(env) })
}

export function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined
  // The first that is set rules (POSIX).
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '')
  return /utf-?8/i.test(locale ?? '')
}
