import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'
import type { ThreadData } from '../engine.ts'

/** The engine's thread, which dies without a word when a file `die` appears in its data folder. */
const { dataDir } = workerData as ThreadData
await import('../../engineThread.ts')
setInterval(() => {
  if (existsSync(join(dataDir, 'die'))) throw new Error('died')
}, 10).unref()
