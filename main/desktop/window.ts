import { join } from 'node:path'
import { BrowserWindow, session } from 'electron'

/** Electron's security checklist as one list: sandboxed, isolated, going nowhere, allowed nothing. */
export function openWindow(root: string): BrowserWindow {
  session.defaultSession.setPermissionRequestHandler((_, __, answer) => answer(false))
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 700,
    show: false,
    backgroundColor: '#0c0f13',
    webPreferences: {
      preload: join(root, 'preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
    },
  })
  window.webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  window.webContents.on('will-navigate', (event) => event.preventDefault())
  window.once('ready-to-show', () => window.show())
  return window
}
