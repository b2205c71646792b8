import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { app } from 'electron'
import { connectLocal } from './api/localClient.ts'
import { serveBridge } from './desktop/bridge.ts'
import { openWindow } from './desktop/window.ts'

/** Electron's composition root: the engine on a thread of its own, one window, a bridge between them. */
if (!app.requestSingleInstanceLock()) app.quit()
else void start()

async function start(): Promise<void> {
  await app.whenReady()
  const dataDir = process.env.AMPHITHEATRE_DATA ?? join(app.getPath('userData'), 'data')
  const engine = new Worker(join(import.meta.dirname, 'engineThread.js'), { workerData: { dataDir } })
  await once(engine, 'message')
  const center = await connectLocal(dataDir)
  if (center === undefined) throw new Error(`no engine answers for ${dataDir}`)
  const root = join(import.meta.dirname, '..')
  const window = openWindow(root)
  const stop = serveBridge(window, center)
  app.on('second-instance', () => window.focus())
  app.on('window-all-closed', () => {
    stop()
    engine.postMessage('close')
    void once(engine, 'exit').then(() => app.quit())
  })
  await window.loadFile(join(root, 'renderer/index.html'))
}
