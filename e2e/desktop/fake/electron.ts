/** What the program gets when it imports `electron` in the stand-in. What it needs beyond this is an error at once. */
export { app, dialog, powerMonitor, protocol, screen, shell } from './app.ts'
export { Menu, Notification, nativeImage, Tray } from './ui.ts'
export { BrowserWindow } from './window.ts'
