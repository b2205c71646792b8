import { join } from 'node:path'
import { describe } from 'vitest'
import { memoryDisk, openMemoryStore } from './memoryStore.ts'
import { openSqliteStore } from './sqliteStore.ts'
import { storeContract } from './testing/storeContract.ts'
import { tempFolder } from './testing/tempFolder.ts'

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
