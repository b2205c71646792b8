import { type BrowserWindow, ipcMain } from 'electron'
import type { ControlCenter } from '../engine/controlCenter.ts'

/** Answers the pages' requests and sends them events. Calls from any frame but the window's own are refused. */
export function serveBridge(window: BrowserWindow, center: ControlCenter): () => void {
  const abort = new AbortController()
  ipcMain.handle('amphitheatre:snapshot', async (event) => {
    if (event.senderFrame !== window.webContents.mainFrame) throw new Error('refused')
    return center.snapshot()
  })
  void forward(window, center, abort.signal)
  return () => {
    abort.abort()
    ipcMain.removeHandler('amphitheatre:snapshot')
  }
}

async function forward(window: BrowserWindow, center: ControlCenter, signal: AbortSignal): Promise<void> {
  const { seq } = await center.snapshot()
  for await (const event of center.events(seq, signal)) {
    if (!window.isDestroyed()) window.webContents.send('amphitheatre:event', event)
  }
}
