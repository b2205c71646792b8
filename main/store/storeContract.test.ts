import { join } from 'node:path'
import { describe, vi } from 'vitest'
import { memoryDisk, openMemoryStore } from './memoryStore.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { storeContract } from './testing/storeContract.ts'
import { tempFolder } from './testing/tempFolder.ts'

// Seconds at most; the limit is for a machine that is busy with other things.
vi.setConfig({ testTimeout: 60_000 })

describe('in memory', () => {
  storeContract(() => {
    const disk = memoryDisk()
    return async () => openMemoryStore(disk)
  })
})

describe('in SQLite', () => {
  storeContract(() => {
    const file = join(tempFolder(), 'log.database')
    return () => openSqliteStore({ file })
  })
})
