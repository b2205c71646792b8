import { checkOptions, Events, fakeEvent, strict, unknown } from './record.ts'

/** What the stand-in remembers of calls that have no effect of their own. */
export const told = {
  badge: 0,
  openedOutside: [] as string[],
  shownFolders: [] as string[],
  errors: [] as string[],
  protocolClients: [] as string[],
  schemes: [] as unknown[],
  sandboxed: false,
  userData: '',
}

const appEvents = new Events('app', [
  'session-created',
  'web-contents-created',
  'browser-window-created',
  'second-instance',
  'open-url',
  'activate',
  'window-all-closed',
  'before-quit',
])

const ready = Promise.withResolvers<void>()
/** Set by the entry: ends the stand-in. */
let end = (_code: number): void => undefined

export function onEnd(how: (code: number) => void): void {
  end = how
}

/** As Electron does once the program's own code is loaded. */
export function becomeReady(): void {
  appEvents.fire('session-created', defaultSession)
  ready.resolve()
}

export const app = strict('app', {
  isPackaged: false,
  on: (event: string, listener: (...args: never[]) => void) => appEvents.on(event, listener),
  whenReady: () => ready.promise,
  requestSingleInstanceLock: () => process.env['STAND_IN_SECOND'] !== '1',
  quit() {
    const event = fakeEvent({})
    appEvents.fire('before-quit', event)
    if (!event.prevented) end(0)
  },
  exit: (code = 0) => end(code),
  enableSandbox() {
    told.sandboxed = true
  },
  setPath(name: string, path: string) {
    if (name !== 'userData') unknown(`app.setPath("${name}")`)
    told.userData = path
  },
  getPath(name: string) {
    if (name !== 'userData') unknown(`app.getPath("${name}")`)
    return told.userData
  },
  getVersion: () => '0.0.0-stand-in',
  getLocale: () => 'en-GB',
  setBadgeCount(count: number) {
    told.badge = count
    return true
  },
  setAsDefaultProtocolClient(scheme: string) {
    told.protocolClients.push(scheme)
    return true
  },
})

export const fireApp = (event: string, ...args: unknown[]): void => appEvents.fire(event, ...args)

/** What the program answers for its own scheme. */
let serveOwn: ((request: Request) => Promise<Response>) | undefined

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: unknown[]) => void told.schemes.push(...schemes),
  handle(scheme: string, handler: (request: Request) => Promise<Response>) {
    if (scheme !== 'app') unknown(`protocol.handle("${scheme}")`)
    serveOwn = handler
  },
})

export function serve(url: string): Promise<Response> {
  if (serveOwn === undefined) throw new Error('the program serves nothing yet')
  return serveOwn({ url, method: 'GET' } as Request)
}

type Handler = (...args: never[]) => unknown

/** The handlers of the session; the stand-in asks them what it is asked. */
export const sessionHandlers: { request?: Handler; check?: Handler; device?: Handler } = {}

const defaultSession = strict('session', {
  setPermissionRequestHandler(handler: Handler) {
    sessionHandlers.request = handler
  },
  setPermissionCheckHandler(handler: Handler) {
    sessionHandlers.check = handler
  },
  setDevicePermissionHandler(handler: Handler) {
    sessionHandlers.device = handler
  },
})

export const shell = strict('shell', {
  openExternal: async (url: string) => void told.openedOutside.push(url),
  openPath: async (path: string) => {
    told.shownFolders.push(path)
    return ''
  },
})

export const screen = strict('screen', {
  getPrimaryDisplay: () => DISPLAY,
  getAllDisplays: () => [DISPLAY],
})
const DISPLAY = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } }

const powerEvents = new Events('powerMonitor', ['shutdown'])
export const powerMonitor = strict('powerMonitor', {
  on: (event: string, listener: (...args: never[]) => void) => powerEvents.on(event, listener),
})
export const firePower = (event: string): void => powerEvents.fire(event)

/** Dialogs nobody has answered. */
export const dialogs: { readonly options: DialogOptions; answer(button: number): void }[] = []

export interface DialogOptions {
  readonly message: string
  readonly detail: string
  readonly buttons: readonly string[]
  readonly cancelId: number
  readonly signal?: AbortSignal
}

const DIALOG_OPTIONS = ['type', 'message', 'detail', 'buttons', 'defaultId', 'cancelId', 'noLink', 'signal']

export const dialog = strict('dialog', {
  showMessageBox: (...args: unknown[]) => {
    const options = args.at(-1) as DialogOptions
    checkOptions('dialog.showMessageBox', options, DIALOG_OPTIONS)
    return new Promise<{ response: number }>((resolve) => {
      const asked = {
        options,
        answer(button: number) {
          dialogs.splice(dialogs.indexOf(asked), 1)
          resolve({ response: button })
        },
      }
      dialogs.push(asked)
      options.signal?.addEventListener('abort', () => asked.answer(options.cancelId), { once: true })
    })
  },
  showErrorBox: (title: string, text: string) => void told.errors.push(`${title}: ${text}`),
})
