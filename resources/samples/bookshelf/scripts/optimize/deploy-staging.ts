import assert from 'node:assert/strict'
import { cpSync, mkdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { buildApi } from '../lib/buildApi.ts'
import { buildWeb } from '../lib/buildWeb.ts'
import { hashesBelow, writeJson } from '../lib/files.ts'
import { migrate } from '../lib/migrations.ts'
import { STAGING_SNAPSHOT } from '../lib/optimization.ts'
import { output } from '../lib/output.ts'
import { startServer } from '../lib/server.ts'
import { differences, readManifest } from '../lib/snapshots.ts'
import { integrityProblems, tableStates } from '../lib/tables.ts'

const DATABASE = 'staging/staging.db'

/** Migrates staging, with its snapshot at hand, and starts the new build on it. */
mkdirSync('staging', { recursive: true })
cpSync('var/staging.db', DATABASE)
const database = new DatabaseSync(DATABASE)
const { folder, name } = STAGING_SNAPSHOT
const unsaved = differences(readManifest(folder, name).tables, tableStates(database))
if (unsaved.length > 0)
  throw new Error(`snapshot ${name} is of other data (${unsaved.join(', ')}): take a new one`)
migrate(database)
database.exec('ANALYZE')
assert.deepEqual(integrityProblems(database), [])
database.close()

const { version, schema } = buildApi('staging/api')
buildWeb('staging/web')
await using server = await startServer({ build: 'staging', database: DATABASE })
for (const path of ['/', '/healthz', '/api/books?q=River', '/api/overdue', '/api/members/Member%201/loans'])
  assert.equal((await fetch(server.url + path)).status, 200, path)
writeJson('staging/release.json', {
  version,
  schema,
  api: hashesBelow('staging/api'),
  web: hashesBelow('staging/web'),
})
console.log(`staging runs ${version} on schema ${schema}`)
output({ version, schema })
