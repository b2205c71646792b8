import { fireApp, serve } from './app.ts'
import { openPage, type StandInPage, toOwnUrl, toPageUrl } from './page.ts'
import { checkOptions, Events, fakeEvent, strict, unknown, unknownCalls } from './record.ts'

interface Options {
  readonly width: number
  readonly height: number
  readonly x?: number
  readonly y?: number
  readonly webPreferences: { readonly preload: string } & Record<string, unknown>
}

const WINDOW_OPTIONS = [
  'width',
  'height',
  'x',
  'y',
  'minWidth',
  'minHeight',
  'show',
  'title',
  'backgroundColor',
  'webPreferences',
]

/** What every window must be, whatever else it is. */
const REQUIRED: Readonly<Record<string, unknown>> = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
}

export const windows: FakeWindow[] = []

type IpcHandler = (event: { senderFrame: unknown }, args: unknown) => unknown

/** A window's contents: a page of a real Chromium. After a crash the next load makes another page. */
class FakeContents extends Events {
  readonly mainFrame = { url: '' }
  readonly handlers = new Map<string, IpcHandler>()
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  readonly ipc = strict('webContents.ipc', {
    handle: (channel: string, handler: IpcHandler) => void this.handlers.set(channel, handler),
  })
  readonly #preload: string
  #page: Promise<StandInPage> | undefined
  #current: StandInPage | undefined
  #loads = 0

  constructor(preload: string) {
    super('webContents', [
      'did-navigate',
      'render-process-gone',
      'will-frame-navigate',
      'will-redirect',
      'will-attach-webview',
    ])
    this.#preload = preload
  }

  send(channel: string, message: unknown): void {
    this.#current?.send(channel, message)
  }

  getURL(): string {
    return this.#current === undefined ? this.mainFrame.url : toOwnUrl(this.#current.page.url())
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }

  /** For the stand-in's own use, as all that follows. */
  async load(url: string): Promise<void> {
    this.#loads += 1
    const load = this.#loads
    this.#page ??= this.#open()
    const opened = await this.#page
    this.#current = opened
    this.mainFrame.url = url
    // A hash alone is no new page for a browser that is there already.
    if (opened.page.url().split('#')[0] === toPageUrl(url).split('#')[0])
      await opened.page.goto('about:blank')
    await opened.page.goto(toPageUrl(url))
    if (load !== this.#loads) throw new Error('ERR_ABORTED')
  }

  get page(): StandInPage['page'] {
    if (this.#current === undefined) throw new Error('there is no page yet')
    return this.#current.page
  }

  async close(): Promise<void> {
    // One that is still being opened may never be: the program has ended.
    const opened = await this.#page?.catch(() => undefined)
    await opened?.close()
  }

  #open(): Promise<StandInPage> {
    return openPage({
      preload: this.#preload,
      serve,
      invoke: async (channel, args, { main, url }) => {
        if (channel === 'unknown') return void unknownCalls.push(String(args))
        const handler = this.handlers.get(channel)
        if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
        if (main) this.mainFrame.url = url
        return await handler({ senderFrame: main ? this.mainFrame : { url } }, args)
      },
      onNavigated: () => this.fire('did-navigate', {}, this.getURL()),
      onCrash: () => {
        void this.#current?.close()
        this.#page = undefined
        this.#current = undefined
        this.fire('render-process-gone', {}, { reason: 'crashed', exitCode: 5 })
      },
    })
  }
}

class FakeWindow extends Events {
  readonly options: Options
  readonly contents: FakeContents
  readonly webContents: FakeContents
  visible = false
  focused = false
  destroyed = false
  title = ''
  progress = -1

  static getAllWindows(): readonly FakeWindow[] {
    return windows
  }

  constructor(options: Options) {
    super('window', [
      'close',
      'closed',
      'resize',
      'move',
      'unresponsive',
      'responsive',
      'page-title-updated',
      'ready-to-show',
      'session-end',
    ])
    checkOptions('BrowserWindow', options, WINDOW_OPTIONS)
    const { preload, ...limits } = options.webPreferences
    if (JSON.stringify(sorted(limits)) !== JSON.stringify(sorted(REQUIRED))) {
      unknown(`webPreferences ${JSON.stringify(limits)}`)
    }
    this.options = options
    this.contents = new FakeContents(preload)
    this.webContents = strict('webContents', this.contents)
  }

  async loadURL(url: string): Promise<void> {
    await this.contents.load(url)
    this.fire('ready-to-show')
  }
  show(): void {
    this.visible = true
    this.focused = true
  }
  hide(): void {
    this.visible = false
    this.focused = false
  }
  focus(): void {
    this.focused = true
  }
  maximize(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false
  }
  isMaximized(): boolean {
    return false
  }
  isVisible(): boolean {
    return this.visible
  }
  isFocused(): boolean {
    return this.focused
  }
  isDestroyed(): boolean {
    return this.destroyed
  }
  getNormalBounds(): object {
    const { x = 240, y = 90, width, height } = this.options
    return { x, y, width, height }
  }
  setTitle(title: string): void {
    this.title = title
  }
  setProgressBar(progress: number): void {
    this.progress = progress
  }
  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    windows.splice(windows.indexOf(this), 1)
    void this.contents.close()
    this.fire('closed')
    if (windows.length === 0) fireApp('window-all-closed')
  }

  /** For the stand-in's own use: the person closes it. */
  userCloses(): void {
    const event = fakeEvent({})
    this.fire('close', event)
    if (!event.prevented) this.destroy()
  }
}

function sorted(record: object): unknown {
  return Object.entries(record).sort(([a], [b]) => a.localeCompare(b))
}

export const BrowserWindow = new Proxy(FakeWindow, {
  construct(made, args: [Options]) {
    const window = new made(...args)
    windows.push(window)
    fireApp('web-contents-created', {}, window.webContents)
    const seen = strict('window', window)
    fireApp('browser-window-created', {}, seen)
    return seen
  },
  get: (made, key) =>
    key in made || typeof key === 'symbol' ? Reflect.get(made, key) : unknown(`BrowserWindow.${String(key)}`),
})
