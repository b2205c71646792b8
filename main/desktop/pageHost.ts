import type { Place } from '../../preload/contract.ts'
import type { PageParts } from '../api/pages/pageSession.ts'
import { PageSession } from '../api/pages/pageSession.ts'
import { hashOf, placeOf } from './links.ts'
import type { DesktopParts, WindowPart } from './parts.ts'
import { APP_ORIGIN } from './restrictions.ts'
import type { SettingsFile } from './settings.ts'
import { placeWindow } from './windowState.ts'
import type { Words } from './words.ts'

export interface PageHostParts {
  readonly desktop: Pick<DesktopParts, 'openWindow' | 'screens' | 'ask'>
  readonly words: Words
  readonly settings: SettingsFile
  readonly session: Omit<PageParts, 'post'>
  /** The person closes the window; true keeps the program and hides the window. */
  readonly onClose: () => boolean
  readonly onQuit: () => void
}

/** As many crashes in so long, ms, and the person is asked instead of loading the page yet again. */
const CRASHES = { most: 3, withinMs: 60_000 } as const
/** Moving a window gives many small changes: they are remembered when it rests, ms. */
const REST_MS = 500

/**
 * The one window and the page in it. A page has a session of its own: a reload, a crash, a new window begin another.
 *
 * none → (show) → loading → (its first `follow`) → ready → (new page, crash) → loading → …; any → (closed) → none.
 * While `loading` a place travels in the address; while `ready` as a message.
 */
export class PageHost {
  readonly #parts: PageHostParts
  /** Undefined in `none`. */
  #window: WindowPart | undefined
  /** Undefined in `none`, and until the page asks for something. */
  #session: PageSession | undefined
  #ready = false
  /** When the pages' process died lately. */
  #crashes: number[] = []
  /** Set while the question about a hung window is open. */
  #hung: AbortController | undefined
  /** Set while the window's bounds are not remembered yet. */
  #resting: NodeJS.Timeout | undefined

  constructor(parts: PageHostParts) {
    this.#parts = parts
  }

  /** Opens the window, or brings it to the front; leads to `place` if there is one. */
  show(place?: Place): void {
    if (this.#window === undefined) {
      this.#open(place)
      return
    }
    this.#window.show()
    if (place === undefined) return
    if (this.#ready && this.#session !== undefined) this.#window.post('goto', place)
    else this.#window.load(urlOf(place))
  }

  /** Loads the page anew at a place: for what it only asks for at its start. */
  restart(place: Place): void {
    if (this.#window === undefined) {
      this.#open(place)
      return
    }
    this.#window.load(urlOf(place))
    this.#window.show()
  }

  hide(): void {
    this.#window?.hide()
  }

  /** Null while nobody looks at the window. */
  lookedAt(): { readonly place: Place | undefined } | null {
    const window = this.#window
    return window?.isFocused() === true ? { place: placeOf(window.url()) } : null
  }

  /** Title and progress say that something goes on. */
  setBusy(what: string): void {
    this.#window?.setTitle(`Amphitheatre · ${what}`)
    this.#window?.setBusy()
  }

  close(): void {
    this.#remember()
    this.#endSession()
    this.#hung?.abort()
    this.#window?.destroy()
    this.#window = undefined
  }

  #open(place: Place | undefined): void {
    const { desktop, settings } = this.#parts
    const window = desktop.openWindow({
      placement: placeWindow(settings.settings.window, desktop.screens()),
      url: urlOf(place),
      events: {
        onClose: () => this.#parts.onClose(),
        onClosed: () => {
          this.#endSession()
          this.#window = undefined
        },
        onMoved: () => {
          this.#resting ??= setTimeout(() => this.#remember(), REST_MS)
        },
        onNewPage: () => this.#endSession(),
        onCrash: (reason) => void this.#crashed(reason),
        onUnresponsive: () => void this.#hangs(),
        onResponsive: () => this.#hung?.abort(),
      },
    })
    this.#window = window
    window.answer((name, args) => {
      if (name === 'follow') this.#ready = true
      return this.#sessionOf(window).request(name, args)
    })
  }

  /** A page's first request begins its session. */
  #sessionOf(window: WindowPart): PageSession {
    this.#session ??= new PageSession({
      ...this.#parts.session,
      post: (name, message) => window.post(name, message),
    })
    return this.#session
  }

  #endSession(): void {
    this.#session?.close()
    this.#session = undefined
    this.#ready = false
  }

  #remember(): void {
    clearTimeout(this.#resting)
    this.#resting = undefined
    if (this.#window !== undefined) this.#parts.settings.update({ window: this.#window.bounds() })
  }

  async #crashed(reason: string): Promise<void> {
    const window = this.#window
    const place = window === undefined ? undefined : placeOf(window.url())
    this.#endSession()
    if (window === undefined) return
    const now = performance.now()
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASHES.withinMs), now]
    if (this.#crashes.length <= CRASHES.most) {
      window.load(urlOf(place))
      return
    }
    const { crashed } = this.#parts.words
    const answer = await this.#parts.desktop.ask({
      message: crashed.message,
      detail: crashed.detail(reason),
      buttons: [crashed.again, crashed.quit],
      preferred: 0,
      cancel: 0,
    })
    this.#crashes = []
    if (answer === 1) this.#parts.onQuit()
    else if (this.#window === window) window.load(urlOf(undefined))
  }

  async #hangs(): Promise<void> {
    if (this.#hung !== undefined) return
    this.#hung = new AbortController()
    const { hung } = this.#parts.words
    const answer = await this.#parts.desktop.ask({
      message: hung.message,
      detail: hung.detail,
      buttons: [hung.wait, hung.reload],
      preferred: 0,
      cancel: 0,
      signal: this.#hung.signal,
    })
    this.#hung = undefined
    const window = this.#window
    if (answer === 1 && window !== undefined) window.load(urlOf(placeOf(window.url())))
  }
}

function urlOf(place: Place | undefined): string {
  return `${APP_ORIGIN}/index.html${place === undefined ? '' : hashOf(place)}`
}
