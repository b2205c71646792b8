/** Text on a grid of character cells. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour codes
const SGR = /(\u001b\[\d+m)/g
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const MARK = /\p{Mn}|\p{Me}|\u200b|\u200d|\ufe0f/u

/** Words from outside (a cause, a phase's name) on one line and without anything that moves a terminal's cursor. */
export function plain(text: string): string {
  return text.replace(CONTROL, ' ').trim()
}

/** The first line of what somebody said, `letters` long at most. */
export function cutLine(text: string, letters: number): string {
  const lines = text.trimStart().split('\n')
  const first = plain(lines[0]!)
  const cut =
    first.length > letters
      ? `${first
          .slice(0, letters - 1)
          .toWellFormed()
          .trimEnd()}…`
      : first
  return cut === first && lines.slice(1).some((line) => line.trim() !== '') ? `${cut} …` : cut
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const HIDES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Text of many lines to be read with care: what would move the cursor, hide or reorder letters is spelt out. */
export function visible(text: string): string {
  return text.replace(HIDES, (letter) => {
    const code = letter.charCodeAt(0)
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`
    return code === 0x7f ? '^?' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}

/** Cells it takes; colour codes take none. */
export function width(text: string): number {
  let cells = 0
  for (const letter of text.replace(SGR, '')) cells += cellsOf(letter)
  return cells
}

function cellsOf(letter: string): number {
  if (letter < '\u0300') return 1
  if (MARK.test(letter)) return 0
  return WIDE.test(letter) ? 2 : 1
}

/** At most `cells` wide. Keeps colour codes, so it never leaves a colour on. */
export function truncate(text: string, cells: number, ellipsis = '…'): string {
  if (width(text) <= cells) return text
  const room = cells - width(ellipsis)
  if (room < 0) return ''
  let out = ''
  let used = 0
  let cut = false
  for (const piece of text.split(SGR)) {
    if (piece.startsWith('\u001b')) {
      out += piece
      continue
    }
    if (cut) continue
    for (const letter of piece) {
      const cells_ = cellsOf(letter)
      if (used + cells_ > room) {
        out += ellipsis
        cut = true
        break
      }
      out += letter
      used += cells_
    }
  }
  return out
}

/** The same of what counts most at its end, such as a path; without colour codes. */
export function truncateStart(text: string, cells: number, ellipsis = '…'): string {
  if (width(text) <= cells) return text
  const letters = [...text]
  let room = cells - width(ellipsis)
  if (room < 0) return ''
  let from = letters.length
  while (from > 0 && cellsOf(letters[from - 1]!) <= room) {
    from -= 1
    room -= cellsOf(letters[from]!)
  }
  return `${ellipsis}${letters.slice(from).join('')}`
}

export function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - width(text)))
}

export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - width(text))) + text
}
