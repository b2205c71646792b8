import { parentPort, workerData } from 'node:worker_threads'
import { serveLocal } from './api/localServer.ts'
import type { ThreadData, ThreadNews } from './desktop/engine.ts'
import { type Host, openHost } from './headless.ts'

/**
 * The engine's own thread under Electron, so that a slow disk never stalls a window. It hosts the data folder on the
 * local socket; the main process is a client of it like everyone else. Tells once how its start went and ends unless
 * it hosts; ends when it is told `close`.
 */
const { dataDir, processes } = workerData as ThreadData
const port = parentPort!
const tell = (news: ThreadNews): void => port.postMessage(news)

try {
  const log = (line: string): void => console.error(line)
  const opened = await openHost({ dataDir, log, ...(processes === undefined ? {} : { processes }) })
  // A data folder that another process hosts is as good: the window becomes a client of that one.
  if (opened.ok) await serve(opened.host)
  else tell({ type: 'busy' })
} catch (error) {
  const { message, remedy } = error as { message?: string; remedy?: string }
  tell({
    type: 'failed',
    message: message ?? String(error),
    remedy: remedy ?? 'It is being tried again.',
  })
}

async function serve(host: Host): Promise<void> {
  try {
    const server = await serveLocal(host.center, dataDir)
    port.once('message', () => {
      void server
        .close()
        .then(() => host.close())
        .finally(() => process.exit(0))
    })
  } catch (error) {
    await host.close()
    throw error
  }
  tell({ type: 'ready' })
}
