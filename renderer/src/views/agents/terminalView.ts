import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { inNextTask } from './nextTask.ts'
import { guard } from './terminalGuard.ts'
import { handleKey, type KeyDoors } from './terminalKeys.ts'
import type { Sink } from './terminalStream.ts'
import { onThemeChange, themeFromTokens } from './terminalTheme.ts'
import { takeWebglSlot } from './webglSlots.ts'

/** Lines kept above the screen; of an output shown from its beginning, more. */
export const SCROLLBACK = 10_000
export const LONG_SCROLLBACK = 50_000

const FONT = '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace'
/** Matches that are counted and marked. */
export const MOST_MATCHES = 2_000
/** Of the size that is sent to the agent while a pane is dragged, ms. */
const RESIZE_MS = 150

export interface TerminalDoors extends KeyDoors {
  readonly onInput: (text: string) => void
  readonly onResize: (columns: number, rows: number) => void
  /** May what a program asks the terminal be answered now? */
  readonly mayAnswer: () => boolean
  /** Ctrl or ⌘ and a click on a link. */
  readonly onLink: (uri: string) => void
  /** A line of our own among the agent's. */
  readonly gapText: (bytes: number) => string
}

/** How it draws: by the graphics card where there is one, or as told. */
export type Drawing = 'auto' | 'webgl' | 'dom'

/**
 * An xterm in an element. Read-only until `setWritable`; draws with WebGL while visible and a place for it is free,
 * with elements otherwise. Dispose it once.
 */
export class TerminalView implements Sink {
  readonly terminal: Terminal
  readonly search = new SearchAddon({ highlightLimit: MOST_MATCHES })
  readonly #fit = new FitAddon()
  readonly #doors: TerminalDoors
  readonly #element: HTMLElement
  readonly #drawing: Drawing
  readonly #stops: (() => void)[] = []
  #writable = false
  /** Set while drawn by WebGL. */
  #webgl: { readonly addon: WebglAddon; readonly giveBack: () => void } | undefined
  #resizeTimer: ReturnType<typeof setTimeout> | undefined
  #disposed = false

  constructor(element: HTMLElement, label: string, doors: TerminalDoors, drawing: Drawing = 'auto') {
    this.#element = element
    this.#doors = doors
    this.#drawing = drawing
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorInactiveStyle: 'outline',
      disableStdin: true,
      fontFamily: 'monospace',
      fontSize: 11.5,
      fontWeightBold: '600',
      lineHeight: 1.3,
      linkHandler: { activate: (event, uri) => this.#follow(event, uri), ...hover(element) },
      logLevel: 'off',
      minimumContrastRatio: 4.5,
      overviewRuler: { width: 10 },
      scrollback: SCROLLBACK,
      theme: themeFromTokens(),
    })
    this.#load()
    guard(this.terminal, doors.mayAnswer)
    this.terminal.open(element)
    this.terminal.textarea?.setAttribute('aria-label', label)
    this.#listen()
    this.setWritable(false, true)
    void document.fonts.load(`11.5px ${FONT}`).finally(() => {
      if (this.#disposed) return
      this.terminal.options.fontFamily = FONT
      this.fit()
    })
  }

  get drawnBy(): 'webgl' | 'dom' {
    return this.#webgl === undefined ? 'dom' : 'webgl'
  }

  get isWritable(): boolean {
    return this.#writable
  }

  /** Done in a task of its own: xterm would go on with what `done` writes, and hold up frames and keys. */
  write(data: Uint8Array, done: () => void): void {
    this.terminal.write(data, () => inNextTask(done))
  }

  /** In its turn among the writes that wait. */
  clear(): void {
    this.terminal.write('\u0018\u001bc')
  }

  /** CAN ends a control sequence the cut may have left open. */
  gap(from: number, to: number): void {
    this.terminal.write(`\u0018\u001b[0m\r\n\u001b[2m── ${this.#doors.gapText(to - from)} ──\u001b[0m\r\n`)
  }

  setWritable(writable: boolean, force = false): void {
    if (writable === this.#writable && !force) return
    this.#writable = writable
    this.terminal.options.disableStdin = !writable
    this.terminal.options.cursorBlink = false
    this.#paint()
    if (writable) this.#sendSize()
  }

  /** The output is over: nothing catches the mouse any more, and no cursor says otherwise. */
  end(): void {
    this.terminal.write('\u0018\u001b[0m\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1004l\u001b[?25l')
  }

  setVisible(visible: boolean): void {
    if (visible) {
      this.#takeWebgl()
      this.fit()
    } else this.#dropWebgl()
  }

  fit(): void {
    if (this.#disposed || this.#element.clientHeight < 20 || this.#element.clientWidth < 40) return
    this.#fit.fit()
  }

  dispose(): void {
    this.#disposed = true
    clearTimeout(this.#resizeTimer)
    for (const stop of this.#stops) stop()
    this.#dropWebgl()
    this.terminal.dispose()
  }

  #load(): void {
    const { terminal } = this
    terminal.loadAddon(this.#fit)
    terminal.loadAddon(this.search)
    terminal.loadAddon(new Unicode11Addon())
    terminal.unicode.activeVersion = '11'
    terminal.loadAddon(new WebLinksAddon((event, uri) => this.#follow(event, uri), hover(this.#element)))
  }

  #listen(): void {
    const { terminal } = this
    terminal.attachCustomKeyEventHandler((event) => handleKey(terminal, event, this.#writable, this.#doors))
    terminal.onData((text) => {
      if (this.#writable) this.#doors.onInput(text)
    })
    terminal.onResize(() => this.#sendSize())
    const observer = new ResizeObserver(() => this.fit())
    observer.observe(this.#element)
    this.#stops.push(
      () => observer.disconnect(),
      onThemeChange(() => this.#paint()),
    )
  }

  #paint(): void {
    const theme = themeFromTokens()
    const cursor = this.#writable ? theme.cursor : theme.background
    this.terminal.options.theme = { ...theme, ...(cursor === undefined ? {} : { cursor }) }
  }

  #sendSize(): void {
    if (!this.#writable) return
    clearTimeout(this.#resizeTimer)
    this.#resizeTimer = setTimeout(() => {
      if (this.#writable) this.#doors.onResize(this.terminal.cols, this.terminal.rows)
    }, RESIZE_MS)
  }

  #follow(event: MouseEvent, uri: string): void {
    if (event.ctrlKey || event.metaKey) this.#doors.onLink(uri)
  }

  #takeWebgl(): void {
    if (this.#webgl !== undefined || this.#disposed || this.#drawing === 'dom') return
    const giveBack = this.#drawing === 'webgl' ? () => undefined : takeWebglSlot()
    if (giveBack === undefined) return
    try {
      const addon = new WebglAddon()
      addon.onContextLoss(() => this.#dropWebgl())
      this.terminal.loadAddon(addon)
      this.#webgl = { addon, giveBack }
    } catch {
      // Drawn with elements then.
      giveBack()
    }
  }

  #dropWebgl(): void {
    this.#webgl?.addon.dispose()
    this.#webgl?.giveBack()
    this.#webgl = undefined
  }
}

/** Where a link leads shows before anyone follows it: its text may say something else. */
function hover(element: HTMLElement) {
  return {
    hover: (_: MouseEvent, uri: string) => {
      element.title = uri
    },
    leave: () => {
      element.title = ''
    },
  }
}
