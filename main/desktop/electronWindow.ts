import { join } from 'node:path'
import { BrowserWindow } from 'electron'
import type { Reply } from '../../preload/contract.ts'
import { requestSchemas } from '../../preload/schemas.ts'
import type { WindowOptions, WindowPart } from './parts.ts'
import { isTrusted } from './restrictions.ts'
import { MIN_SIZE } from './windowState.ts'

const BACKGROUND = '#0c0f13'

/** A window for the pages and nothing else: sandboxed, isolated, without Node. `root` is the folder of the bundles. */
export function openElectronWindow(root: string, options: WindowOptions): WindowPart {
  const { width, height, position, maximized } = options.placement
  const window = new BrowserWindow({
    width,
    height,
    ...position,
    minWidth: Math.min(MIN_SIZE.width, width),
    minHeight: Math.min(MIN_SIZE.height, height),
    show: false,
    title: 'Amphitheatre',
    backgroundColor: BACKGROUND,
    webPreferences: {
      preload: join(root, 'preload/index.cjs'),
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
    },
  })
  if (maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  listen(window, options)
  const part = partOf(window)
  part.load(options.url)
  return part
}

function listen(window: BrowserWindow, { events }: WindowOptions): void {
  const { webContents } = window
  window.on('close', (event) => {
    if (events.onClose()) event.preventDefault()
  })
  window.on('closed', () => events.onClosed())
  window.on('resize', () => events.onMoved())
  window.on('move', () => events.onMoved())
  window.on('unresponsive', () => events.onUnresponsive())
  window.on('responsive', () => events.onResponsive())
  // The program says what the title is.
  window.on('page-title-updated', (event) => event.preventDefault())
  webContents.on('did-navigate', () => events.onNewPage())
  webContents.on('render-process-gone', (_, { reason }) => {
    if (reason !== 'clean-exit') events.onCrash(reason)
  })
}

function partOf(window: BrowserWindow): WindowPart {
  const { webContents } = window
  const alive = (act: () => void): void => {
    if (!window.isDestroyed()) act()
  }
  return {
    // A load rejects when another one overtakes it or its window goes; what became of the page its events tell.
    load: (url) => alive(() => void window.loadURL(url).catch(() => undefined)),
    show: () =>
      alive(() => {
        if (window.isMinimized()) window.restore()
        window.show()
        window.focus()
      }),
    hide: () => alive(() => window.hide()),
    destroy: () => alive(() => window.destroy()),
    isFocused: () => !window.isDestroyed() && window.isVisible() && window.isFocused(),
    bounds: () => ({ ...window.getNormalBounds(), maximized: window.isMaximized() }),
    url: () => (window.isDestroyed() ? '' : webContents.getURL()),
    post: (name, message) => alive(() => webContents.send(`amphitheatre:${name}`, packed(message))),
    answer: (request) => answer(window, request),
    setTitle: (title) => alive(() => window.setTitle(title)),
    // Above 1 is Electron's word for a progress whose end is not known.
    setBusy: () => alive(() => window.setProgressBar(2)),
  }
}

/** Only the pages' own frame of this very window is answered. */
function answer(window: BrowserWindow, request: (name: string, args: unknown) => Promise<Reply>): void {
  for (const name of Object.keys(requestSchemas)) {
    window.webContents.ipc.handle(`amphitheatre:${name}`, (event, args: unknown) => {
      const main = window.isDestroyed() ? undefined : window.webContents.mainFrame
      if (!isTrusted({ frame: event.senderFrame, main })) throw new Error('refused')
      return request(name, args)
    })
  }
}

/** A piece of a large buffer would travel with all of the buffer. */
function packed(message: object): object {
  return 'data' in message && message.data instanceof Uint8Array
    ? { ...message, data: new Uint8Array(message.data) }
    : message
}
