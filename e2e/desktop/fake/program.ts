import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { app, becomeReady, dialogs, fireApp, firePower, onEnd, sessionHandlers, told } from './app.ts'
import { closeBrowser } from './page.ts'
import { fakeEvent, unknownCalls } from './record.ts'
import { findEntry, ui } from './ui.ts'
import { windows } from './window.ts'

/**
 * A process that runs the built main bundle with the stand-in in the place of Electron: `program.ts BUNDLE WORDS…`.
 * The test that started it tells it over the process's channel what a person or the system does.
 */
const [bundle, ...words] = process.argv.slice(2)
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context)
    return { url: pathToFileURL(join(import.meta.dirname, 'electron.ts')).href, shortCircuit: true }
  },
})
process.argv = ['/opt/electron', '/opt/program', ...words]

const window = (): (typeof windows)[number] => {
  const [first] = windows
  if (first === undefined) throw new Error('there is no window')
  return first
}

/** What a test may do and ask, by name. Arguments and results are plain data. */
const CALLS = {
  unknownCalls: () => unknownCalls,
  told: () => told,
  windows: () =>
    windows.map(({ visible, focused, title, progress, options, contents }) => ({
      visible,
      focused,
      title,
      progress,
      width: options.width,
      url: contents.getURL(),
    })),
  trays: () => ui.trays.map(({ image, tooltip, destroyed }) => ({ image, tooltip, destroyed })),
  trayLabels: () => ui.trays[0]!.menu.flatMap(({ label }) => label ?? []),
  menuLabels: () => ui.menu.map(({ label }) => label),
  notifications: () =>
    ui.notifications.map(({ title, body, closed, actions }) => ({ title, body, closed, actions })),
  dialogs: () => dialogs.map(({ options }) => ({ message: options.message, buttons: options.buttons })),
  evaluate: (script: string) => window().contents.page.evaluate(script),
  clickTray: (label: string) => findEntry(ui.trays[0]!.menu, label).click!(),
  clickMenu: (label: string) => findEntry(ui.menu, label).click!(),
  clickNotification: (index: number) => ui.notifications[index]!.fire('click', {}),
  answer: (button: number) => dialogs[0]!.answer(button),
  closeWindow: () => window().userCloses(),
  blur() {
    window().focused = false
  },
  unresponsive: () => window().fire('unresponsive'),
  async crash() {
    const session = await window().contents.page.context().newCDPSession(window().contents.page)
    void session.send('Page.crash').catch(() => undefined)
  },
  start: (argv: readonly string[], cwd: string) =>
    fireApp('second-instance', {}, ['/opt/electron', '/opt/program', ...argv], cwd),
  openUrl: (url: string) => fireApp('open-url', fakeEvent({}), url),
  activate: () => fireApp('activate'),
  quit: () => app.quit(),
  shutdown: () => firePower('shutdown'),
  /** Is the page kept where it is? */
  navigate(url: string) {
    const event = fakeEvent({ url, isMainFrame: true })
    window().contents.fire('will-frame-navigate', event)
    return event.prevented
  },
  openWindow: (url: string) => window().contents.openHandler!({ url }).action,
  attachWebview() {
    const event = fakeEvent({})
    window().contents.fire('will-attach-webview', event)
    return event.prevented
  },
  permission: (permission: string, url: string) =>
    new Promise((resolve) => {
      const ask = sessionHandlers.request as (...args: unknown[]) => void
      ask({}, permission, resolve, { requestingUrl: url })
    }),
  device: () => (sessionHandlers.device as () => boolean)(),
  /** A call from a frame that is not the window's own. */
  async foreignCall(url: string) {
    const handler = window().contents.handlers.get('amphitheatre:snapshot')!
    try {
      return await handler({ senderFrame: { url } }, {})
    } catch (error) {
      return (error as Error).message
    }
  },
} as const

export type StandInCalls = typeof CALLS

interface Request {
  readonly id: number
  readonly name: keyof StandInCalls
  readonly args: readonly unknown[]
}

process.on('message', ({ id, name, args }: Request) => {
  const call = CALLS[name] as (...all: readonly unknown[]) => unknown
  // A step later, so that a call that throws rejects.
  Promise.resolve()
    .then(() => call(...args))
    .then(
      (result) => process.send?.({ id, result: result ?? null }),
      (error: unknown) => process.send?.({ id, error: String((error as Error).stack ?? error) }),
    )
})
// The test is gone: nothing may be left.
process.on('disconnect', () => void closeBrowser().then(() => process.exit(70)))

onEnd((code) => {
  void closeBrowser().then(() => {
    process.send?.({ unknownCalls })
    process.exit(unknownCalls.length > 0 ? 71 : code)
  })
})

await import(pathToFileURL(bundle!).href)
becomeReady()
