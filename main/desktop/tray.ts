import { type MenuActions, statusLine, trayMenu } from './menus.ts'
import type { TrayPart } from './parts.ts'
import type { DesktopSummary, Look } from './summary.ts'
import type { Words } from './words.ts'

/** How long an engine may be away before the tray calls it an incident, ms: a restart takes less. */
const AWAY_MS = 5_000

/** Keeps the tray like the state. Draws only what has changed: some systems close an open menu with every change. */
export class TrayKeeper {
  readonly #tray: TrayPart
  readonly #words: Words
  readonly #actions: MenuActions
  /** Undefined while there is no engine. */
  #summary: DesktopSummary | undefined
  #stopping = false
  /** Set while the engine is away and it is not an incident yet. */
  #away: NodeJS.Timeout | undefined
  #look: Look = 'idle'
  #shown = ''
  #menu = ''

  constructor(tray: TrayPart, words: Words, actions: MenuActions) {
    this.#tray = tray
    this.#words = words
    this.#actions = actions
    this.#draw()
  }

  show(summary: DesktopSummary | undefined): void {
    this.#summary = summary
    if (summary !== undefined) {
      clearTimeout(this.#away)
      this.#away = undefined
      this.#look = summary.look
    } else if (this.#look !== 'incident') {
      this.#away ??= setTimeout(() => {
        this.#look = 'incident'
        this.#draw()
      }, AWAY_MS)
    }
    this.#draw()
  }

  setStopping(stopping: boolean): void {
    this.#stopping = stopping
    this.#draw()
  }

  close(): void {
    clearTimeout(this.#away)
    this.#tray.close()
  }

  #draw(): void {
    const line = this.#stopping
      ? this.#words.stopping(this.#summary?.agents ?? 0)
      : statusLine(this.#summary, this.#words)
    const shown = `${this.#look} ${line}`
    if (shown !== this.#shown) {
      this.#shown = shown
      this.#tray.set(this.#look, `Amphitheatre: ${line}`)
    }
    const menu = trayMenu(this.#summary, this.#stopping, this.#words, this.#actions)
    // What an entry leads to counts too, not only what it says.
    const drawn = JSON.stringify([menu, this.#summary?.newest?.place, this.#summary?.incident])
    if (drawn === this.#menu) return
    this.#menu = drawn
    this.#tray.setMenu(menu)
  }
}
