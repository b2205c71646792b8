import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { schemaVersion } from '../../api/database/store.ts'
import { readJson } from '../lib/files.ts'
import { output } from '../lib/output.ts'
import { PRODUCTION, release } from '../lib/releases.ts'

/** `deploy-api.ts 2.0.0` releases the compiled API, once the database is what it needs. */
const version = process.argv[2] ?? ''
const build = readJson<{ version: string; schema: number }>(join('dist', 'api', 'build.json'))
if (build.version !== version)
  throw new Error(`dist/api is ${build.version}, not ${version}: build that version`)
const database = new DatabaseSync(PRODUCTION, { readOnly: true })
const schema = schemaVersion(database)
database.close()
if (schema < build.schema)
  throw new Error(`production is at schema ${schema}, the API needs ${build.schema}: migrate first`)

const { files } = release(version, 'api')
console.log(`released ${Object.keys(files).length} files of the API as ${version}, on schema ${schema}`)
output({ version, files: Object.keys(files).length })
