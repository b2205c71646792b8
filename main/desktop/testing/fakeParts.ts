import type { Reply } from '../../../preload/contract.ts'
import type { NotificationLook } from '../../notices/notifier.ts'
import type { DesktopParts, DialogQuestion, MenuEntry, WindowOptions, WindowPart } from '../parts.ts'

/** A system of the tests: it remembers what it is told and does what a person would. */
export interface FakeParts extends DesktopParts {
  readonly windows: FakeWindow[]
  readonly notifications: (NotificationLook & { closed: boolean })[]
  readonly badges: number[]
  readonly tray: { look: string; tooltip: string; menu: readonly MenuEntry[]; drawn: number; closed: boolean }
  menu: readonly MenuEntry[]
  /** Questions nobody has answered yet. */
  readonly questions: (DialogQuestion & { answer(button: number): void })[]
  exited: boolean
}

export interface FakeWindow extends WindowPart {
  readonly options: WindowOptions
  readonly loads: string[]
  readonly posted: { name: string; message: unknown }[]
  focused: boolean
  visible: boolean
  closed: boolean
  title: string
  busy: boolean
  address: string
  request(name: string, args: unknown): Promise<Reply>
}

export function fakeParts(options: { platform?: NodeJS.Platform; tray?: boolean } = {}): FakeParts {
  const windows: FakeWindow[] = []
  const notifications: FakeParts['notifications'] = []
  const questions: FakeParts['questions'] = []
  const badges: number[] = []
  const tray: FakeParts['tray'] = { look: '', tooltip: '', menu: [], drawn: 0, closed: false }
  return {
    windows,
    notifications,
    questions,
    badges,
    tray,
    menu: [],
    exited: false,
    platform: options.platform ?? 'linux',
    screens: () => [{ x: 0, y: 0, width: 1920, height: 1080 }],
    openWindow(made) {
      const window = fakeWindow(made)
      windows.push(window)
      return window
    },
    openTray() {
      if (options.tray === false) return undefined
      return {
        set(look, tooltip) {
          tray.look = look
          tray.tooltip = tooltip
        },
        setMenu(menu) {
          tray.menu = menu
          tray.drawn += 1
        },
        close() {
          tray.closed = true
        },
      }
    },
    notify(look) {
      const shown = { ...look, closed: false }
      notifications.push(shown)
      return {
        close() {
          shown.closed = true
        },
      }
    },
    badge: (count) => badges.push(count),
    ask: (question) =>
      new Promise((resolve) => {
        const answer = (button: number): void => {
          questions.splice(questions.indexOf(asked), 1)
          resolve(button)
        }
        const asked = { ...question, answer }
        questions.push(asked)
        question.signal?.addEventListener('abort', () => answer(question.cancel), { once: true })
      }),
    setMenu(menu) {
      this.menu = menu
    },
    showFolder: () => undefined,
    exit() {
      this.exited = true
    },
  }
}

function fakeWindow(options: WindowOptions): FakeWindow {
  let answer: ((name: string, args: unknown) => Promise<Reply>) | undefined
  return {
    options,
    loads: [],
    posted: [],
    focused: true,
    visible: true,
    closed: false,
    title: '',
    busy: false,
    address: options.url,
    load(url) {
      this.loads.push(url)
      this.address = url
      options.events.onNewPage()
    },
    show() {
      this.visible = true
      this.focused = true
    },
    hide() {
      this.visible = false
      this.focused = false
    },
    destroy() {
      this.closed = true
      options.events.onClosed()
    },
    isFocused() {
      return this.focused
    },
    bounds: () => ({ x: 10, y: 20, width: 1200, height: 800, maximized: false }),
    url() {
      return this.address
    },
    post(name, message) {
      this.posted.push({ name, message })
    },
    answer(request) {
      answer = request
    },
    setTitle(title) {
      this.title = title
    },
    setBusy() {
      this.busy = true
    },
    request: (name, args) => answer!(name, args),
  }
}

/** The entry of a menu by its words, wherever it is; throws if it is not there. */
export function entry(menu: readonly MenuEntry[], label: string): MenuEntry & { kind: 'item' } {
  for (const one of menu) {
    if (one.kind === 'item' && one.label === label) return one
    if (one.kind === 'menu') {
      const inside = one.entries.find((item) => item.kind === 'item' && item.label === label)
      if (inside !== undefined) return inside as MenuEntry & { kind: 'item' }
    }
  }
  throw new Error(`no entry "${label}"`)
}
