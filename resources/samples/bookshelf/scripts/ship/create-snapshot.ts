import { restore } from '../lib/dump.ts'
import { output } from '../lib/output.ts'
import { version } from '../lib/project.ts'
import { takeSnapshot } from '../lib/snapshots.ts'

/** Saves the database of production as it is before this version touches it. */
const database = restore('production/database.sql', ':memory:')
const { name, bytes, sha256, tables } = takeSnapshot(database, 'backups/production', `before-${version}`)
console.log(`snapshot ${name}: ${Object.keys(tables).length} tables, ${bytes} bytes, sha256 ${sha256}`)
output({ name, bytes, sha256 })
