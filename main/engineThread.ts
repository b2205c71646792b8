import { parentPort, workerData } from 'node:worker_threads'
import { serveLocal } from './api/localServer.ts'
import { openHost } from './headless.ts'

/**
 * The engine's own thread under Electron, so that a slow disk never stalls a window. It hosts the data folder on the
 * local socket; the main process is a client of it like everyone else. Tells `ready`, or why not; ends on `close`.
 */
const { dataDir } = workerData as { readonly dataDir: string }
const opened = await openHost({ dataDir })
if (opened.ok) {
  const { host } = opened
  const server = await serveLocal(host.center, dataDir)
  parentPort?.once('message', () => {
    void server
      .close()
      .then(() => host.close())
      .then(() => process.exit(0))
  })
}
// A data folder that another process hosts is as good: the window becomes a client of that one.
parentPort?.postMessage({ type: 'ready', hosting: opened.ok })
