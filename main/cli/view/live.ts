const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'

/**
 * Lines redrawn in place at the end of what was printed so far. Between `draw` and `done` nothing else may write to
 * the terminal. idle → (draw) → shown → (done) → idle; what was drawn last stays.
 */
export class LiveArea {
  readonly #write: (text: string) => void
  /** Lines on the screen now; 0 when idle. */
  #drawn = 0

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  draw(lines: readonly string[]): void {
    const start = this.#drawn === 0 ? HIDE_CURSOR : this.#home()
    this.#write(`${start}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[J`)
    this.#drawn = lines.length
  }

  /** Takes the lines away again. */
  clear(): void {
    if (this.#drawn === 0) return
    this.#write(`${this.#home()}\u001b[J${SHOW_CURSOR}`)
    this.#drawn = 0
  }

  done(): void {
    if (this.#drawn > 0) this.#write(SHOW_CURSOR)
    this.#drawn = 0
  }

  #home(): string {
    return `\r\u001b[${this.#drawn}A`
  }
}
