import { mkdirSync, rmSync } from 'node:fs'
import { migrationsBefore, STAGING_SNAPSHOT } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { sampleStore } from '../lib/sampleStore.ts'
import { takeSnapshot, verifySnapshot } from '../lib/snapshots.ts'

const DATABASE = 'var/staging.db'

/** Saves the staging database as it is before the indexes, and proves that the copy restores. */
mkdirSync('var', { recursive: true })
rmSync(DATABASE, { force: true })
const { database } = sampleStore(DATABASE, migrationsBefore())
const { folder, name } = STAGING_SNAPSHOT
const { bytes, sha256, schema } = takeSnapshot(database, folder, name)
database.close()
const problems = verifySnapshot(folder, name)
if (problems.length > 0) throw new Error(`snapshot ${name} cannot be relied on: ${problems.join('; ')}`)
console.log(`snapshot ${name} of schema ${schema}: ${bytes} bytes, restored and compared`)
output({ bytes, sha256 })
