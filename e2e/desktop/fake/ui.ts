import { existsSync } from 'node:fs'
import { checkOptions, Events, strict, unknown } from './record.ts'

/** A menu's entry as the program gives it. */
export interface Entry {
  readonly label?: string
  readonly role?: string
  readonly type?: string
  readonly enabled?: boolean
  readonly accelerator?: string
  readonly click?: () => void
  readonly submenu?: readonly Entry[]
}

const ENTRY_OPTIONS = ['label', 'role', 'type', 'enabled', 'accelerator', 'click', 'submenu']
/** Of the roles Electron has, those the program uses. */
const ROLES = new Set(
  'about services hide hideOthers unhide undo redo cut copy paste selectAll resetZoom zoomIn zoomOut togglefullscreen minimize zoom front close'.split(
    ' ',
  ),
)

class FakeMenu {
  readonly entries: readonly Entry[]
  constructor(entries: readonly Entry[]) {
    this.entries = entries
  }
}

export const ui = { menu: [] as readonly Entry[], trays: [] as FakeTray[], notifications: [] as Shown[] }

export const Menu = strict('Menu', {
  buildFromTemplate(entries: readonly Entry[]) {
    check(entries)
    return new FakeMenu(entries)
  },
  setApplicationMenu(menu: FakeMenu) {
    ui.menu = menu.entries
  },
})

function check(entries: readonly Entry[]): void {
  for (const entry of entries) {
    checkOptions('menu entry', entry, ENTRY_OPTIONS)
    if (entry.role !== undefined && !ROLES.has(entry.role)) unknown(`menu role "${entry.role}"`)
    if (entry.submenu !== undefined) check(entry.submenu)
  }
}

export const nativeImage = strict('nativeImage', {
  createFromPath(path: string) {
    // Electron gives an empty image and says nothing.
    if (!existsSync(path)) throw new Error(`there is no icon at ${path}`)
    return { path }
  },
})

class FakeTray extends Events {
  image: string
  tooltip = ''
  menu: readonly Entry[] = []
  destroyed = false

  constructor(image: { path: string }) {
    super('tray', ['click'])
    this.image = image.path
    ui.trays.push(this)
  }
  setImage(image: { path: string }): void {
    this.image = image.path
  }
  setToolTip(text: string): void {
    this.tooltip = text
  }
  setContextMenu(menu: FakeMenu): void {
    this.menu = menu.entries
  }
  destroy(): void {
    this.destroyed = true
  }
}

/** `new` of this gives a strict instance. */
export const Tray = new Proxy(FakeTray, {
  construct: (made, args: [{ path: string }]) => strict('tray', new made(...args)),
})

export interface Shown {
  readonly title: string
  readonly body: string
  readonly actions: readonly unknown[]
  closed: boolean
  fire(event: string, ...args: unknown[]): void
}

class FakeNotification extends Events {
  readonly #shown: Shown
  static isSupported(): boolean {
    return true
  }
  constructor(options: { title: string; body: string; actions?: readonly unknown[] }) {
    super('notification', ['click', 'action', 'reply'])
    checkOptions('Notification', options, ['title', 'body', 'urgency', 'actions'])
    const { title, body, actions = [] } = options
    this.#shown = { title, body, actions, closed: false, fire: (event, ...args) => this.fire(event, ...args) }
  }
  show(): void {
    ui.notifications.push(this.#shown)
  }
  close(): void {
    this.#shown.closed = true
  }
}

export const Notification = new Proxy(FakeNotification, {
  construct: (made, args: [{ title: string; body: string }]) => strict('notification', new made(...args)),
  get: (made, key) =>
    key in made || typeof key === 'symbol' ? Reflect.get(made, key) : unknown(`Notification.${String(key)}`),
})

/** The entry with these words, wherever it is. */
export function findEntry(entries: readonly Entry[], label: string): Entry {
  for (const entry of entries) {
    if (entry.label === label) return entry
    const inside = entry.submenu?.find((one) => one.label === label)
    if (inside !== undefined) return inside
  }
  throw new Error(`no entry "${label}"`)
}
