import { join } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  type MenuItemConstructorOptions,
  Notification,
  nativeImage,
  screen,
  shell,
  Tray,
} from 'electron'
import { assertNever } from '../domain/assertNever.ts'
import type { NotificationLook, ShownNotification } from '../notices/notifier.ts'
import { openElectronWindow } from './electronWindow.ts'
import type { DesktopParts, DialogQuestion, MenuEntry, TrayPart } from './parts.ts'
import type { Look } from './summary.ts'

export interface ElectronPartsOptions {
  /** The folder of the bundles. */
  readonly root: string
  readonly icons: string
  readonly exit: () => void
}

/** Electron as the desktop wants it. No decisions are made here. */
export function electronParts({ root, icons, exit }: ElectronPartsOptions): DesktopParts {
  const { platform } = process
  return {
    platform,
    openWindow: (options) => openElectronWindow(root, options),
    screens: () => {
      const main = screen.getPrimaryDisplay()
      const others = screen.getAllDisplays().filter((display) => display.id !== main.id)
      return [main, ...others].map((display) => display.workArea)
    },
    openTray: (onClick) => openTray(icons, onClick),
    notify,
    badge: (count, description) => badge(icons, count, description),
    ask,
    setMenu: (menu) => Menu.setApplicationMenu(menuOf(menu)),
    showFolder: (path) => void shell.openPath(path),
    exit,
  }
}

function openTray(icons: string, onClick: () => void): TrayPart | undefined {
  let tray: Tray
  try {
    tray = new Tray(nativeImage.createFromPath(trayIcon(icons, 'idle')))
  } catch {
    return undefined
  }
  // macOS and Linux open the menu on a click.
  if (process.platform === 'win32') tray.on('click', onClick)
  return {
    set(look, tooltip) {
      tray.setImage(nativeImage.createFromPath(trayIcon(icons, look)))
      tray.setToolTip(tooltip)
    },
    setMenu: (menu) => tray.setContextMenu(menuOf(menu)),
    close: () => tray.destroy(),
  }
}

/** Electron takes the file with `@2x` in its name where the screen wants it. */
function trayIcon(icons: string, look: Look): string {
  switch (process.platform) {
    case 'darwin':
      return join(icons, `tray-${look}-16Template.png`)
    case 'win32':
      return join(icons, `tray-${look}-16.png`)
    default:
      return join(icons, `tray-${look}-22.png`)
  }
}

function notify(look: NotificationLook): ShownNotification | undefined {
  if (!Notification.isSupported()) return undefined
  const buttons = process.platform === 'linux' ? [] : look.buttons
  const notification = new Notification({
    title: look.title,
    body: look.body,
    urgency: look.urgent ? 'critical' : 'normal',
    actions: buttons.map((text) => ({ type: 'button', text })),
    ...(look.reply === null ? {} : { hasReply: true, replyPlaceholder: look.reply }),
  })
  notification.on('click', () => look.onClick())
  notification.on('action', ({ actionIndex }) => look.onButton(actionIndex))
  notification.on('reply', ({ reply }) => look.onReply(reply))
  notification.show()
  return { close: () => notification.close() }
}

function badge(icons: string, count: number, description: string): void {
  if (process.platform !== 'win32') {
    app.setBadgeCount(count)
    return
  }
  const overlay = count === 0 ? null : nativeImage.createFromPath(join(icons, 'tray-needs-you-16.png'))
  for (const window of BrowserWindow.getAllWindows()) window.setOverlayIcon(overlay, description)
}

async function ask(question: DialogQuestion): Promise<number> {
  const options = {
    type: 'question' as const,
    message: question.message,
    detail: question.detail,
    buttons: [...question.buttons],
    defaultId: question.preferred,
    cancelId: question.cancel,
    noLink: true,
    ...(question.signal === undefined ? {} : { signal: question.signal }),
  }
  const parent = BrowserWindow.getAllWindows().find((window) => window.isVisible())
  const { response } =
    parent === undefined ? await dialog.showMessageBox(options) : await dialog.showMessageBox(parent, options)
  return response
}

function menuOf(entries: readonly MenuEntry[]): Menu {
  return Menu.buildFromTemplate(entries.map(templateOf))
}

function templateOf(entry: MenuEntry): MenuItemConstructorOptions {
  switch (entry.kind) {
    case 'line':
      return { type: 'separator' }
    case 'role':
      return { role: entry.role }
    case 'item':
      return {
        label: entry.label,
        enabled: entry.enabled ?? true,
        click: () => entry.run(),
        ...(entry.keys === undefined ? {} : { accelerator: entry.keys }),
      }
    case 'menu':
      return { label: entry.label, submenu: entry.entries.map(templateOf) }
    default:
      return assertNever(entry, 'unknown menu entry')
  }
}
