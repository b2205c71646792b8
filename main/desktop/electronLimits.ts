import { app, type Session, shell, type WebContents } from 'electron'
import { isOwnUrl, mayOpenOutside, mayUse } from './restrictions.ts'

/** Everything the pages may not do, for the pages of every window there will ever be. */
export function limitPages(): void {
  app.on('session-created', limitSession)
  app.on('web-contents-created', (_, contents) => limitContents(contents))
}

function limitSession(session: Session): void {
  session.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) => {
    answer(mayUse(permission, requestingUrl))
  })
  session.setPermissionCheckHandler((contents, permission) => mayUse(permission, contents?.getURL() ?? ''))
  session.setDevicePermissionHandler(() => false)
}

function limitContents(contents: WebContents): void {
  contents.on('will-frame-navigate', (event) => {
    if (isOwnUrl(event.url)) return
    event.preventDefault()
    if (event.isMainFrame) openOutside(event.url)
  })
  contents.on('will-redirect', (event) => {
    if (!isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
}

function openOutside(url: string): void {
  if (mayOpenOutside(url)) void shell.openExternal(url)
}
